package dev.isoflop.image;

/// Turns the hue of 8-bit pixels as torchvision does with Pillow's HSV, in which hue has 256 steps.
///
/// Reference: `rgb2hsv_row` and `hsv2rgb` of Pillow's `Convert.c`, whose mixture of 32-bit and
/// 64-bit arithmetic is kept: it decides on which side of a step a pixel falls. What depends on two
/// levels alone is looked up.
final class HueOfLevels {

    private static final int WHITE = 255;
    private static final int BITS = 8; // of a level
    private static final double SECTORS = 6; // red, yellow, green, cyan, blue, magenta

    /// Which plane is full, which is empty and which lies between, a sector of the hue each; hue
    /// 255 begins a seventh, which is the first again.
    private static final int[] FULL = {0, 1, 1, 2, 2, 0, 0};

    private static final int[] EMPTY = {2, 2, 0, 0, 1, 1, 2};
    private static final int[] BETWEEN = {1, 0, 2, 1, 0, 2, 1};

    private static final byte[] HUES = hues();
    private static final byte[] SATURATIONS = saturations();
    private static final byte[] EMPTIES = empties();

    private HueOfLevels() {}

    /// Turns the hue of all pixels.
    ///
    /// @param planes of red, green and blue
    /// @param turn of the circle, -0.5 to 0.5
    static void turn(int[][] planes, int n, double turn) {
        int[] red = planes[0];
        int[] green = planes[1];
        int[] blue = planes[2];
        int steps = (int) (turn * WHITE);
        for (int i = 0; i < n; i++) {
            int r = red[i];
            int g = green[i];
            int b = blue[i];
            int value = Math.max(r, Math.max(g, b));
            int least = Math.min(r, Math.min(g, b));
            int range = value - least;
            int middle = r + g + b - value - least;
            int order = order(r, g, b, value);
            int hue = HUES[(order << BITS | range) << BITS | value - middle];
            int turned = (hue + steps) & WHITE;
            int sector = (turned * (int) SECTORS) / WHITE;
            int pair = value << BITS | range;
            int saturation = SATURATIONS[pair] & WHITE;
            planes[FULL[sector]][i] = value;
            planes[EMPTY[sector]][i] = EMPTIES[pair] & WHITE;
            planes[BETWEEN[sector]][i] = between(value, saturation, turned, sector);
        }
    }

    /// Which channel is the greatest (0, 2, 4), and whether the next to it or the last follows.
    private static int order(int r, int g, int b, int value) {
        if (r == value) {
            return g >= b ? 0 : 1;
        }
        if (g == value) {
            return r >= b ? 2 : 3;
        }
        return r >= g ? 4 : 5;
    }

    private static int between(int value, int saturation, int hue, int sector) {
        float share = (float) (saturation / (double) WHITE);
        float rest = (float) (hue * SECTORS / WHITE - sector);
        double missing = (sector & 1) == 1 ? share * rest : share * (1.0 - rest);
        return round(value * (1.0 - missing));
    }

    /// By order, range and how far the middle level is from the greatest.
    private static byte[] hues() {
        byte[] hues = new byte[(int) SECTORS << (2 * BITS)];
        for (int order = 0; order < SECTORS; order++) {
            for (int range = 1; range <= WHITE; range++) { // grey has hue 0
                for (int distance = 0; distance <= range; distance++) {
                    float part = distance / (float) range;
                    float sixths =
                            switch (order) {
                                case 0 -> 1 - part;
                                case 1 -> part - 1;
                                case 2 -> (float) (2.0 + part - 1);
                                case 3 -> (float) (2.0 + 1 - part);
                                case 4 -> (float) (4.0 + 1 - part);
                                default -> (float) (4.0 + part - 1);
                            };
                    double circle = sixths / SECTORS + 1.0;
                    float hue = (float) (circle >= 1.0 ? circle - 1.0 : circle);
                    int at = (order << BITS | range) << BITS | distance;
                    hues[at] = (byte) (int) (hue * (double) WHITE);
                }
            }
        }
        return hues;
    }

    /// By value and range.
    private static byte[] saturations() {
        byte[] saturations = new byte[1 << (2 * BITS)];
        for (int value = 1; value <= WHITE; value++) {
            for (int range = 0; range <= value; range++) {
                int saturation = (int) ((float) range / value * (double) WHITE);
                saturations[value << BITS | range] = (byte) saturation;
            }
        }
        return saturations;
    }

    /// The least channel, by value and range.
    private static byte[] empties() {
        byte[] empties = new byte[1 << (2 * BITS)];
        for (int value = 0; value <= WHITE; value++) {
            for (int range = 0; range <= value; range++) {
                int pair = value << BITS | range;
                float share = (float) ((SATURATIONS[pair] & WHITE) / (double) WHITE);
                empties[pair] = (byte) round(value * (1.0 - share));
            }
        }
        return empties;
    }

    /// C's `round` of what is not negative.
    private static int round(double x) {
        return (int) (x + 0.5);
    }
}
