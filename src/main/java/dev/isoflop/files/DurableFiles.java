package dev.isoflop.files;

import dev.isoflop.fault.RunException;
import dev.isoflop.run.RunFolder;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/// Writes files that are either whole or not there.
///
/// The content goes to a hidden neighbour (`.NAME.partial`), is forced to the disk, and is then
/// renamed; the folder is forced last. A process killed at any moment, or a disk that fills, leaves
/// what was there before. One process at a time may write a path: see [RunFolder]'s lock.
public final class DurableFiles {

    private DurableFiles() {}

    /// Writes the content of a file.
    @FunctionalInterface
    public interface FileContent {
        /// Writes everything; the stream is buffered and is closed by the caller.
        void writeTo(OutputStream out) throws IOException;
    }

    /// Replaces a file, or makes it and the folders above it.
    ///
    /// @throws RunException if it cannot be written, for instance for want of space; the file is
    ///   then as it was
    public static void write(Path file, FileContent content) {
        Path partial = partial(file);
        try {
            makeFolder(parent(file));
            try (FileChannel channel =
                            FileChannel.open(
                                    partial,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.TRUNCATE_EXISTING);
                    OutputStream out =
                            new BufferedOutputStream(Channels.newOutputStream(channel))) {
                content.writeTo(out);
                out.flush();
                channel.force(true);
            }
            Files.move(
                    partial,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            forceFolder(parent(file));
        } catch (IOException e) {
            deleteQuietly(partial);
            throw unwritten(file, e);
        }
    }

    /// Replaces a file by these bytes.
    ///
    /// @throws RunException if it cannot be written; the file is then as it was
    public static void write(Path file, byte[] bytes) {
        write(file, out -> out.write(bytes));
    }

    /// What to tell when a path could not be written.
    public static RunException unwritten(Path path, IOException e) {
        if (isFull(e)) {
            return new RunException(
                    "no space left on the disk while writing %s; what was there before is kept. Free some space, then continue with --resume"
                            .formatted(path),
                    e);
        }
        return new RunException(
                path + " cannot be written: " + reason(e) + "; what was there before is kept", e);
    }

    private static boolean isFull(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return Stream.of("no space left", "not enough space", "quota exceeded")
                .anyMatch(message::contains);
    }

    private static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "something is in its place already";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static Path partial(Path path) {
        Path absolute = path.toAbsolutePath();
        return absolute.resolveSibling("." + absolute.getFileName() + ".partial");
    }

    private static Path parent(Path path) {
        return Objects.requireNonNull(
                path.toAbsolutePath().getParent(), "the root is no place to write");
    }

    /// Makes a folder and those above it, and forces their names to the disk.
    private static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            makeFolder(parent(folder));
            Files.createDirectories(folder);
            forceFolder(parent(folder));
        }
    }

    /// Forces the names in a folder to the disk, where the system lets a folder be opened.
    private static void forceFolder(Path folder) throws IOException {
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        } catch (AccessDeniedException e) {
            // Windows opens no folders, and writes their names by itself
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // the fault that led here is the one to tell; the next write begins by removing this
        }
    }
}
