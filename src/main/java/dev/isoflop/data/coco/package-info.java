/// The files that describe images: COCO's annotations, and captions in tables.
///
/// Read {@link dev.isoflop.data.coco.CocoFile} first: images, categories and things of one
/// annotation file, read as a stream, for the published ones do not fit in memory as trees. {@link
/// dev.isoflop.data.coco.Value} says what a value there may be, {@link
/// dev.isoflop.data.coco.Outline} what bounds a thing, and {@link dev.isoflop.data.coco.Rle} is
/// COCO's form of a mask; {@link dev.isoflop.data.coco.CaptionFile} reads captions from `.jsonl`,
/// `.csv` and `.tsv`. The datasets that need them are {@link dev.isoflop.data.Coco} and {@link
/// dev.isoflop.data.CaptionedFolder}, above.
@NullMarked
package dev.isoflop.data.coco;

import org.jspecify.annotations.NullMarked;
