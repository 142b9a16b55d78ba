package dev.isoflop.train;

import org.bytedeco.pytorch.Tensor;

/// Two views of each image: what SimCLR and BYOL tell apart or predict from one another.
///
/// @param first `[B, 3, S, S]`, normalised
/// @param second of the same images in the same order, `[B, 3, S, S]`, normalised
public record Pair(Tensor first, Tensor second) {}
