/// What an encoder is good for: one file a downstream task, and how it is evaluated.
///
/// {@link dev.isoflop.task.Task} lists them; {@link dev.isoflop.task.Segmentation} is the first to
/// read: settings with their price, and the loss. An {@link dev.isoflop.task.Evaluation} says what
/// a task is worth on data that it did not learn from; {@link dev.isoflop.task.MeanIoU} is the
/// metric of segmentation.
@NullMarked
package dev.isoflop.task;

import org.jspecify.annotations.NullMarked;
