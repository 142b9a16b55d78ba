package dev.isoflop.image;

import java.util.Arrays;

/// A whole picture, resized and normalised, as a network sees it whose sides need not be square:
/// what evaluation reads.
///
/// The picture is in the upper left; the rest is padding, 0, which is the mean.
public final class Whole {

    private final float[] pixels;
    private final int width;
    private final int height;
    private final Frame frame;

    Whole(float[] pixels, int width, int height, Frame frame) {
        this.pixels = pixels;
        this.width = width;
        this.height = height;
        this.frame = frame;
    }

    /// `3 x height x width` floats; not a copy.
    public float[] pixels() {
        return pixels;
    }

    /// In pixels, padding included.
    public int width() {
        return width;
    }

    /// In pixels, padding included.
    public int height() {
        return height;
    }

    /// What of it is picture: of this width and height, in the upper left corner.
    public Frame frame() {
        return frame;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Whole that
                && width == that.width
                && height == that.height
                && frame.equals(that.frame)
                && Arrays.equals(pixels, that.pixels);
    }

    @Override
    public int hashCode() {
        return 31 * frame.hashCode() + Arrays.hashCode(pixels);
    }
}
