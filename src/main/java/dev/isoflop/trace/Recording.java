package dev.isoflop.trace;

import dev.isoflop.fault.RunException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Reason;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What libtorch wrote down while something ran: a trace that is still to be read, perhaps by
/// another thread while the next one is taken.
///
/// Its file is gone when it is closed.
public final class Recording implements AutoCloseable {

    private final Path folder;
    private final Path file;

    private Recording(Path folder) {
        this.folder = folder;
        file = folder.resolve("trace.json");
    }

    /// Runs the body and records it. What the body throws is passed on, and tracing stays usable.
    ///
    /// @throws IllegalStateException if a trace is being taken already
    /// @throws RunException if this system's libtorch cannot trace, or the trace cannot be written
    public static Recording of(Runnable body) {
        Recording recording = new Recording(temporary());
        boolean ran = false;
        try (ExecutionTraceObserver _ = new ExecutionTraceObserver(recording.file)) {
            body.run();
            ran = true;
        } finally {
            if (!ran) {
                recording.close();
            }
        }
        return recording;
    }

    /// Keeps libtorch's own file, in the MLCommons Chakra format.
    ///
    /// @param chakra where to; an existing file is replaced
    /// @throws RunException if it cannot be written there
    public void keep(Path chakra) {
        DurableFiles.write(chakra, out -> Files.copy(file, out));
    }

    /// The trace.
    ///
    /// @throws RunException if it cannot be read
    public Trace read() {
        try {
            return new Trace(TraceFile.read(file));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private RunException failed(IOException e) {
        return new RunException(
                "the execution trace could not be written and read back: "
                        + Reason.of(e)
                        + "; it needs free space in "
                        + folder.getParent(),
                e);
    }

    @Override
    public void close() {
        delete(file);
        delete(folder);
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("isoflop-trace-");
        } catch (IOException e) {
            throw new RunException(
                    "no temporary folder for the execution trace: " + Reason.of(e), e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new RunException(
                    "the temporary trace " + file + " cannot be deleted: " + Reason.of(e), e);
        }
    }
}
