package dev.isoflop.train;

import org.bytedeco.pytorch.Tensor;

/// One view of each image and the class of each of its pixels: what segmentation learns from.
///
/// Shapes: B images of side S, K classes.
///
/// @param pixels `[B, 3, S, S]`, normalised
/// @param labels `[B, S, S]`, 64-bit integers from 0 to K - 1, or {@link #IGNORED}
public record Masked(Tensor pixels, Tensor labels) {

    /// The label of a pixel that counts for nothing: it has no class, or lies outside the image.
    public static final int IGNORED = 255;
}
