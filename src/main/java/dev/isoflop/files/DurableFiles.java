package dev.isoflop.files;

import dev.isoflop.fault.RunException;
import dev.isoflop.run.RunFolder;

import org.jspecify.annotations.Nullable;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Writes files that are either whole or not there, and writes through whatever is no file.
///
/// The content goes to a hidden neighbour (`.NAME.partial`), is forced to the disk, and is then
/// renamed; the folder is forced last. A process killed at any moment, or a disk that fills, leaves
/// what was there before. One process at a time may write a path: see [RunFolder]'s lock.
///
/// Only a file is replaced so. A link stays, and the file that it leads to is replaced; a device, a
/// pipe or a stream of this process, such as `/dev/stdout`, is opened and written to, and stays
/// what it is.
public final class DurableFiles {

    private static final int MOST_LINKS = 40; // as Linux follows them
    private static final List<Path> STREAMS = List.of(Path.of("/proc"), Path.of("/dev/fd"));

    private DurableFiles() {}

    /// Writes the content of a file.
    @FunctionalInterface
    public interface FileContent {
        /// Writes everything; the stream is buffered and is closed by the caller.
        void writeTo(OutputStream out) throws IOException;
    }

    /// Replaces a file, or makes it and the folders above it; writes through a device or a pipe.
    ///
    /// @throws RunException if it cannot be written, for instance for want of space; a file is then
    ///   as it was
    public static void write(Path file, FileContent content) {
        Optional<Path> stream = openStream(file);
        if (stream.isPresent()) {
            writeStream(file, stream.get(), content);
        } else if (isWrittenThrough(file)) {
            writeThrough(file, content, StandardOpenOption.WRITE);
        } else {
            replace(file, content);
        }
    }

    /// Whether something stands there that is neither file nor folder, so that writing to it
    /// replaces nothing.
    public static boolean isWrittenThrough(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).isOther();
        } catch (IOException e) {
            return false; // nothing is there, or nothing can be said of it
        }
    }

    private static void replace(Path file, FileContent content) {
        Path partial = null;
        try {
            Path target = endOfLinks(file);
            partial = partial(target);
            makeFolder(parent(target));
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
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            forceFolder(parent(target));
        } catch (IOException e) {
            if (partial != null) {
                deleteQuietly(partial);
            }
            throw unwritten(file, e);
        }
    }

    private static void writeThrough(Path path, FileContent content, StandardOpenOption how) {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path, how))) {
            content.writeTo(out);
        } catch (IOException e) {
            throw new RunException(path + " cannot be written: " + Reason.of(e), e);
        }
    }

    /// Writes after what was written to a stream of this process, and leaves it open.
    private static void writeStream(Path path, Path stream, FileContent content) {
        @Nullable FileDescriptor ours =
                switch (stream.toString()) {
                    case "/proc/self/fd/1", "/dev/fd/1" -> FileDescriptor.out;
                    case "/proc/self/fd/2", "/dev/fd/2" -> FileDescriptor.err;
                    default -> null;
                };
        if (ours == null) {
            writeThrough(path, content, StandardOpenOption.APPEND);
            return;
        }
        try {
            // closing it would close the process's
            OutputStream out = new BufferedOutputStream(new FileOutputStream(ours));
            content.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new RunException(path + " cannot be written: " + Reason.of(e), e);
        }
    }

    /// Where a path's links lead, though nothing may be there yet.
    private static Path endOfLinks(Path path) throws IOException {
        Path at = path;
        for (int links = 0; Files.isSymbolicLink(at); links++) {
            if (links == MOST_LINKS) {
                throw new FileSystemLoopException(path.toString());
            }
            at = at.resolveSibling(Files.readSymbolicLink(at));
        }
        return at;
    }

    /// The stream of a process that links lead to: on Linux `/dev/stdout` is a link into `/proc`,
    /// and the file behind it is in use.
    private static Optional<Path> openStream(Path path) {
        Path at = path;
        try {
            for (int links = 0; links < MOST_LINKS && Files.isSymbolicLink(at); links++) {
                Path place = at.toAbsolutePath();
                if (STREAMS.stream().anyMatch(place::startsWith)) {
                    return Optional.of(place);
                }
                at = at.resolveSibling(Files.readSymbolicLink(at));
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // then it cannot be written either, which says why
        }
    }

    /// Replaces a file by these bytes.
    ///
    /// @throws RunException if it cannot be written; the file is then as it was
    public static void write(Path file, byte[] bytes) {
        write(file, out -> out.write(bytes));
    }

    /// What to tell when a file could not be written.
    public static RunException unwritten(Path path, IOException e) {
        if (Reason.isFull(e)) {
            return new RunException(
                    "no space left on the disk while writing %s; what was there before is kept. Free some space and begin again; a run goes on with --resume"
                            .formatted(path),
                    e);
        }
        return new RunException(
                "%s cannot be written: %s; what was there before is kept"
                        .formatted(path, Reason.of(e)),
                e);
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
