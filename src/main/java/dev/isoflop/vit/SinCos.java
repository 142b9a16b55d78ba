package dev.isoflop.vit;

import dev.isoflop.fault.Check;

/// Fixed positions in two dimensions, as sines and cosines.
///
/// The table of the authors of MAE (Kaiming He et al., 2022): the first half of the channels
/// encodes the **column**, the second half the row, each half as all sines, then all cosines.
/// Computed in double precision.
public final class SinCos {

    private static final double LONGEST_WAVE = 10_000; // Vaswani et al. 2017, section 3.5

    private SinCos() {}

    /// The table of a square grid.
    ///
    /// @param width channels D, a multiple of 4
    /// @param grid patches along one side
    /// @return `[1 + grid * grid, width]`, flat and row-major
    public static double[] table(int width, int grid) {
        return table(width, grid, grid);
    }

    /// One row a position, row-major over the grid, after a row of zeros for the class token.
    ///
    /// @param width channels D, a multiple of 4
    /// @param rows of patches
    /// @param columns of patches
    /// @return `[1 + rows * columns, width]`, flat and row-major
    public static double[] table(int width, int rows, int columns) {
        Check.that(width % 4 == 0, "width is %s; it must be a multiple of 4", width);
        int quarter = width / 4;
        double[] table = new double[(1 + rows * columns) * width];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                int row = (1 + y * columns + x) * width;
                for (int k = 0; k < quarter; k++) {
                    double frequency = Math.pow(LONGEST_WAVE, -(double) k / quarter);
                    table[row + k] = Math.sin(x * frequency);
                    table[row + quarter + k] = Math.cos(x * frequency);
                    table[row + 2 * quarter + k] = Math.sin(y * frequency);
                    table[row + 3 * quarter + k] = Math.cos(y * frequency);
                }
            }
        }
        return table;
    }
}
