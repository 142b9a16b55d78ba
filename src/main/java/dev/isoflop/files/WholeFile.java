package dev.isoflop.files;

import dev.isoflop.fault.InputException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// Files that are read whole: up to a size, and only what has an end.
///
/// A file of ours is small beside the memory; whatever is larger than it can be, is another file,
/// and whatever never ends, such as `/dev/zero`, is none.
public final class WholeFile {

    /// A list, a table of names or a tokenizer, in bytes.
    public static final long TEXT = 64L << 20;

    /// What grows with a run, in bytes: a million steps take a fifth of it.
    public static final long RECORD = 1L << 30;

    private static final int TYPE = 0170000; // of a file's mode, as in POSIX's sys/stat.h
    private static final int PIPE = 0010000;

    private WholeFile() {}

    /// The bytes of a file, or of a pipe until its other end is closed.
    ///
    /// @param most bytes, below 2 GiB
    /// @param what it should be, for the error: `a recipe`
    /// @throws InputException if it is a folder or a device, or has more bytes
    /// @throws IOException if there is no such file, or it cannot be read
    public static byte[] bytes(Path file, long most, String what) throws IOException {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        if (found.isDirectory()) {
            throw new InputException(file + " is a folder; name a file");
        }
        if (found.isOther() && !isPipe(file)) {
            throw new InputException(file + " is a device; name a file, or a pipe that ends");
        }
        if (found.size() > most) {
            throw tooLong(file, most, what);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(Math.toIntExact(most));
            if (in.read() >= 0) {
                throw tooLong(file, most, what);
            }
            return bytes;
        }
    }

    /// The text of such a file, which must be UTF-8.
    ///
    /// @throws InputException also if it is not
    /// @throws IOException if there is no such file, or it cannot be read
    public static String text(Path file, long most, String what) throws IOException {
        return Utf8.text(file.toString(), bytes(file, most, what));
    }

    private static InputException tooLong(Path file, long most, String what) {
        return new InputException(
                "%s has more than %d MiB, too much for %s; is it another file?"
                        .formatted(file, most >> 20, what));
    }

    /// Whether what is neither file nor folder is a pipe; where the system does not say, it may be.
    private static boolean isPipe(Path file) throws IOException {
        return !file.getFileSystem().supportedFileAttributeViews().contains("unix")
                || (Files.getAttribute(file, "unix:mode") instanceof Integer mode
                        && (mode & TYPE) == PIPE);
    }
}
