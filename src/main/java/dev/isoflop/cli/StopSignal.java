package dev.isoflop.cli;

import java.util.concurrent.CountDownLatch;

/// Ctrl-C and SIGTERM as a wish that the run may grant: the process waits until the run has written
/// its checkpoint.
public final class StopSignal implements AutoCloseable {

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::waitForTheRun, "stop-signal");
    private volatile boolean wanted;

    public StopSignal() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void waitForTheRun() {
        wanted = true;
        try {
            ended.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether someone wants the run to end.
    public boolean wanted() {
        return wanted;
    }

    /// Lets the process go.
    @Override
    public void close() {
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
