package dev.isoflop.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// From bytes to the floats a network sees, and back: `(value / 255 - mean) / deviation` a channel,
/// with ImageNet's figures.
public final class Normalisation {

    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] DEVIATION = {0.229, 0.224, 0.225};

    private static final float[] RED = made(0);
    private static final float[] GREEN = made(1);
    private static final float[] BLUE = made(2);

    private Normalisation() {}

    /// ImageNet's mean of a channel (0 red, 1 green, 2 blue), of values from 0 to 1.
    public static double mean(int channel) {
        return MEAN[channel];
    }

    /// ImageNet's standard deviation of a channel (0 red, 1 green, 2 blue), of values from 0 to 1.
    public static double deviation(int channel) {
        return DEVIATION[channel];
    }

    /// Normalises a square image, mirrored left to right if asked for, in one pass.
    ///
    /// @param rgb `side x side x 3` bytes
    /// @param planes `3 x side x side` floats in the machine's byte order, written
    public static void write(MemorySegment rgb, int side, boolean mirrored, MemorySegment planes) {
        long plane = (long) side * side;
        for (int y = 0; y < side; y++) {
            long from = 3L * y * side;
            long to = (long) y * side;
            for (int x = 0; x < side; x++) {
                long pixel = from + 3L * (mirrored ? side - 1 - x : x);
                float red = RED[rgb.get(ValueLayout.JAVA_BYTE, pixel) & 0xff];
                float green = GREEN[rgb.get(ValueLayout.JAVA_BYTE, pixel + 1) & 0xff];
                float blue = BLUE[rgb.get(ValueLayout.JAVA_BYTE, pixel + 2) & 0xff];
                planes.setAtIndex(ValueLayout.JAVA_FLOAT, to + x, red);
                planes.setAtIndex(ValueLayout.JAVA_FLOAT, plane + to + x, green);
                planes.setAtIndex(ValueLayout.JAVA_FLOAT, 2 * plane + to + x, blue);
            }
        }
    }

    /// The normalised values of a channel's levels.
    static float[] table(int channel) {
        return switch (channel) {
            case 0 -> RED;
            case 1 -> GREEN;
            default -> BLUE;
        };
    }

    /// The picture that normalised values show: the inverse, rounded and clipped to 0..255.
    ///
    /// @param planes `3 x side x side` floats
    public static Raster restore(MemorySegment planes, int side) {
        int plane = side * side;
        byte[] rgb = new byte[3 * plane];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < plane; i++) {
                float value = planes.getAtIndex(ValueLayout.JAVA_FLOAT, (long) c * plane + i);
                long level = Math.round((value * DEVIATION[c] + MEAN[c]) * 255);
                rgb[3 * i + c] = (byte) Math.clamp(level, 0, 255);
            }
        }
        return new Raster(side, side, rgb);
    }

    private static float[] made(int channel) {
        float[] table = new float[256];
        for (int level = 0; level < table.length; level++) {
            table[level] = (float) ((level / 255.0 - MEAN[channel]) / DEVIATION[channel]);
        }
        return table;
    }
}
