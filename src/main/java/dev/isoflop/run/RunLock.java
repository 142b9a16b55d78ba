package dev.isoflop.run;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.files.Reason;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/// Keeps a second process out of a run's folder.
///
/// The operating system holds the lock, on the file `.lock`, and gives it up with the process,
/// however that ends. The file `.owner` only says whom to name. It is a file of its own because
/// closing any second handle of the locked file would, under POSIX, give up the lock.
final class RunLock implements AutoCloseable {

    private final FileChannel channel;
    private final Path owner;

    private RunLock(FileChannel channel, Path owner) {
        this.channel = channel;
        this.owner = owner;
    }

    /// Takes a folder for this process.
    ///
    /// @throws InputException if it is taken, naming the process if it is known
    static RunLock take(Path folder) {
        Path owner = folder.resolve(".owner");
        Owner self = Owner.self();
        if (self.started() != null && Owner.in(owner).filter(self::equals).isPresent()) {
            throw taken(folder, owner);
        }
        try {
            FileChannel channel =
                    FileChannel.open(
                            folder.resolve(".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (!lock(channel)) {
                channel.close();
                throw taken(folder, owner);
            }
            Files.writeString(owner, self.text());
            return new RunLock(channel, owner);
        } catch (IOException e) {
            throw new RunException(
                    folder + " cannot be locked: " + Reason.of(e) + "; give another --out", e);
        }
    }

    @Override
    public void close() {
        try (channel) {
            Files.deleteIfExists(owner);
        } catch (IOException e) {
            throw new RunException(owner + " cannot be removed: " + Reason.of(e), e);
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static InputException taken(Path folder, Path owner) {
        String process = Owner.in(owner).map(o -> "process " + o.pid()).orElse("another process");
        return new InputException(
                "%s is being written by %s; wait until it ends, or give another --out"
                        .formatted(folder, process));
    }

    /// A process: its number, and its start, for numbers come again.
    private record Owner(long pid, @Nullable Instant started) {

        static Owner self() {
            ProcessHandle self = ProcessHandle.current();
            return new Owner(self.pid(), self.info().startInstant().orElse(null));
        }

        static Optional<Owner> in(Path file) {
            try {
                String[] words = Files.readString(file).strip().split(" ", 2);
                Instant started = words.length == 2 ? Instant.parse(words[1]) : null;
                return Optional.of(new Owner(Long.parseLong(words[0]), started));
            } catch (IOException | RuntimeException e) {
                return Optional.empty(); // not there, or half written by a process that was killed
            }
        }

        String text() {
            return started == null ? pid + "\n" : pid + " " + started + "\n";
        }
    }
}
