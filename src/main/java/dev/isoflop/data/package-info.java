/// Datasets: pictures by index, and what is known of them.
///
/// Read {@link dev.isoflop.data.Source} first: what a recipe says of its data, and the only list of
/// formats ({@link dev.isoflop.data.World}, {@link dev.isoflop.data.ImageFolder}, {@link
/// dev.isoflop.data.TinyImageNet}, {@link dev.isoflop.data.Coco}, {@link
/// dev.isoflop.data.CaptionedFolder}, {@link dev.isoflop.data.Ade20k}, {@link
/// dev.isoflop.data.ImageMasks}). Then {@link dev.isoflop.data.Dataset}, which hands out a {@link
/// dev.isoflop.data.Sample} by its index, still encoded.
///
/// Some are made of another: {@link dev.isoflop.data.PseudoCaptions}, {@link
/// dev.isoflop.data.ExpandedLabels}, {@link dev.isoflop.data.HeldOut}, {@link
/// dev.isoflop.data.Subset}. {@link dev.isoflop.data.Datasets} opens each source once, however many
/// ask for it. {@link dev.isoflop.data.MaskLabels} turns masks into what a network learns.
///
/// Below are the files that formats read (`data.tree`, `data.coco`) and the painter of the
/// generated world (`data.world`); above, in `data.loader`, the threads that decode. Nothing in
/// this package loads native code: a plan may open a source and ask for its size.
@NullMarked
package dev.isoflop.data;

import org.jspecify.annotations.NullMarked;
