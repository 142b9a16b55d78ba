package dev.isoflop.image;

/// What a dataset hands out: a file as it lies on the disk, or pixels that were drawn.
public sealed interface Picture permits Encoded, Raster {}
