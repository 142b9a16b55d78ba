package dev.isoflop.cli;

import dev.isoflop.run.Measurement;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import org.jspecify.annotations.Nullable;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/// Tells a person how far long work is: a bar with the time left on a terminal, elsewhere a line
/// now and then.
final class Progress {

    private static final long NANOS_BETWEEN = 30_000_000_000L;
    private static final int STEP_LINES = 20; // a run
    private static final int LINES = 10; // of any other work

    private final PrintWriter err;
    private final boolean terminal;
    private @Nullable ProgressBar bar;
    private @Nullable Work work;
    private String which = ""; // run, before what it does; empty or with a space

    @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again without a terminal
    Progress(PrintWriter err) {
        this.err = err;
        terminal = System.console() != null && System.console().isTerminal();
    }

    /// Work that goes on: what is called so, since when and from where.
    private static final class Work {

        private final String what;
        private final long before;
        private final long start = System.nanoTime();
        private long lastLine = start;
        private long nextLine;

        Work(String what, long before, long nextLine) {
            this.what = what;
            this.before = before;
            this.nextLine = nextLine;
        }

        /// Whether a line is due, each part of the whole and each half minute.
        boolean isDue(long done, long of, int lines) {
            long now = System.nanoTime();
            if (done < nextLine && now - lastLine < NANOS_BETWEEN && done != of) {
                return false;
            }
            lastLine = now;
            nextLine = done + Math.max(1, of / lines);
            return true;
        }

        String left(long done, long of) {
            double each = (System.nanoTime() - start) / 1e9 / Math.max(1, done - before);
            return clock(each * (of - done));
        }
    }

    /// What follows is of another run.
    ///
    /// @param run in a word or two; empty where there is one alone
    void begins(String run) {
        pause();
        work = null;
        which = run.isEmpty() ? "" : run + " ";
    }

    /// A step is done.
    void step(Measurement m, long steps) {
        Work run = work("steps", m.step() - 1, m.step());
        if (terminal) {
            ProgressBar shown = bar("steps", " steps", m.step() - 1, steps);
            shown.setExtraMessage(
                    String.format(
                            Locale.ROOT, " loss %.4f, %.0f img/s", m.loss(), m.imagesPerSecond()));
            shown.stepTo(m.step());
        } else if (run.isDue(m.step(), steps, STEP_LINES)) {
            line(
                    String.format(
                            Locale.ROOT,
                            "%sstep %,d of %,d (%.0f%%)  loss %.4f  %.0f img/s  %s left",
                            which,
                            m.step(),
                            steps,
                            100 * m.share(),
                            m.loss(),
                            m.imagesPerSecond(),
                            run.left(m.step(), steps)));
        }
    }

    /// So much of other work is done.
    void of(String what, long done, long of) {
        Work here = work(what, 0, Math.max(1, of / LINES));
        if (terminal) {
            bar(what, "", 0, of).stepTo(done);
        } else if (here.isDue(done, of, LINES)) {
            line(
                    String.format(
                            Locale.ROOT,
                            "%s%s  %,d of %,d (%.0f%%)  %s left",
                            which,
                            what,
                            done,
                            of,
                            100.0 * done / of,
                            here.left(done, of)));
        }
    }

    /// Makes room for a line of another kind; a bar begins again below it.
    void pause() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private Work work(String what, long before, long nextLine) {
        if (work == null || !work.what.equals(what)) {
            pause();
            work = new Work(what, before, nextLine);
        }
        return work;
    }

    private ProgressBar bar(String what, String unit, long before, long of) {
        if (bar == null) {
            bar =
                    new ProgressBarBuilder()
                            .setTaskName(which + what)
                            .setInitialMax(of)
                            .startsFrom(before, Duration.ZERO)
                            .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                            .setUnit(unit, 1)
                            .setUpdateIntervalMillis(250)
                            .build(); // on standard error
        }
        return bar;
    }

    private void line(String text) {
        err.println(text);
        err.flush();
    }

    /// A time as a clock shows it.
    private static String clock(double seconds) {
        long s = Math.round(seconds);
        return s < 3600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }
}
