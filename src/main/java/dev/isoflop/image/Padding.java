package dev.isoflop.image;

import java.lang.foreign.MemorySegment;

/// Room around normalised pixels: 0, which is ImageNet's mean.
final class Padding {

    private static final int CHANNELS = 3;

    private Padding() {}

    /// Copies planes into the upper left of larger ones and fills the rest with 0.
    ///
    /// @param from `3 x height x width` floats
    /// @param to `3 x toHeight x toWidth` floats, written
    static void pad(
            MemorySegment from,
            int width,
            int height,
            MemorySegment to,
            int toWidth,
            int toHeight) {
        to.fill((byte) 0);
        long row = (long) Float.BYTES * width;
        for (int c = 0; c < CHANNELS; c++) {
            for (int y = 0; y < height; y++) {
                long at = ((long) c * toHeight + y) * toWidth * Float.BYTES;
                MemorySegment.copy(from, ((long) c * height + y) * row, to, at, row);
            }
        }
    }
}
