package dev.isoflop.vit;

import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Tensor;

/// Tables of positions as tensors: the fixed one of any grid, and any one resized.
///
/// Shapes: D width of a token; a table of G x G patches, for images of H x W patches.
final class PositionTable {

    private static final double RESIZE_OFFSET = 0.1; // DINO's authors', against rounding down

    private PositionTable() {}

    /// The fixed table of a square, `[1, 1 + G G, D]`, in single precision as the authors store it.
    static Tensor fixed(int width, int grid) {
        return fixed(width, grid, grid);
    }

    private static Tensor fixed(int width, int rows, int columns) {
        double[] table = SinCos.table(width, rows, columns);
        float[] rounded = new float[table.length];
        for (int i = 0; i < table.length; i++) {
            rounded[i] = (float) table[i];
        }
        return Ops.tensor(rounded, 1, 1 + (long) rows * columns, width);
    }

    /// A table without its class token, for another grid.
    ///
    /// @param own `[1, G G, D]`
    /// @param kind of it
    /// @param rows of patches, H
    /// @param columns of patches, W
    /// @return `[1, H W, D]`
    static Tensor resized(Tensor own, Positions kind, int rows, int columns, Resizing resizing) {
        long d = own.size(2);
        long n = (long) rows * columns;
        if (kind == Positions.SINE_COSINE && resizing == Resizing.COMPUTED) {
            Tensor table = fixed(Math.toIntExact(d), rows, columns).narrow(1, 1, n); // [1, H W, D]
            return table.to(own.device(), own.scalar_type());
        }
        long g = Math.round(Math.sqrt((double) own.size(1)));
        Tensor map = own.reshape(1, g, g, d).permute(0, 3, 1, 2); // [1, D, G, G]
        double down = (rows + RESIZE_OFFSET) / g;
        double across = (columns + RESIZE_OFFSET) / g;
        Tensor resized =
                resizing == Resizing.DINO_SCALE
                        ? Ops.bicubic(map, rows, columns, down, across)
                        : Ops.bicubic(map, rows, columns); // [1, D, H, W]
        return resized.permute(0, 2, 3, 1).reshape(1, n, d); // [1, H W, D]
    }
}
