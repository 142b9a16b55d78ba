package dev.isoflop.image;

import java.util.Arrays;

/// An 8-bit RGB image: row by row from the top, three bytes a pixel.
public final class Raster implements Picture {

    private final int width;
    private final int height;
    private final byte[] rgb;

    /// Keeps the array itself, not a copy.
    ///
    /// @param rgb `height x width x 3` bytes
    public Raster(int width, int height, byte[] rgb) {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "%d bytes are no RGB image of %d x %d".formatted(rgb.length, width, height));
        }
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /// In pixels.
    public int width() {
        return width;
    }

    /// In pixels.
    public int height() {
        return height;
    }

    /// `height x width x 3` bytes; not a copy.
    public byte[] rgb() {
        return rgb;
    }

    /// One value, 0 to 255.
    ///
    /// @param channel 0 red, 1 green, 2 blue
    public int at(int x, int y, int channel) {
        return rgb[3 * (y * width + x) + channel] & 0xff;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Raster that
                && width == that.width
                && height == that.height
                && Arrays.equals(rgb, that.rgb);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(rgb);
    }

    @Override
    public String toString() {
        return "Raster " + width + " x " + height;
    }
}
