/// What an encoder is good for: one file a downstream task, and the figures that judge it.
///
/// {@link dev.isoflop.task.Segmentation} fine-tunes it: settings with their price, and the loss;
/// {@link dev.isoflop.task.MeanIoU} judges what it says of each pixel.
///
/// Probes of a frozen encoder: {@link dev.isoflop.probe.Neighbours} and {@link
/// dev.isoflop.probe.Votes} are weighted k-NN, {@link dev.isoflop.probe.LinearProbe} is softmax
/// regression. Both give scores, rows by classes; {@link dev.isoflop.probe.ClassificationMetrics}
/// makes accuracy or mean average precision of them. {@link dev.isoflop.probe.GroundTruth} is what
/// a row shows.
@NullMarked
package dev.isoflop.task;

import org.jspecify.annotations.NullMarked;
