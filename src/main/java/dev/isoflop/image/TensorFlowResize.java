package dev.isoflop.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// TensorFlow's bicubic resizing: `tf.image.resize(image, size, BICUBIC)` of TensorFlow 2, clipped
/// to values from 0 to 1.
///
/// Keys's cubic with a = -0.5 between half-pixel centres, over four pixels a side however much is
/// shrunk: no antialiasing. Neighbours outside the part do not count; the weights of those inside
/// are then divided by their sum.
///
/// Reference: TensorFlow's `resize_bicubic_op.cc`. Places are 32-bit and fall on a table of 1024
/// steps between two pixels, as there, so that the same pixels count; weights and sums are 64-bit,
/// as {@link Values} are, where TensorFlow's are 32-bit.
final class TensorFlowResize {

    private static final double A = -0.5;
    private static final int STEPS = 1024; // between two pixels; TensorFlow's table
    private static final int TAPS = 4;
    private static final int CHANNELS = 3;
    private static final int MARGIN = 2 * CHANNELS; // of values on either side of a line
    private static final int WHITE = 255;

    private final double[][] rows = new double[TAPS][0]; // of the picture; row y at y % 4
    private final int[] held = new int[TAPS]; // which
    private double[] line = {}; // resized down, not yet across, between pixels that do not count
    private byte[] bytes = {};

    /// Which four pixels of a line go into each pixel of another, and with which weights.
    ///
    /// @param first of the four, from -2 on: outside the line, weights are 0
    /// @param weight four a pixel
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Taps(int[] first, double[] weight) {

        static Taps of(int from, int to) {
            float scale = (float) from / to;
            int[] first = new int[to];
            double[] weight = new double[TAPS * to];
            for (int i = 0; i < to; i++) {
                float place = (i + 0.5f) * scale - 0.5f;
                int before = (int) Math.floor(place);
                double beyond = Math.rint((place - before) * STEPS) / STEPS;
                first[i] = before - 1;
                double sum = 0;
                for (int k = 0; k < TAPS; k++) {
                    int pixel = first[i] + k;
                    boolean inside = pixel >= 0 && pixel < from;
                    weight[TAPS * i + k] = inside ? cubic(Math.abs(beyond + 1 - k)) : 0;
                    sum += weight[TAPS * i + k];
                }
                for (int k = 0; k < TAPS; k++) {
                    weight[TAPS * i + k] /= sum;
                }
            }
            return new Taps(first, weight);
        }

        private static double cubic(double x) {
            return x < 1
                    ? ((A + 2) * x - (A + 3)) * x * x + 1
                    : ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
        }
    }

    /// Resizes a part of a picture to the shape that the values have.
    ///
    /// @param picture `height x stride` bytes, three a pixel
    /// @param stride bytes from row to row
    /// @param box what is resized
    /// @param mirrored left to right
    /// @param to written
    void resize(MemorySegment picture, long stride, Box box, boolean mirrored, Values to) {
        int width = to.width();
        int n = CHANNELS * box.width();
        makeRoom(n);
        Taps across = Taps.of(box.width(), width);
        Taps down = Taps.of(box.height(), to.height());
        double[][] planes = to.planes();
        for (int y = 0; y < to.height(); y++) {
            double[] a = row(picture, stride, box, down.first[y]);
            double[] b = row(picture, stride, box, down.first[y] + 1);
            double[] c = row(picture, stride, box, down.first[y] + 2);
            double[] d = row(picture, stride, box, down.first[y] + 3);
            blend(a, b, c, d, down.weight, TAPS * y, line, n);
            if (mirrored) {
                across(line, across, planes[0], planes[1], planes[2], (y + 1) * width - 1, -1);
            } else {
                across(line, across, planes[0], planes[1], planes[2], y * width, 1);
            }
        }
        for (double[] plane : planes) {
            clip(plane, width * to.height());
        }
    }

    private void makeRoom(int n) {
        Arrays.fill(held, -1);
        if (bytes.length < n) {
            Arrays.setAll(rows, _ -> new double[n]);
            bytes = new byte[n];
            line = new double[n + 2 * MARGIN];
        } else {
            Arrays.fill(line, MARGIN + n, n + 2 * MARGIN, 0);
        }
    }

    /// A row of the part; any, for one outside it.
    private double[] row(MemorySegment picture, long stride, Box box, int y) {
        int inside = Math.clamp(y, 0, box.height() - 1);
        int slot = inside % TAPS;
        if (held[slot] != inside) {
            int n = CHANNELS * box.width();
            long from = (box.y() + inside) * stride + (long) CHANNELS * box.x();
            MemorySegment.copy(picture, ValueLayout.JAVA_BYTE, from, bytes, 0, n);
            widen(bytes, rows[slot], n);
            held[slot] = inside;
        }
        return rows[slot];
    }

    private static void widen(byte[] bytes, double[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = (bytes[i] & WHITE) * (1.0 / WHITE);
        }
    }

    private static void blend(
            double[] a,
            double[] b,
            double[] c,
            double[] d,
            double[] w,
            int at,
            double[] to,
            int n) {
        double ofA = w[at];
        double ofB = w[at + 1];
        double ofC = w[at + 2];
        double ofD = w[at + 3];
        for (int i = 0; i < n; i++) {
            to[MARGIN + i] = a[i] * ofA + b[i] * ofB + c[i] * ofC + d[i] * ofD;
        }
    }

    private static void across(
            double[] line,
            Taps taps,
            double[] red,
            double[] green,
            double[] blue,
            int to,
            int step) {
        int[] first = taps.first;
        double[] w = taps.weight;
        for (int x = 0; x < first.length; x++) {
            int i = MARGIN + CHANNELS * first[x];
            double ofA = w[TAPS * x];
            double ofB = w[TAPS * x + 1];
            double ofC = w[TAPS * x + 2];
            double ofD = w[TAPS * x + 3];
            int at = to + x * step;
            red[at] = line[i] * ofA + line[i + 3] * ofB + line[i + 6] * ofC + line[i + 9] * ofD;
            green[at] =
                    line[i + 1] * ofA + line[i + 4] * ofB + line[i + 7] * ofC + line[i + 10] * ofD;
            blue[at] =
                    line[i + 2] * ofA + line[i + 5] * ofB + line[i + 8] * ofC + line[i + 11] * ofD;
        }
    }

    private static void clip(double[] plane, int n) {
        for (int i = 0; i < n; i++) {
            plane[i] = Math.max(0, Math.min(1, plane[i]));
        }
    }
}
