package dev.isoflop.cli;

import dev.isoflop.files.Reason;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/// Standard output that remembers why it could not be written; Java's own only stays silent.
///
/// After the first fault nothing more is written. That a reader has left, as `head` does when it
/// has its lines, is no fault.
final class StandardOutput implements WritableByteChannel {

    private final OutputStream to;
    private final PrintWriter writer;
    private @Nullable IOException fault;

    StandardOutput(OutputStream to) {
        this.to = to;
        this.writer = new PrintWriter(Channels.newOutputStream(this), true, StandardCharsets.UTF_8);
    }

    /// What a verb prints to: UTF-8, whatever the locale.
    PrintWriter writer() {
        return writer;
    }

    /// The exit status of a verb that ended with this one: another where what it printed is lost,
    /// which is then said.
    int ended(int status, PrintWriter err) {
        writer.flush();
        if (fault == null || Reason.isClosedPipe(fault)) {
            return status;
        }
        err.println("isoflop: standard output cannot be written: " + Reason.of(fault));
        err.flush();
        return status == 0 ? Isoflop.FAILED : status;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        if (fault != null) {
            throw fault;
        }
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        try {
            to.write(bytes);
            to.flush();
        } catch (IOException e) {
            fault = e;
            throw e;
        }
        return bytes.length;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    /// Leaves it open: it is the process's.
    @Override
    public void close() {}
}
