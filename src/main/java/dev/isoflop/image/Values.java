package dev.isoflop.image;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A view in values from 0 to 1, a plane a channel, and the arithmetic of TensorFlow's and JAX's
/// image operators on them.
///
/// Values have 64 bits, though the authors' have 32: vector code makes them cheap enough, and what
/// trains is then what is held against the reference. Loops have no branches, for the same reason;
/// what chooses is written with `min` and `max`. Steps that look at one pixel at a time run
/// together over a stretch that stays in the cache.
final class Values {

    private static final int WHITE = 255;

    private static final double RED_OF_GREY = 0.2989; // BYOL's and TensorFlow's
    private static final double GREEN_OF_GREY = 0.5870;
    private static final double BLUE_OF_GREY = 0.1140;

    private static final int STRETCH = 512; // values; six planes of it fit in the first cache

    /// Times this, the difference of any two different values exceeds 1, but of those below 2^-900,
    /// which no picture has.
    private static final double HUGE = 0x1p1000;

    private static final double TINY = 0x1p-1000; // in place of 0 in a divisor

    private int width;
    private int height;
    private double[] red = {};
    private double[] green = {};
    private double[] blue = {};
    private final Stretch at = new Stretch();
    private @Nullable Levels source; // what the planes do not hold yet
    private final List<Pointwise> waiting = new ArrayList<>();
    private final float[] normalised = new float[STRETCH];
    private final GaussianBlur gaussianBlur = new GaussianBlur();

    /// A step that looks at one pixel at a time, over the first pixels of a stretch.
    private interface Pointwise {
        void run(int n);
    }

    /// A few pixels, and what their hue is turned with.
    private static final class Stretch {
        private final double[] red = new double[STRETCH];
        private final double[] green = new double[STRETCH];
        private final double[] blue = new double[STRETCH];
        private final double[] hue = new double[STRETCH];
        private final double[] range = new double[STRETCH];
        private final double[] value = new double[STRETCH];
    }

