/// The only training loop, and what it asks of a learner.
///
/// Read {@link dev.isoflop.train.Learner}, then {@link dev.isoflop.train.Loop}. Knows no method and
/// no task.
@NullMarked
package dev.isoflop.train;

import org.jspecify.annotations.NullMarked;
