package dev.isoflop.train;

import org.bytedeco.pytorch.Tensor;

/// One view of each image: what masked autoencoders learn from.
///
/// @param pixels `[B, 3, S, S]`, normalised
public record Images(Tensor pixels) {}
