package dev.isoflop.train;

import org.bytedeco.pytorch.Module;

/// Anything that learns from batches: a method that pre-trains, a task that fine-tunes.
///
/// {@link Loop} owns memory: what `loss` creates belongs to the step and is gone after it; what
/// must outlive a step is made by the constructor and changed in place.
///
/// @param <B> what a batch is made of
public interface Learner<B> {

    /// The mean loss of these images.
    Loss loss(B batch, Progress at);

    /// What the optimiser may change.
    Module trained();

    /// The encoder that this learner hands on.
    Module encoder();

    /// What a checkpoint holds beyond the optimiser: teacher, center, statistics.
    default Module state() {
        return trained();
    }

    /// After backward, before the optimiser.
    default void beforeUpdate(Progress at) {}

    /// After the optimiser.
    default void afterUpdate(Progress at) {}
}
