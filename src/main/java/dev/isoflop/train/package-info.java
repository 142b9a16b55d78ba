/// The only training loop, and what it asks of a learner.
///
/// Read {@link dev.isoflop.train.Learner}, then {@link dev.isoflop.train.Loop}; {@link
/// dev.isoflop.train.Coupled} is a learner whose loss is that of a whole batch. What a batch is
/// made of: {@link dev.isoflop.train.Images}, {@link dev.isoflop.train.Pair}, {@link
/// dev.isoflop.train.Crops}, {@link dev.isoflop.train.Labelled}, {@link
/// dev.isoflop.train.Captioned}. Knows no method and no task.
@NullMarked
package dev.isoflop.train;

import org.jspecify.annotations.NullMarked;
