package dev.isoflop.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Pillow's antialiased resizing, byte for byte: rows, then columns, each sum in whole numbers with
/// weights of 22 bits and rounded to 8 bits.
///
/// Reference: Pillow's `Resample.c`. A weighted sum runs over whole lines at once, with one array a
/// line, so that its loops are vector code; rows are summed as lines of columns, a band of rows at a
/// time. A pixel's three channels stand in one `int`. All arrays are used again.
final class PillowResize {

    private static final int PRECISION = 32 - 8 - 2; // bits; Pillow's
    private static final int HALF = 1 << (PRECISION - 1);
    private static final int WHITE = 255;
    private static final int BAND = 256; // rows; a band of a photograph fits in the second cache
    private static final int GROUP = 4; // lines in one loop

    private static final ValueLayout.OfInt PIXEL =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private int[][] columns = {}; // of the picture; a band's rows in each
    private int[][] rows = {}; // resized across, not yet down
    private int[] red = {};
    private int[] green = {};
    private int[] blue = {};
    private final int[] packed = new int[BAND];

    /// A filter of Pillow's.
    ///
    /// Both are zero from their support on.
    enum Filter {
        BICUBIC,
        BILINEAR;

        private static final double A = -0.5;

        /// Pixels on either side when an image is not shrunk.
        private int support() {
            return switch (this) {
                case BICUBIC -> 2;
                case BILINEAR -> 1;
            };
        }

        private double at(double distance) {
            double x = Math.abs(distance);
            if (x >= support()) {
                return 0;
            }
            return switch (this) {
                case BICUBIC ->
                        x < 1
                                ? ((A + 2) * x - (A + 3)) * x * x + 1
                                : (((x - 5) * x + 8) * x - 4) * A;
                case BILINEAR -> 1 - x;
            };
        }
    }

    /// What of a line goes into each pixel of another.
    private static final class Weights {

        private final int[] first;
        private final int[] count;
        private final int[][] weights; // a pixel's, filled up with 0 to a multiple of the group

        private Weights(int to) {
            first = new int[to];
            count = new int[to];
            weights = new int[to][];
        }

        static Weights of(Filter filter, int from, int to) {
            double scale = (double) from / to;
            double stretch = Math.max(1, scale);
            double support = filter.support() * stretch;
            Weights all = new Weights(to);
            for (int i = 0; i < to; i++) {
                double centre = (i + 0.5) * scale;
                int first = Math.max(0, (int) (centre - support + 0.5));
                int count = Math.min(from, (int) (centre + support + 0.5)) - first;
                double[] exact = new double[count];
                double sum = 0;
                for (int k = 0; k < count; k++) {
                    exact[k] = filter.at((k + first - centre + 0.5) * (1 / stretch));
                    sum += exact[k];
                }
                int[] weights = new int[Math.ceilDiv(count, GROUP) * GROUP];
                for (int k = 0; k < count; k++) {
                    double scaled = exact[k] / sum * (1 << PRECISION);
                    weights[k] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
                }
                all.first[i] = first;
                all.count[i] = count;
                all.weights[i] = weights;
            }
            return all;
        }
    }

    /// Resizes a part of a picture to the shape that the levels have.
    ///
    /// @param picture `height x stride` bytes, three a pixel
    /// @param stride bytes from row to row
    /// @param box what is resized; neighbours outside it do not count
    /// @param mirrored left to right
    /// @param to written
    void resize(
            MemorySegment picture,
            long stride,
            Box box,
            Filter filter,
            boolean mirrored,
            Levels to) {
        int width = to.width();
        int height = to.height();
        makeRoom(box, width);
        Weights across = Weights.of(filter, box.width(), width);
        Weights down = Weights.of(filter, box.height(), height);
        for (int top = 0; top < box.height(); top += BAND) {
            int band = Math.min(BAND, box.height() - top);
            loadColumns(picture, (box.y() + top) * stride + 3L * box.x(), stride, box.width(), band);
            for (int x = 0; x < width; x++) {
                sum(columns, across, x, band);
                pack(red, green, blue, packed, band);
                int column = mirrored ? width - 1 - x : x;
                for (int y = 0; y < band; y++) {
                    rows[top + y][column] = packed[y];
                }
            }
        }
        for (int y = 0; y < height; y++) {
            sum(rows, down, y, width);
            clip(red, width);
            clip(green, width);
            clip(blue, width);
            to.row(y, red, green, blue);
        }
    }

    private void makeRoom(Box box, int width) {
        if (columns.length < box.width()) {
            int had = columns.length;
            columns = Arrays.copyOf(columns, box.width());
            Arrays.setAll(columns, x -> x < had ? columns[x] : new int[BAND]);
        }
        if (rows.length < box.height() || (rows.length > 0 && rows[0].length < width)) {
            rows = new int[Math.max(rows.length, box.height())][width];
        }
        int longest = Math.max(BAND, width);
        if (red.length < longest) {
            red = new int[longest];
            green = new int[longest];
            blue = new int[longest];
        }
    }

