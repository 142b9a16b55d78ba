package dev.isoflop.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A view in levels from 0 to 255, a plane a channel, and Pillow's arithmetic on them: fractions
/// are cut off after each step.
///
/// Levels stand in `int` arrays because the compiler makes vector code of their loops. The arrays
/// grow with the largest view and are used again.
final class Levels {

    private static final int WHITE = 255;

    /// ITU-R 601-2 in 16 bits, as Pillow's `L24` rounds it.
    private static final int RED_OF_GREY = 19595;

    private static final int GREEN_OF_GREY = 38470;
    private static final int BLUE_OF_GREY = 7471;
    private static final int HALF_OF_GREY = 1 << 15;

    private int width;
    private int height;
    private int[] red = {};
    private int[] green = {};
    private int[] blue = {};
    private int[] grey = {};
    private float[] normalised = {};
    private final BoxBlur boxBlur = new BoxBlur();

    /// Makes room for a view; what is in it then is undefined.
    void shape(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
        int n = width * height;
        if (red.length < n) {
            red = new int[n];
            green = new int[n];
            blue = new int[n];
            grey = new int[n];
            normalised = new float[n];
        }
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /// The planes of red, green and blue, row-major; the first `width x height` count.
    int[][] planes() {
        return new int[][] {red, green, blue};
    }

    /// Takes over a row.
    void row(int y, int[] newRed, int[] newGreen, int[] newBlue) {
        System.arraycopy(newRed, 0, red, y * width, width);
        System.arraycopy(newGreen, 0, green, y * width, width);
        System.arraycopy(newBlue, 0, blue, y * width, width);
    }

    /// Takes over a picture of the same shape.
    ///
    /// @param rgb `height x width x 3` bytes
    /// @param mirrored left to right
    void load(MemorySegment rgb, boolean mirrored) {
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                long from = 3L * (y * width + (mirrored ? width - 1 - x : x));
                int to = y * width + x;
                red[to] = rgb.get(ValueLayout.JAVA_BYTE, from) & WHITE;
                green[to] = rgb.get(ValueLayout.JAVA_BYTE, from + 1) & WHITE;
                blue[to] = rgb.get(ValueLayout.JAVA_BYTE, from + 2) & WHITE;
            }
        }
    }

    /// The picture as it is.
    Raster raster() {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < width * height; i++) {
            rgb[3 * i] = (byte) red[i];
            rgb[3 * i + 1] = (byte) green[i];
            rgb[3 * i + 2] = (byte) blue[i];
        }
        return new Raster(width, height, rgb);
    }

    /// Normalises by ImageNet's figures.
    ///
    /// @param target `3 x height x width` floats, written
    void normalise(MemorySegment target) {
        int n = width * height;
        int[][] planes = planes();
        for (int c = 0; c < planes.length; c++) {
            look(Normalisation.table(c), planes[c], normalised, n);
            MemorySegment.copy(
                    normalised, 0, target, ValueLayout.JAVA_FLOAT, (long) Float.BYTES * c * n, n);
        }
    }

    private static void look(float[] table, int[] plane, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = table[plane[i]];
        }
    }

    /// Takes a step, except for a Gaussian blur, which is not of 8 bits.
    void take(Step step) {
        int n = width * height;
        switch (step) {
            case Step.Lighter(double delta) -> {
                int levels = (int) Math.rint(delta * WHITE);
                add(red, n, levels);
                add(green, n, levels);
                add(blue, n, levels);
            }
            case Step.Brightness(double factor) -> blend(n, 0, (float) factor);
            case Step.Contrast(double factor) -> {
                turnGrey(red, green, blue, grey, n);
                double mean = (double) sum(grey, n) / n;
                blend(n, (int) (mean + 0.5), (float) factor);
            }
            case Step.Saturation(double factor) -> {
                turnGrey(red, green, blue, grey, n);
                blend(grey, red, n, (float) factor);
                blend(grey, green, n, (float) factor);
                blend(grey, blue, n, (float) factor);
            }
            case Step.Hue(double turn) -> HueOfLevels.turn(planes(), n, turn);
            case Step.Grayscale() -> {
                turnGrey(red, green, blue, grey, n);
                System.arraycopy(grey, 0, red, 0, n);
                System.arraycopy(grey, 0, green, 0, n);
                System.arraycopy(grey, 0, blue, 0, n);
            }
            case Step.BoxBlur(double sigma) -> {
                for (int[] plane : planes()) {
                    boxBlur.blur(plane, width, height, sigma);
                }
            }
            case Step.GaussianBlur _ ->
                    throw new IllegalArgumentException("a Gaussian blur is not of 8 bits");
            case Step.Solarise(double threshold) -> {
                int[] table = new int[WHITE + 1];
                Arrays.setAll(table, i -> (double) i / WHITE < threshold ? i : WHITE - i);
                look(table, red, n);
                look(table, green, n);
                look(table, blue, n);
            }
        }
    }

    private void blend(int n, int degenerate, float factor) {
        blend(degenerate, red, n, factor);
        blend(degenerate, green, n, factor);
        blend(degenerate, blue, n, factor);
    }

    private static void add(int[] plane, int n, int levels) {
        for (int i = 0; i < n; i++) {
            plane[i] = Math.max(0, Math.min(WHITE, plane[i] + levels));
        }
    }

    /// `Image.blend` with one colour: 0 is that colour, 1 the picture, more exaggerates.
    private static void blend(int degenerate, int[] plane, int n, float factor) {
        for (int i = 0; i < n; i++) {
            int level = (int) (degenerate + factor * (plane[i] - degenerate));
            plane[i] = Math.max(0, Math.min(WHITE, level));
        }
    }

    /// `Image.blend` with another picture.
    private static void blend(int[] degenerate, int[] plane, int n, float factor) {
        for (int i = 0; i < n; i++) {
            int level = (int) (degenerate[i] + factor * (plane[i] - degenerate[i]));
            plane[i] = Math.max(0, Math.min(WHITE, level));
        }
    }

    private static void turnGrey(int[] red, int[] green, int[] blue, int[] grey, int n) {
        for (int i = 0; i < n; i++) {
            grey[i] =
                    (red[i] * RED_OF_GREY
                                    + green[i] * GREEN_OF_GREY
                                    + blue[i] * BLUE_OF_GREY
                                    + HALF_OF_GREY)
                            >> 16;
        }
    }

    private static int sum(int[] plane, int n) {
        int sum = 0; // below 2^31 up to eight million pixels, which no view has
        for (int i = 0; i < n; i++) {
            sum += plane[i];
        }
        return sum;
    }

    private static void look(int[] table, int[] plane, int n) {
        for (int i = 0; i < n; i++) {
            plane[i] = table[plane[i]];
        }
    }
}
