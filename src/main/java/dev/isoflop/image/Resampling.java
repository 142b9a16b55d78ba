package dev.isoflop.image;

/// How a part of a picture becomes a view of another size; in a recipe `pillow-bicubic`,
/// `pillow-bilinear`, `libtorch-bicubic` or `tf-bicubic`.
///
/// The first three are antialiased, as Pillow does it: an image shrunk without it shows frequencies
/// that its picture does not have. TensorFlow's filter, which BYOL's and SimCLR's code use, is not.
/// Koppula et al. 2022 name a filter for no method, but say that BYOL's views are cropped and
/// rescaled as its authors' code does (A.3): the recipes of their runs have `tf-bicubic` for it,
/// and for SimCLR, of whose views the study says nothing.
public enum Resampling {
    /// Pillow's `BICUBIC`, byte for byte: a = -0.5, antialiased, rounded to 8 bits after the
    /// horizontal and again after the vertical pass.
    PILLOW_BICUBIC,

    /// Pillow's `BILINEAR`, byte for byte: antialiased, rounded after each pass.
    PILLOW_BILINEAR,

    /// The same filter as `PILLOW_BICUBIC` with weights of 16 bits instead of 22, by libtorch: a
    /// few hundredths of a level beside it on average.
    LIBTORCH_BICUBIC,

    /// TensorFlow 2's `tf.image.resize` with `BICUBIC`: a = -0.5, half-pixel centres, not
    /// antialiased, in floats that are clipped to 0 to 1 and not rounded.
    TF_BICUBIC
}
