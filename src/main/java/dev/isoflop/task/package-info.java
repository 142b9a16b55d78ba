/// What an encoder is good for: one file a downstream task, and the figures that judge it.
///
/// {@link dev.isoflop.task.Segmentation} fine-tunes it: settings with their price, and the loss;
/// {@link dev.isoflop.task.MeanIoU} judges what it says of each pixel.
///
/// Probes of a frozen encoder: {@link dev.isoflop.task.Neighbours} and {@link
/// dev.isoflop.task.Votes} are weighted k-NN, {@link dev.isoflop.task.LinearProbe} is softmax
/// regression. Both give scores, rows by classes; {@link dev.isoflop.task.Judgement} makes accuracy
/// or mean average precision of them. {@link dev.isoflop.task.Truth} is what a row shows.
@NullMarked
package dev.isoflop.task;

import org.jspecify.annotations.NullMarked;
