package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.files.Reason;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// A verb's end that a user can do something about: what to say, without names of classes, and the
/// exit status.
///
/// Files that go away, folders that are private and memory that is full can meet any line of code;
/// those that nobody on the way has put into words are put into words here. All else is a defect of
/// ours and keeps its trace.
record Failure(String text, int status) {

    private static final String UTF_8 = "UTF-8";

    /// What to say of an exception or an error; nothing if it is a defect.
    static Optional<Failure> of(Throwable thrown) {
        return switch (thrown) {
            case InputException e -> failure(String.valueOf(e.getMessage()), Isoflop.WRONG_INPUT);
            case RunException e -> failure(String.valueOf(e.getMessage()), Isoflop.FAILED);
            case UncheckedIOException e -> of(Objects.requireNonNull(e.getCause()));
            case FileSystemException e when e.getFile() != null ->
                    failure(
                            "%s cannot be used: %s".formatted(e.getFile(), Reason.of(e)),
                            Isoflop.FAILED);
            case IOException e ->
                    failure("a file could not be read or written: " + Reason.of(e), Isoflop.FAILED);
            case InvalidPathException e -> failure(unnameable(e), Isoflop.WRONG_INPUT);
            case OutOfMemoryError e -> failure(full(e), Isoflop.FAILED);
            default -> Optional.empty();
        };
    }

    private static Optional<Failure> failure(String text, int status) {
        return Optional.of(new Failure(text, status));
    }

    /// Why a text is no path.
    static String unnameable(InvalidPathException e) {
        String charset = System.getProperty("sun.jnu.encoding", UTF_8);
        String why =
                charset.equals(UTF_8)
                        ? "it holds a character that no file's name can have"
                        : "the locale's charset is %s, which cannot name it; set LC_ALL=C.UTF-8, as the launcher does"
                                .formatted(charset);
        return "%s is no path here: %s".formatted(e.getInput().replace('\0', '\uFFFD'), why);
    }

    /// Which memory is full. Messages are those of HotSpot, and of JavaCPP for what is outside.
    private static String full(OutOfMemoryError e) {
        String message = String.valueOf(e.getMessage());
        boolean heap =
                message.contains("Java heap")
                        || message.contains("GC overhead")
                        || message.contains("array size");
        return heap
                ? String.format(
                        Locale.ROOT,
                        "Java's own memory of %,d MiB is full: something that was read is larger"
                            + " than it should be, or it needs more: ISOFLOP_JAVA_OPTIONS=-Xmx8g",
                        Runtime.getRuntime().maxMemory() >> 20)
                : "memory is full (" + message + "); a smaller micro-batch needs less";
    }
}
