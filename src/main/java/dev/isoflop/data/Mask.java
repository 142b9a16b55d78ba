package dev.isoflop.data;

import java.util.Arrays;

/// The class of every pixel of a picture.
public final class Mask {

    /// The value of what belongs to no class; class `c` is `c + 1`.
    public static final int BACKGROUND = 0;

    /// The value of what counts for nothing: neither a class nor background.
    public static final int IGNORED = 255;

    /// Classes that a mask can tell apart: 0 to 253.
    public static final int MOST_CLASSES = IGNORED - 1;

    private final int width;
    private final int height;
    private final byte[] values;

    /// Keeps the array itself, not a copy.
    ///
    /// @param values `height x width`, row by row
    public Mask(int width, int height, byte[] values) {
        if (values.length != (long) width * height) {
            throw new IllegalArgumentException(
                    "%d values are no mask of %d x %d".formatted(values.length, width, height));
        }
        this.width = width;
        this.height = height;
        this.values = values;
    }

    /// In pixels.
    public int width() {
        return width;
    }

    /// In pixels.
    public int height() {
        return height;
    }

    /// {@link #BACKGROUND}, one more than the class, or {@link #IGNORED}.
    public int at(int x, int y) {
        return values[y * width + x] & 0xff;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Mask that
                && width == that.width
                && height == that.height
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(values);
    }
}
