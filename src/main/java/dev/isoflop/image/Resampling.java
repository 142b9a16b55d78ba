package dev.isoflop.image;

/// How a part of a picture becomes a view of another size; in a recipe `pillow-bicubic`,
/// `pillow-bilinear` or `libtorch-bicubic`.
///
/// Where a paper's pipeline is TensorFlow's (SimCLR, BYOL), its bicubic filter is neither
/// antialiased nor rounded to 8 bits; Koppula et al. 2022 do not say which they used for any
/// method. Here every view is antialiased as Pillow does it: an image shrunk without it shows
/// frequencies that its picture does not have.
public enum Resampling {
    /// Pillow's `BICUBIC`, byte for byte: a = -0.5, antialiased, rounded to 8 bits after the
    /// horizontal and again after the vertical pass.
    PILLOW_BICUBIC,

    /// Pillow's `BILINEAR`, byte for byte: antialiased, rounded after each pass.
    PILLOW_BILINEAR,

    /// The same filter as `PILLOW_BICUBIC` with weights of 16 bits instead of 22, by libtorch: a
    /// few hundredths of a level beside it on average.
    LIBTORCH_BICUBIC
}
