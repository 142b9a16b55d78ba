package dev.isoflop.run;

import dev.isoflop.fault.RunException;

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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/// Writes files and folders that are either whole or not there.
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

    /// Fills a new folder.
    @FunctionalInterface
    public interface FolderContent {
        /// Writes files into the empty folder, which is renamed when this returns.
        void fill(Path folder) throws IOException;
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

    /// Makes a folder with all that is in it.
    ///
    /// @throws RunException if it cannot be written, or is there already; nothing is then changed
    public static void writeFolder(Path folder, FolderContent content) {
        Path partial = partial(folder);
        try {
            if (Files.exists(folder)) {
                throw new FileAlreadyExistsException(folder.toString(), null, "is there already");
            }
            deleteTree(partial);
            makeFolder(partial);
            content.fill(partial);
            forceTree(partial);
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(parent(folder));
        } catch (IOException e) {
            deleteQuietly(partial);
            throw unwritten(folder, e);
        } catch (RuntimeException e) {
            deleteQuietly(partial);
            throw e;
        }
    }

    /// Removes a folder with all that is in it, so that no part of it is ever seen under its name.
    ///
    /// @throws RunException if it cannot be removed
    public static void deleteFolder(Path folder) {
        Path partial = partial(folder);
        try {
            deleteTree(partial);
            if (Files.exists(folder)) {
                Files.move(folder, partial, StandardCopyOption.ATOMIC_MOVE);
                deleteTree(partial);
            }
        } catch (IOException e) {
            throw new RunException(folder + " cannot be removed: " + reason(e), e);
        }
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

    private static void forceTree(Path folder) throws IOException {
        for (Path path : deepestFirst(folder)) {
            if (Files.isDirectory(path)) {
                forceFolder(path);
            } else {
                try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    file.force(true);
                }
            }
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
            deleteTree(path);
        } catch (IOException e) {
            // the fault that led here is the one to tell; the next write begins by removing this
        }
    }

    private static void deleteTree(Path path) throws IOException {
        if (Files.exists(path) || Files.isSymbolicLink(path)) {
            for (Path part : deepestFirst(path)) {
                Files.delete(part);
            }
        }
    }

    private static List<Path> deepestFirst(Path path) throws IOException {
        try (Stream<Path> parts = Files.walk(path)) {
            return parts.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
