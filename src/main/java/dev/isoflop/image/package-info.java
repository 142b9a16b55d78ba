/// Images: from the bytes of a file to normalised floats, as functions of the image and a random
/// generator.
///
/// Read {@link dev.isoflop.image.View} first: it says what is cut out of a picture and what chance
/// does to it, as data: a {@link dev.isoflop.image.Crop}, a {@link dev.isoflop.image.Resampling}, a
/// {@link dev.isoflop.image.Colour}. {@link dev.isoflop.image.Pixels} does it, on a {@link
/// dev.isoflop.image.Canvas} that each thread keeps: `PillowResize` and `TensorFlowResize` resize,
/// `Values` and `Levels` take the `Step`s that were drawn, in TensorFlow's arithmetic and in
/// Pillow's. A {@link dev.isoflop.image.Picture} is a file still encoded or an 8-bit {@link
/// dev.isoflop.image.Raster}. {@link dev.isoflop.image.Header} refuses broken files and
/// decompression bombs before a pixel is decoded, `JpegData` what a decoder filled with grey;
/// `Orientation` says how a file asks to be turned.
///
/// Native calls stand in three files only: `OpenCv` and `Pixels` (OpenCV decodes and cuts) and
/// `Resize` (libtorch's antialiased bicubic filter). Everything else is pure.
@NullMarked
package dev.isoflop.image;

import org.jspecify.annotations.NullMarked;