    /// Makes room for a view; what is in it then is undefined, and nothing waits.
    void shape(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
        source = null;
        waiting.clear();
        int n = width * height;
        if (red.length < n) {
            red = new double[n];
            green = new double[n];
            blue = new double[n];
        }
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /// The planes of red, green and blue, row-major; the first `width x height` count.
    double[][] planes() {
        settle();
        return new double[][] {red, green, blue};
    }

    /// Takes over levels, which must stay as they are until {@link #planes}, {@link #store} or
    /// {@link #normalise}.
    void load(Levels levels) {
        shape(levels.width(), levels.height());
        source = levels;
    }

    private static void divide(int[] levels, int from, double[] values, int n) {
        for (int i = 0; i < n; i++) {
            values[i] = levels[from + i] * (1.0 / WHITE);
        }
    }

    /// Rounds to levels.
    void store(Levels levels) {
        double[][] from = planes();
        levels.shape(width, height);
        int[][] to = levels.planes();
        for (int c = 0; c < to.length; c++) {
            round(from[c], to[c], width * height);
        }
    }

    private static void round(double[] values, int[] levels, int n) {
        for (int i = 0; i < n; i++) {
            levels[i] = (int) (values[i] * WHITE + 0.5);
        }
    }

    /// Takes steps in turn, except for box blurs, which are of 8 bits.
    void take(List<Step> steps) {
        for (Step step : steps) {
            switch (step) {
                case Step.Lighter(double delta) ->
                        waiting.add(n -> {
                            add(at.red, n, delta);
                            add(at.green, n, delta);
                            add(at.blue, n, delta);
                        });
                case Step.Brightness(double factor) -> waiting.add(scaling(factor, 0, 0, 0));
                case Step.Contrast(double factor) -> {
                    settle();
                    waiting.add(scaling(factor, mean(red), mean(green), mean(blue)));
                }
                case Step.Saturation(double factor) ->
                        waiting.add(n -> saturate(at.red, at.green, at.blue, n, factor));
                case Step.Hue(double turn) -> waiting.add(n -> turnHue(n, turn));
                case Step.Grayscale() -> waiting.add(n -> turnGrey(at.red, at.green, at.blue, n));
                case Step.GaussianBlur(double sigma, int radius) -> {
                    double[] kernel = GaussianBlur.kernel(sigma, radius);
                    for (double[] plane : planes()) {
                        gaussianBlur.blur(plane, width, height, kernel);
                    }
                }
                case Step.BoxBlur _ ->
                        throw new IllegalArgumentException("a box blur is of 8 bits");
                case Step.Solarise(double threshold) ->
                        waiting.add(n -> {
                            solarise(at.red, n, threshold);
                            solarise(at.green, n, threshold);
                            solarise(at.blue, n, threshold);
                        });
            }
        }
    }

    /// Runs the steps that wait.
    private void settle() {
        if (source == null && waiting.isEmpty()) {
            return;
        }
        int n = width * height;
        for (int from = 0; from < n; from += STRETCH) {
            int length = Math.min(STRETCH, n - from);
            run(from, length);
            System.arraycopy(at.red, 0, red, from, length);
            System.arraycopy(at.green, 0, green, from, length);
            System.arraycopy(at.blue, 0, blue, from, length);
        }
        source = null;
        waiting.clear();
    }

    private void run(int from, int length) {
        if (source == null) {
            System.arraycopy(red, from, at.red, 0, length);
            System.arraycopy(green, from, at.green, 0, length);
            System.arraycopy(blue, from, at.blue, 0, length);
        } else {
            int[][] levels = source.planes();
            divide(levels[0], from, at.red, length);
            divide(levels[1], from, at.green, length);
            divide(levels[2], from, at.blue, length);
        }
        for (Pointwise step : waiting) {
            step.run(length);
        }
    }

    private Pointwise scaling(double factor, double ofRed, double ofGreen, double ofBlue) {
        return n -> {
            scale(at.red, n, factor, ofRed);
            scale(at.green, n, factor, ofGreen);
            scale(at.blue, n, factor, ofBlue);
        };
    }

    private void turnHue(int n, double turn) {
        toHsv(at.red, at.green, at.blue, at.hue, at.range, at.value, n, turn);
        full(at.hue, at.range, at.value, at.red, n, 0);
        full(at.hue, at.range, at.value, at.green, n, 2);
        full(at.hue, at.range, at.value, at.blue, n, 4);
    }

    /// Normalises by ImageNet's figures; then nothing is left to take over.
    ///
    /// @param target `3 x height x width` floats, written
    void normalise(MemorySegment target) {
        int n = width * height;
        for (int from = 0; from < n; from += STRETCH) {
            int length = Math.min(STRETCH, n - from);
            run(from, length);
            normalise(at.red, 0, length, target, from);
            normalise(at.green, 1, length, target, n + from);
            normalise(at.blue, 2, length, target, 2 * n + from);
        }
        source = null;
        waiting.clear();
    }

    private void normalise(double[] values, int channel, int n, MemorySegment target, long to) {
        double scale = 1 / Normalisation.deviation(channel);
        double shift = -Normalisation.mean(channel) / Normalisation.deviation(channel);
        narrow(values, scale, shift, normalised, n);
        MemorySegment.copy(normalised, 0, target, ValueLayout.JAVA_FLOAT, Float.BYTES * to, n);
    }

    private static void narrow(double[] values, double scale, double shift, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = (float) (values[i] * scale + shift);
        }
    }

    /// The value, or 0 below 0 and 1 above 1, up to its last bit: half the instructions of `min`
    /// and `max`.
    private static double clip(double value) {
        return 0.5 * (Math.abs(value) - Math.abs(value - 1) + 1);
    }

    private static void add(double[] plane, int n, double delta) {
        for (int i = 0; i < n; i++) {
            plane[i] = clip(plane[i] + delta);
        }
    }

    private static void scale(double[] plane, int n, double factor, double about) {
        for (int i = 0; i < n; i++) {
            plane[i] = clip(factor * (plane[i] - about) + about);
        }
    }

