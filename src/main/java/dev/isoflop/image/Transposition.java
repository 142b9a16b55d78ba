package dev.isoflop.image;

/// Rows into columns, with one array a line.
///
/// Eight columns at a time, so that each cache line of the rows is fetched once. Where fewer are
/// left, the last one is copied again.
final class Transposition {

    /// Columns at a time: a cache line of 64-bit values.
    static final int TILE = 8;

    private Transposition() {}

    /// Copies columns of a plane into lines.
    ///
    /// @param at the plane's element that becomes the first of the first line
    /// @param stride from an element of a line to the next
    /// @param count of lines
    /// @param length of a line
    static void apart(int[] plane, int at, int stride, int[][] lines, int count, int length) {
        int last = count - 1;
        for (int x = 0; x < count; x += TILE) {
            int x1 = Math.min(x + 1, last);
            int x2 = Math.min(x + 2, last);
            int x3 = Math.min(x + 3, last);
            int x4 = Math.min(x + 4, last);
            int x5 = Math.min(x + 5, last);
            int x6 = Math.min(x + 6, last);
            int x7 = Math.min(x + 7, last);
            int[] line0 = lines[x];
            int[] line1 = lines[x1];
            int[] line2 = lines[x2];
            int[] line3 = lines[x3];
            int[] line4 = lines[x4];
            int[] line5 = lines[x5];
            int[] line6 = lines[x6];
            int[] line7 = lines[x7];
            for (int i = 0; i < length; i++) {
                int row = at + i * stride;
                line0[i] = plane[row + x];
                line1[i] = plane[row + x1];
                line2[i] = plane[row + x2];
                line3[i] = plane[row + x3];
                line4[i] = plane[row + x4];
                line5[i] = plane[row + x5];
                line6[i] = plane[row + x6];
                line7[i] = plane[row + x7];
            }
        }
    }

    /// The same of 64-bit values.
    static void apart(double[] plane, int at, int stride, double[][] lines, int count, int length) {
        int last = count - 1;
        for (int x = 0; x < count; x += TILE) {
            int x1 = Math.min(x + 1, last);
            int x2 = Math.min(x + 2, last);
            int x3 = Math.min(x + 3, last);
            int x4 = Math.min(x + 4, last);
            int x5 = Math.min(x + 5, last);
            int x6 = Math.min(x + 6, last);
            int x7 = Math.min(x + 7, last);
            double[] line0 = lines[x];
            double[] line1 = lines[x1];
            double[] line2 = lines[x2];
            double[] line3 = lines[x3];
            double[] line4 = lines[x4];
            double[] line5 = lines[x5];
            double[] line6 = lines[x6];
            double[] line7 = lines[x7];
            for (int i = 0; i < length; i++) {
                int row = at + i * stride;
                line0[i] = plane[row + x];
                line1[i] = plane[row + x1];
                line2[i] = plane[row + x2];
                line3[i] = plane[row + x3];
                line4[i] = plane[row + x4];
                line5[i] = plane[row + x5];
                line6[i] = plane[row + x6];
                line7[i] = plane[row + x7];
            }
        }
    }

    /// Copies lines into the columns of other lines.
    ///
    /// @param count of lines
    /// @param length of a line
    /// @param top which of the other lines takes the first elements
    /// @param left where in each of them stands the first line's
    static void across(int[][] lines, int count, int length, int[][] to, int top, int left) {
        int last = count - 1;
        for (int x = 0; x < count; x += TILE) {
            int x1 = Math.min(x + 1, last);
            int x2 = Math.min(x + 2, last);
            int x3 = Math.min(x + 3, last);
            int x4 = Math.min(x + 4, last);
            int x5 = Math.min(x + 5, last);
            int x6 = Math.min(x + 6, last);
            int x7 = Math.min(x + 7, last);
            int[] line0 = lines[x];
            int[] line1 = lines[x1];
            int[] line2 = lines[x2];
            int[] line3 = lines[x3];
            int[] line4 = lines[x4];
            int[] line5 = lines[x5];
            int[] line6 = lines[x6];
            int[] line7 = lines[x7];
            for (int i = 0; i < length; i++) {
                int[] row = to[top + i];
                row[left + x] = line0[i];
                row[left + x1] = line1[i];
                row[left + x2] = line2[i];
                row[left + x3] = line3[i];
                row[left + x4] = line4[i];
                row[left + x5] = line5[i];
                row[left + x6] = line6[i];
                row[left + x7] = line7[i];
            }
        }
    }

    /// The same of 64-bit values.
    static void across(double[][] lines, int count, int length, double[][] to, int top, int left) {
        int last = count - 1;
        for (int x = 0; x < count; x += TILE) {
            int x1 = Math.min(x + 1, last);
            int x2 = Math.min(x + 2, last);
            int x3 = Math.min(x + 3, last);
            int x4 = Math.min(x + 4, last);
            int x5 = Math.min(x + 5, last);
            int x6 = Math.min(x + 6, last);
            int x7 = Math.min(x + 7, last);
            double[] line0 = lines[x];
            double[] line1 = lines[x1];
            double[] line2 = lines[x2];
            double[] line3 = lines[x3];
            double[] line4 = lines[x4];
            double[] line5 = lines[x5];
            double[] line6 = lines[x6];
            double[] line7 = lines[x7];
            for (int i = 0; i < length; i++) {
                double[] row = to[top + i];
                row[left + x] = line0[i];
                row[left + x1] = line1[i];
                row[left + x2] = line2[i];
                row[left + x3] = line3[i];
                row[left + x4] = line4[i];
                row[left + x5] = line5[i];
                row[left + x6] = line6[i];
                row[left + x7] = line7[i];
            }
        }
    }
}
