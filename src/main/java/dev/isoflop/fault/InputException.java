package dev.isoflop.fault;

/// What the user gave cannot be used: the message says where, what was found and what would do.
///
/// The command line prints the message without a stack trace and exits with status 2.
public final class InputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public InputException(String message) {
        super(message);
    }

    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
