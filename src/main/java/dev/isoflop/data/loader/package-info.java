/// The threads that read, decode and cut images ahead of whoever takes them.
///
/// Read {@link dev.isoflop.data.loader.Loader} first: a run's images in its order, as chunks of
/// normalised floats ({@link dev.isoflop.data.loader.Chunk}) with what is known of each image
/// ({@link dev.isoflop.data.loader.Item}) and, where masks are asked for, labels of its pixels.
/// {@link dev.isoflop.data.loader.Shuffle} says which image comes when; it and the seed decide
/// every pixel, never the threads. {@link dev.isoflop.data.loader.WholeImages} hands out pictures
/// of any size once each, for evaluation.
///
/// What cannot be read is replaced, named and counted: {@link
/// dev.isoflop.data.loader.BrokenImages}. The workers are the only ones here that load native code.
@NullMarked
package dev.isoflop.data.loader;

import org.jspecify.annotations.NullMarked;
