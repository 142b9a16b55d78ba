package dev.isoflop.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Pillow's antialiased resizing, byte for byte: rows, then columns, each sum in whole numbers with
/// weights of 22 bits and rounded to 8 bits.
///
/// Reference: Pillow's `Resample.c`. A weighted sum runs over whole lines at once, with one array a
/// line, so that its loops are vector code; rows are summed as lines of columns, a band of rows at
/// a time. A pixel's three channels stand in one `int`. All arrays are used again.
final class PillowResize {

    private static final int PRECISION = 32 - 8 - 2; // bits; Pillow's
    private static final int HALF = 1 << (PRECISION - 1);
    private static final int WHITE = 255;
    private static final int BAND = 384; // rows at a time; a photograph of 500 x 375 is one band
    private static final int GROUP = 4; // lines in one loop

    private static final ValueLayout.OfInt PIXEL =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private int[][] columns = {}; // of the picture; a band's rows in each
    private int[][] rows = {}; // resized across, not yet down
    private int[] red = {};
    private int[] green = {};
    private int[] blue = {};
    private final int[][] tile = new int[Transposition.TILE][BAND]; // columns resized

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
        int even = Math.ceilDiv(box.height(), Math.ceilDiv(box.height(), BAND));
        for (int top = 0; top < box.height(); top += even) {
            int band = Math.min(even, box.height() - top);
            loadColumns(
                    picture, (box.y() + top) * stride + 3L * box.x(), stride, box.width(), band);
            for (int left = 0; left < width; left += tile.length) {
                int count = Math.min(tile.length, width - left);
                for (int k = 0; k < count; k++) {
                    sum(columns, across, mirrored ? width - 1 - left - k : left + k, band);
                    pack(red, green, blue, tile[k], band);
                }
                Transposition.across(tile, count, band, rows, top, left);
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

    /// Reads four bytes a pixel, of which three count.
    private void loadColumns(MemorySegment picture, long from, long stride, int width, int band) {
        boolean beyond = from + (band - 1) * stride + 3L * width >= picture.byteSize();
        int whole = beyond ? band - 1 : band; // behind the picture's last pixel is no fourth byte
        for (int x = 0; x < width; x += Transposition.TILE) {
            loadTile(picture, from, stride, x, width - 1, whole);
        }
        if (beyond) {
            long row = from + whole * stride;
            for (int x = 0; x < width - 1; x++) {
                columns[x][whole] = picture.get(PIXEL, row + 3L * x);
            }
            columns[width - 1][whole] = lastPixel(picture);
        }
    }

    private void loadTile(MemorySegment picture, long from, long stride, int x, int last, int n) {
        int x1 = Math.min(x + 1, last);
        int x2 = Math.min(x + 2, last);
        int x3 = Math.min(x + 3, last);
        int x4 = Math.min(x + 4, last);
        int x5 = Math.min(x + 5, last);
        int x6 = Math.min(x + 6, last);
        int x7 = Math.min(x + 7, last);
        int[] column0 = columns[x];
        int[] column1 = columns[x1];
        int[] column2 = columns[x2];
        int[] column3 = columns[x3];
        int[] column4 = columns[x4];
        int[] column5 = columns[x5];
        int[] column6 = columns[x6];
        int[] column7 = columns[x7];
        for (int y = 0; y < n; y++) {
            long row = from + y * stride;
            column0[y] = picture.get(PIXEL, row + 3L * x);
            column1[y] = picture.get(PIXEL, row + 3L * x1);
            column2[y] = picture.get(PIXEL, row + 3L * x2);
            column3[y] = picture.get(PIXEL, row + 3L * x3);
            column4[y] = picture.get(PIXEL, row + 3L * x4);
            column5[y] = picture.get(PIXEL, row + 3L * x5);
            column6[y] = picture.get(PIXEL, row + 3L * x6);
            column7[y] = picture.get(PIXEL, row + 3L * x7);
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
        for (int k = 0; k < w.length; k += GROUP) {
            int[] a = lines[first + k];
            int[] b = lines[Math.min(first + k + 1, last)];
            int[] c = lines[Math.min(first + k + 2, last)];
            int[] d = lines[Math.min(first + k + 3, last)];
            sum(a, b, c, d, w, k, 0, red, n);
            sum(a, b, c, d, w, k, 8, green, n);
            sum(a, b, c, d, w, k, 16, blue, n);
        }
    }

    /// Four lines' share in the sum of one channel. The compiler makes vector code of two short
    /// loops, not of one with a choice in it.
    private static void sum(
            int[] a, int[] b, int[] c, int[] d, int[] w, int k, int shift, int[] to, int n) {
        int ofA = w[k];
        int ofB = w[k + 1];
        int ofC = w[k + 2];
        int ofD = w[k + 3];
        if (k == 0) {
            for (int i = 0; i < n; i++) {
                to[i] =
                        HALF
                                + (a[i] >> shift & WHITE) * ofA
                                + (b[i] >> shift & WHITE) * ofB
                                + (c[i] >> shift & WHITE) * ofC
                                + (d[i] >> shift & WHITE) * ofD;
            }
        } else {
            for (int i = 0; i < n; i++) {
                to[i] +=
                        (a[i] >> shift & WHITE) * ofA
                                + (b[i] >> shift & WHITE) * ofB
                                + (c[i] >> shift & WHITE) * ofC
                                + (d[i] >> shift & WHITE) * ofD;
            }
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
