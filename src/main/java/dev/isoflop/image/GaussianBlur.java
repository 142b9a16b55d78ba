package dev.isoflop.image;

/// A true Gaussian, cut off at a radius, with black around the view: the blur of SimCLR's and
/// BYOL's code.
///
/// It runs along rows, then along columns, over whole lines at once with one array a line, so that
/// its loops are vector code; rows are blurred as lines of columns, which takes two transpositions.
final class GaussianBlur {

    /// A neighbour of less weight than this, beside the middle's, is left out: it would change a
    /// value far less than rounding it to the 32 bits that a network sees.
    private static final double NOTHING = 0x1p-40;

    private static final int GROUP = 3; // neighbours on either side in one loop

    private double[][] lines = {};
    private double[][] blurred = {};
    private double[] black = {};

    /// The weights at distances 0 to `radius`; with both sides they sum to one.
    static double[] kernel(double sigma, int radius) {
        double[] weights = new double[radius + 1];
        double sum = 0;
        for (int i = 0; i <= radius; i++) {
            weights[i] = Math.exp(-(double) i * i / (2 * sigma * sigma));
            sum += i == 0 ? weights[i] : 2 * weights[i];
        }
        for (int i = 0; i <= radius; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    /// Blurs a plane in place.
    ///
    /// @param kernel of {@link #kernel}
    void blur(double[] plane, int width, int height, double[] kernel) {
        int longest = Math.max(width, height);
        if (lines.length < longest) {
            lines = new double[longest][longest];
            blurred = new double[longest][longest];
            black = new double[longest];
        }
        Transposition.apart(plane, 0, width, lines, width, height);
        convolve(width, height, kernel);
        Transposition.across(blurred, width, height, lines, 0, 0);
        convolve(height, width, kernel);
        for (int y = 0; y < height; y++) {
            System.arraycopy(blurred[y], 0, plane, y * width, width);
        }
    }

    private void convolve(int count, int length, double[] kernel) {
        int reach = kernel.length - 1;
        while (reach > 0 && kernel[reach] < NOTHING * kernel[0]) {
            reach--;
        }
        for (int at = 0; at < count; at++) {
            double[] to = blurred[at];
            middle(lines[at], kernel[0], to, length);
            for (int k = 1; k <= reach; k += GROUP) {
                neighbours(at, count, k, kernel, reach, to, length);
            }
        }
    }

    private static void middle(double[] line, double weight, double[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = line[i] * weight;
        }
    }

    /// Adds the lines at distances `k` to `k + 2` on either side.
    private void neighbours(
            int at, int count, int k, double[] kernel, int reach, double[] to, int n) {
        double[] before1 = line(at - k, count);
        double[] before2 = line(at - k - 1, count);
        double[] before3 = line(at - k - 2, count);
        double[] after1 = line(at + k, count);
        double[] after2 = line(at + k + 1, count);
        double[] after3 = line(at + k + 2, count);
        double weight1 = kernel[k];
        double weight2 = k + 1 <= reach ? kernel[k + 1] : 0;
        double weight3 = k + 2 <= reach ? kernel[k + 2] : 0;
        for (int i = 0; i < n; i++) {
            to[i] +=
                    (before1[i] + after1[i]) * weight1
                            + (before2[i] + after2[i]) * weight2
                            + (before3[i] + after3[i]) * weight3;
        }
    }

    private double[] line(int at, int count) {
        return at < 0 || at >= count ? black : lines[at];
    }
}