    private void loadColumns(
            MemorySegment picture, long at, long stride, int width, int band) {
        long last = picture.byteSize() - Integer.BYTES;
        for (int x = 0; x < width; x++) {
            int[] column = columns[x];
            long from = at + 3L * x;
            if (from + (band - 1) * stride > last) { // the picture's last pixel
                int full = band - 1;
                loadColumn(picture, from, stride, column, full);
                column[full] = lastPixel(picture);
            } else {
                loadColumn(picture, from, stride, column, band);
            }
        }
    }

    /// Reads four bytes a pixel, of which three count.
    private static void loadColumn(
            MemorySegment picture, long from, long stride, int[] column, int n) {
        for (int y = 0; y < n; y++) {
            column[y] = picture.get(PIXEL, from + y * stride);
        }
    }

    private static int lastPixel(MemorySegment picture) {
        long at = picture.byteSize() - 3;
        int r = picture.get(ValueLayout.JAVA_BYTE, at) & WHITE;
        int g = picture.get(ValueLayout.JAVA_BYTE, at + 1) & WHITE;
        int b = picture.get(ValueLayout.JAVA_BYTE, at + 2) & WHITE;
        return r | g << 8 | b << 16;
    }

    /// The weighted sum of lines for one line of the result, not yet shifted.
    private void sum(int[][] lines, Weights weights, int index, int n) {
        int first = weights.first[index];
        int last = first + weights.count[index] - 1;
        int[] w = weights.weights[index];
        begin(lines, first, last, w, n);
        for (int k = GROUP; k < w.length; k += GROUP) {
            more(lines, first + k, last, w, k, n);
        }
    }

    private void begin(int[][] lines, int first, int last, int[] w, int n) {
        int[] a = lines[first];
        int[] b = lines[Math.min(first + 1, last)];
        int[] c = lines[Math.min(first + 2, last)];
        int[] d = lines[Math.min(first + 3, last)];
        set(a, b, c, d, w[0], w[1], w[2], w[3], red, green, blue, n);
    }

    private void more(int[][] lines, int first, int last, int[] w, int k, int n) {
        int[] a = lines[first];
        int[] b = lines[Math.min(first + 1, last)];
        int[] c = lines[Math.min(first + 2, last)];
        int[] d = lines[Math.min(first + 3, last)];
        add(a, b, c, d, w[k], w[k + 1], w[k + 2], w[k + 3], red, green, blue, n);
    }

    private static void set(
            int[] a,
            int[] b,
            int[] c,
            int[] d,
            int ofA,
            int ofB,
            int ofC,
            int ofD,
            int[] red,
            int[] green,
            int[] blue,
            int n) {
        for (int i = 0; i < n; i++) {
            int p = a[i];
            int q = b[i];
            int r = c[i];
            int s = d[i];
            red[i] = HALF + (p & 255) * ofA + (q & 255) * ofB + (r & 255) * ofC + (s & 255) * ofD;
            green[i] =
                    HALF
                            + (p >> 8 & 255) * ofA
                            + (q >> 8 & 255) * ofB
                            + (r >> 8 & 255) * ofC
                            + (s >> 8 & 255) * ofD;
            blue[i] =
                    HALF
                            + (p >> 16 & 255) * ofA
                            + (q >> 16 & 255) * ofB
                            + (r >> 16 & 255) * ofC
                            + (s >> 16 & 255) * ofD;
        }
    }

    private static void add(
            int[] a,
            int[] b,
            int[] c,
            int[] d,
            int ofA,
            int ofB,
            int ofC,
            int ofD,
            int[] red,
            int[] green,
            int[] blue,
            int n) {
        for (int i = 0; i < n; i++) {
            int p = a[i];
            int q = b[i];
            int r = c[i];
            int s = d[i];
            red[i] += (p & 255) * ofA + (q & 255) * ofB + (r & 255) * ofC + (s & 255) * ofD;
            green[i] +=
                    (p >> 8 & 255) * ofA
                            + (q >> 8 & 255) * ofB
                            + (r >> 8 & 255) * ofC
                            + (s >> 8 & 255) * ofD;
            blue[i] +=
                    (p >> 16 & 255) * ofA
                            + (q >> 16 & 255) * ofB
                            + (r >> 16 & 255) * ofC
                            + (s >> 16 & 255) * ofD;
        }
    }

    private static void clip(int[] sums, int n) {
        for (int i = 0; i < n; i++) {
            sums[i] = Math.max(0, Math.min(WHITE, sums[i] >> PRECISION));
        }
    }

    private static void pack(int[] red, int[] green, int[] blue, int[] to, int n) {
        for (int i = 0; i < n; i++) {
            int r = Math.max(0, Math.min(WHITE, red[i] >> PRECISION));
            int g = Math.max(0, Math.min(WHITE, green[i] >> PRECISION));
            int b = Math.max(0, Math.min(WHITE, blue[i] >> PRECISION));
            to[i] = r | g << 8 | b << 16;
        }
    }
}
