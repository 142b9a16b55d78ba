package dev.isoflop.fault;

/// A run that began well and cannot go on: the message says what happened, what is kept and what to
/// try.
///
/// The command line prints the message without a stack trace and exits with status 1.
public final class RunException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RunException(String message) {
        super(message);
    }

    public RunException(String message, Throwable cause) {
        super(message, cause);
    }
}
