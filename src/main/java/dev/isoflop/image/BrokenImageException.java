package dev.isoflop.image;

/// An image file that cannot be used: truncated, damaged, of an unknown format or too large.
public final class BrokenImageException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final String reason;

    /// @param name the file, as its dataset names it
    /// @param reason what is wrong with it, without its name
    public BrokenImageException(String name, String reason) {
        super(name + ": " + reason);
        this.name = name;
        this.reason = reason;
    }

    public String name() {
        return name;
    }

    public String reason() {
        return reason;
    }
}
