package dev.isoflop.vit;

/// How an encoder's positions are made to fit images of another grid, which need not be square.
public enum Resizing {
    /// Interpolated bicubically to the new grid: the rule of MAE's `interpolate_pos_embed` and of
    /// mmsegmentation's `resize_pos_embed`, for fixed positions and learned ones alike. The place
    /// sampled for row `y` of `n`, of a table of `g` rows, is `(y + 0.5) g / n - 0.5`; columns
    /// likewise.
    BY_SIZE,
    /// The same with 0.1 added to the number asked for, `(y + 0.5) g / (n + 0.1) - 0.5`: the rule
    /// of DINO's `interpolate_pos_encoding`, and of nobody else.
    DINO_SCALE,
    /// Sines and cosines of the new grid, whatever the table had: patch 5 keeps the sine of 5. Of
    /// fixed positions only; learned ones cannot be computed and are interpolated as `BY_SIZE`.
    COMPUTED
}
