package dev.isoflop.image;

/// Pillow's `GaussianBlur`: three box blurs of a fractional width along each row, then along each
/// column, rounded to 8 bits after each.
///
/// Pascal Gwosdek et al., *Theoretical Foundations of Gaussian Convolution by Extended Box
/// Filtering*, SSVM 2011. Reference: Pillow's `BoxBlur.c`, whose 32-bit arithmetic is kept.
///
/// Each box runs over whole lines at once, with one array a line, so that its loops are vector
/// code; rows are blurred as lines of columns, which takes a transposition before and after.
final class BoxBlur {

    private static final int PASSES = 3;
    private static final int ONE = 1 << 24;
    private static final int HALF = 1 << 23;

    private int[][] lines = {};
    private int[][] blurred = {};
    private int[] sum = {};

    /// Blurs a plane in place.
    ///
    /// @param sigma in pixels
    void blur(int[] plane, int width, int height, double sigma) {
        int longest = Math.max(width, height);
        if (lines.length < longest) {
            lines = new int[longest][longest];
            blurred = new int[longest][longest];
            sum = new int[longest];
        }
        float radius = radius((float) sigma);
        Transposition.apart(plane, 0, width, lines, width, height);
        boxes(width, height, radius);
        Transposition.across(lines, width, height, blurred, 0, 0);
        swap();
        boxes(height, width, radius);
        for (int y = 0; y < height; y++) {
            System.arraycopy(lines[y], 0, plane, y * width, width);
        }
    }

    /// The fractional radius of the box whose three passes have this deviation.
    private static float radius(float sigma) {
        float variance = sigma * sigma / PASSES;
        float length = (float) Math.sqrt(12.0 * variance + 1.0);
        float whole = (float) Math.floor((length - 1.0) / 2.0);
        float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
        part /= 6 * (variance - (whole + 1) * (whole + 1));
        return whole + part;
    }

    private void boxes(int count, int length, float fractional) {
        int radius = (int) fractional;
        int weight = (int) (ONE / (fractional * 2 + 1));
        int ofFarthest = (ONE - (radius * 2 + 1) * weight) / 2;
        for (int pass = 0; pass < PASSES; pass++) {
            for (int at = 0; at < count; at++) {
                System.arraycopy(lines[at], 0, sum, 0, length);
                for (int k = 1; k <= radius; k++) {
                    add(line(at - k, count), line(at + k, count), sum, length);
                }
                int[] before = line(at - radius - 1, count);
                int[] after = line(at + radius + 1, count);
                weigh(sum, weight, before, after, ofFarthest, blurred[at], length);
            }
            swap();
        }
    }

    /// Outside stands what stands at the border.
    private int[] line(int at, int count) {
        return lines[Math.clamp(at, 0, count - 1)];
    }

    private void swap() {
        int[][] other = lines;
        lines = blurred;
        blurred = other;
    }

    private static void add(int[] before, int[] after, int[] sum, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] += before[i] + after[i];
        }
    }

    private static void weigh(
            int[] sum, int weight, int[] before, int[] after, int ofFarthest, int[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = (sum[i] * weight + (before[i] + after[i]) * ofFarthest + HALF) >>> 24;
        }
    }
}
