package dev.isoflop.cli;

import java.io.PrintStream;
import java.util.Locale;

/// Tells a person how far a pass over images is: a line now and then, with the time left.
public final class ImageProgress {

    private static final long NANOS_BETWEEN = 30_000_000_000L;
    private static final int PARTS = 10;

    private final PrintStream err;
    private final String what;
    private final long images;
    private final long start = System.nanoTime();
    private long lastLine = start;
    private long nextImage;

    /// @param what is done, such as "judging"
    /// @param images in all
    public ImageProgress(PrintStream err, String what, long images) {
        this.err = err;
        this.what = what;
        this.images = images;
        nextImage = Math.max(1, images / PARTS);
    }

    /// So many images are done.
    public void done(long n) {
        long now = System.nanoTime();
        if (n < nextImage && now - lastLine < NANOS_BETWEEN && n != images) {
            return;
        }
        lastLine = now;
        nextImage = n + Math.max(1, images / PARTS);
        double each = (now - start) / 1e9 / n;
        err.printf(
                Locale.ROOT,
                "%s  image %,d of %,d (%.0f%%)  %s left%n",
                what,
                n,
                images,
                100.0 * n / images,
                StepProgress.clock(each * (images - n)));
    }
}
