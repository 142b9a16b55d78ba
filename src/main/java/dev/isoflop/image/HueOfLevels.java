package dev.isoflop.image;

/// Turns the hue of 8-bit pixels as torchvision does with Pillow's HSV, in which hue has 256 steps.
///
/// Reference: `rgb2hsv_row` and `hsv2rgb` of Pillow's `Convert.c`, whose mixture of 32-bit and
/// 64-bit arithmetic is kept: it decides on which side of a step a pixel falls.
final class HueOfLevels {

    private static final int WHITE = 255;
    private static final double SECTORS = 6; // red, yellow, green, cyan, blue, magenta

    private HueOfLevels() {}

    /// @param turn of the circle, -0.5 to 0.5
    static void turn(int[] red, int[] green, int[] blue, int n, double turn) {
        int steps = (int) (turn * WHITE);
        for (int i = 0; i < n; i++) {
            int r = red[i];
            int g = green[i];
            int b = blue[i];
            int value = Math.max(r, Math.max(g, b));
            int range = value - Math.min(r, Math.min(g, b));
            if (range == 0) {
                continue; // grey has no hue
            }
            int saturation = (int) ((float) range / value * (double) WHITE);
            int hue = (hue(r, g, b, value, range) + steps) & WHITE;
            double sixths = hue * SECTORS / WHITE;
            int sector = (int) sixths;
            float rest = (float) (sixths - sector);
            float share = (float) (saturation / (double) WHITE);
            int p = round(value * (1.0 - share));
            int q = round(value * (1.0 - share * rest));
            int t = round(value * (1.0 - share * (1.0 - rest)));
            int odd = sector & 1;
            int mixed = odd == 0 ? t : q;
            switch (sector) {
                case 0, 6 -> set(red, green, blue, i, value, mixed, p);
                case 1 -> set(red, green, blue, i, mixed, value, p);
                case 2 -> set(red, green, blue, i, p, value, mixed);
                case 3 -> set(red, green, blue, i, p, mixed, value);
                case 4 -> set(red, green, blue, i, mixed, p, value);
                default -> set(red, green, blue, i, value, p, mixed);
            }
        }
    }

    private static void set(int[] red, int[] green, int[] blue, int i, int r, int g, int b) {
        red[i] = r;
        green[i] = g;
        blue[i] = b;
    }

    private static int hue(int r, int g, int b, int value, int range) {
        float toRed = (value - r) / (float) range;
        float toGreen = (value - g) / (float) range;
        float toBlue = (value - b) / (float) range;
        float sixths;
        if (r == value) {
            sixths = toBlue - toGreen;
        } else if (g == value) {
            sixths = (float) (2.0 + toRed - toBlue);
        } else {
            sixths = (float) (4.0 + toGreen - toRed);
        }
        double circle = sixths / SECTORS + 1.0;
        float hue = (float) (circle >= 1.0 ? circle - 1.0 : circle);
        return (int) (hue * (double) WHITE);
    }

    /// C's `round` of what is not negative.
    private static int round(double x) {
        return (int) (x + 0.5);
    }
}
