package dev.isoflop.carbon;

/// NVIDIA's management library answered with an error, or is not there.
final class NvmlException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int code;

    /// @param code the library's number; 0 where it was not asked
    NvmlException(int code, String message) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }
}
