package dev.isoflop.cli;

import dev.isoflop.run.Measurement;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;

import picocli.CommandLine.Model.CommandSpec;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;

/// The terminal of a verb: lines and progress go to standard error, what was asked for to standard
/// output, and Ctrl-C or SIGTERM are a wish to stop.
///
/// The process waits until this is closed: until the verb has written what it had to and printed
/// its result.
final class Console implements RunListener, Stop, AutoCloseable {

    private final PrintWriter out;
    private final PrintWriter err;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::waitForTheVerb, "stop-signal");
    private volatile boolean wanted;
    private final Progress progress;

    private Console(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
        progress = new Progress(err);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// That of a verb that was called.
    static Console of(CommandSpec spec) {
        return new Console(spec.commandLine().getOut(), spec.commandLine().getErr());
    }

    @Override
    public void said(String line) {
        progress.pause();
        err.println(line);
        err.flush();
    }

    @Override
    public void step(Measurement m, long steps) {
        progress.step(m, steps);
    }

    @Override
    public void begins(String which) {
        progress.begins(which);
    }

    @Override
    public void progress(String what, long done, long of) {
        progress.of(what, done, of);
    }

    /// Prints what was asked for.
    void print(String text) {
        out.println(text);
        out.flush();
    }

    private void waitForTheVerb() {
        wanted = true;
        try {
            ended.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean wanted() {
        return wanted;
    }

    /// Lets the process go.
    @Override
    public void close() {
        progress.pause();
        ended.countDown();
        if (!wanted) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException _) {
                // the process is ending already, and the hook has been let go
                return;
            }
        }
    }
}