    /// Sums in four parts, so that no addition waits for the one before.
    private double mean(double[] plane) {
        int n = width * height;
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            a += plane[i];
            b += plane[i + 1];
            c += plane[i + 2];
            d += plane[i + 3];
        }
        for (; i < n; i++) {
            a += plane[i];
        }
        return (a + b + (c + d)) / n;
    }

    /// Multiplies the saturation of HSV, at most to 1, and keeps hue and value: each channel's
    /// distance from the value grows by the same factor.
    private static void saturate(
            double[] red, double[] green, double[] blue, int n, double factor) {
        for (int i = 0; i < n; i++) {
            double r = red[i];
            double g = green[i];
            double b = blue[i];
            double value = Math.max(r, Math.max(g, b));
            double range = value - Math.min(r, Math.min(g, b));
            double grown = Math.min(factor, value / Math.max(range, TINY));
            red[i] = value - (value - r) * grown;
            green[i] = value - (value - g) * grown;
            blue[i] = value - (value - b) * grown;
        }
    }

    /// Hue (0 for grey), range (saturation times value) and value of red, green and blue.
    ///
    /// @param n how many pixels
    /// @param turn added to the hue, round the circle
    static void toHsv(
            double[] red,
            double[] green,
            double[] blue,
            double[] hue,
            double[] range,
            double[] value,
            int n,
            double turn) {
        rangeAndValue(red, green, blue, range, value, n);
        distance(red, green, blue, range, value, hue, n);
        around(hue, range, turn, n);
    }

    private static void rangeAndValue(
            double[] red, double[] green, double[] blue, double[] range, double[] value, int n) {
        for (int i = 0; i < n; i++) {
            double greatest = Math.max(red[i], Math.max(green[i], blue[i]));
            double least = Math.min(red[i], Math.min(green[i], blue[i]));
            range[i] = greatest - least;
            value[i] = greatest;
        }
    }

    /// The way round the circle from red, in sixths of it times the range: red lies at 0, green at
    /// 2, blue at 4, and each channel that comes second pulls to its side.
    private static void distance(
            double[] red,
            double[] green,
            double[] blue,
            double[] range,
            double[] value,
            double[] distance,
            int n) {
        for (int i = 0; i < n; i++) {
            double r = red[i];
            double g = green[i];
            double b = blue[i];
            double notRed = Math.min(1, (value[i] - r) * HUGE); // 0 or 1: whether less than value
            double notGreen = Math.min(1, (value[i] - g) * HUGE);
            double ofGreen = 2 * range[i] + b - r;
            double ofBlue = 4 * range[i] + r - g;
            double ofNotRed = ofGreen + notGreen * (ofBlue - ofGreen);
            distance[i] = g - b + notRed * (ofNotRed - (g - b));
        }
    }

    private static void around(double[] hue, double[] range, double turn, int n) {
        for (int i = 0; i < n; i++) {
            double turned = hue[i] / (6 * Math.max(range[i], TINY)) + turn;
            hue[i] = turned - Math.floor(turned);
        }
    }

    /// One channel of a hue: full within a sixth of its own place, and none beyond a third.
    ///
    /// @param place of the channel, in sixths: 0 of red, 2 of green, 4 of blue
    private static void full(
            double[] hue, double[] range, double[] value, double[] channel, int n, double place) {
        for (int i = 0; i < n; i++) {
            double away = 3 - Math.abs(Math.abs(hue[i] * 6 - place) - 3); // the shorter way round
            channel[i] = value[i] - range[i] * clip(away - 1);
        }
    }

    private static void turnGrey(double[] red, double[] green, double[] blue, int n) {
        for (int i = 0; i < n; i++) {
            double grey = RED_OF_GREY * red[i] + GREEN_OF_GREY * green[i] + BLUE_OF_GREY * blue[i];
            red[i] = grey;
            green[i] = grey;
            blue[i] = grey;
        }
    }

    private static void solarise(double[] plane, int n, double threshold) {
        for (int i = 0; i < n; i++) {
            double value = plane[i];
            double dark = Math.max(0, Math.min(1, (threshold - value) * HUGE)); // 1 or 0
            plane[i] = dark * value + (1 - dark) * (1 - value);
        }
    }
}
