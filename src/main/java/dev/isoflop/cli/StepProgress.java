package dev.isoflop.cli;

import dev.isoflop.run.Measurement;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Tells a person how far a run is: a bar with the time left on a terminal, plain lines elsewhere.
public sealed interface StepProgress extends AutoCloseable {

    /// A step is done.
    void step(Measurement m);

    @Override
    void close();

    /// What suits the place where standard error goes.
    ///
    /// @param name of the run
    /// @param done steps done before
    /// @param steps of the whole run
    @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again without a terminal
    static StepProgress of(PrintStream err, String name, long done, long steps) {
        boolean terminal = System.console() != null && System.console().isTerminal();
        return terminal ? new Bar(err, name, done, steps) : new Lines(err, done, steps);
    }

    /// A time as a clock shows it.
    static String clock(double seconds) {
        long s = Math.round(seconds);
        return s < 3600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }

    /// A bar that moves.
    final class Bar implements StepProgress {

        private final ProgressBar bar;

        Bar(PrintStream err, String name, long done, long steps) {
            bar =
                    new ProgressBarBuilder()
                            .setTaskName(name)
                            .setInitialMax(steps)
                            .startsFrom(done, Duration.ZERO)
                            .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                            .setUnit(" steps", 1)
                            .setUpdateIntervalMillis(250)
                            .setConsumer(new ConsoleProgressBarConsumer(err))
                            .build();
        }

        @Override
        public void step(Measurement m) {
            bar.setExtraMessage(
                    String.format(
                            Locale.ROOT, " loss %.4f, %.0f img/s", m.loss(), m.imagesPerSecond()));
            bar.stepTo(m.step());
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /// A line now and then: at the first step, every 5% and every half minute.
    final class Lines implements StepProgress {

        private static final long NANOS_BETWEEN = 30_000_000_000L;

        private final PrintStream err;
        private final long start = System.nanoTime();
        private final long done;
        private final long steps;
        private long lastLine = start;
        private long nextStep;

        Lines(PrintStream err, long done, long steps) {
            this.err = err;
            this.done = done;
            this.steps = steps;
            nextStep = done + 1;
        }

        @Override
        public void step(Measurement m) {
            long now = System.nanoTime();
            if (m.step() < nextStep && now - lastLine < NANOS_BETWEEN && m.step() != steps) {
                return;
            }
            lastLine = now;
            nextStep = m.step() + Math.max(1, steps / 20);
            double perStep = (now - start) / 1e9 / Math.max(1, m.step() - done);
            err.printf(
                    Locale.ROOT,
                    "step %,d of %,d (%.0f%%)  loss %.4f  %.0f img/s  %s left%n",
                    m.step(),
                    steps,
                    100 * m.share(),
                    m.loss(),
                    m.imagesPerSecond(),
                    clock(perStep * (steps - m.step())));
        }

        @Override
        public void close() {}
    }
}
