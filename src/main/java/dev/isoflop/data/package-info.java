/// Datasets, the order in which they are seen, and the threads that prepare them.
///
/// Read {@link dev.isoflop.data.Source} first: what a recipe says of its data, and the list of
/// kinds ({@link dev.isoflop.data.World}, {@link dev.isoflop.data.ImageFolder}, {@link
/// dev.isoflop.data.TinyImageNet}, {@link dev.isoflop.data.Coco}, {@link
/// dev.isoflop.data.CaptionedFolder}, {@link dev.isoflop.data.Ade20k}, {@link
/// dev.isoflop.data.ImageMasks}), some of them around another ({@link
/// dev.isoflop.data.PseudoCaptions}, {@link dev.isoflop.data.ExpandedLabels}, {@link
/// dev.isoflop.data.HeldOut}). A {@link dev.isoflop.data.Dataset} hands out samples by index, still
/// encoded; {@link dev.isoflop.data.loader.Shuffle} says which index comes when; {@link
/// dev.isoflop.data.loader.Loader} turns them into chunks of normalised floats on worker threads,
/// with the labels of pixels where masks are asked for ({@link dev.isoflop.data.MaskLabels}).
/// {@link dev.isoflop.data.loader.WholeImages} hands out whole pictures for evaluation.
///
/// Only the loader's workers load native code: a plan may open a source and ask for its size.
@NullMarked
package dev.isoflop.data;

import org.jspecify.annotations.NullMarked;
