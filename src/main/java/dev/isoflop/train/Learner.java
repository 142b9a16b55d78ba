package dev.isoflop.train;

import dev.isoflop.torch.AdamW;
import dev.isoflop.vit.Vit;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

import java.util.Optional;

/// Anything that learns from batches: a method that pre-trains, a task that fine-tunes.
///
/// {@link Loop} owns memory: what `loss` creates belongs to the step and is gone after it; what
/// must outlive a step is made by the constructor and changed in place.
///
/// @param <B> what a batch is made of
public interface Learner<B> {

    /// A batch of what the loader hands out.
    B batch(Examples of);

    /// The mean loss of a batch, in named parts.
    Loss loss(B batch, Progress at);

    /// What the optimiser may change.
    Module trained();

    /// Whether weight decay applies to a parameter of {@link #trained}.
    ///
    /// @param parameter its name there, such as `encoder.cls_token`
    /// @param dimensions of it
    default boolean decays(String parameter, long dimensions) {
        return AdamW.decays(parameter, dimensions);
    }

    /// The encoder that this learner hands on.
    Vit encoder();

    /// What a checkpoint holds beyond the optimiser: teacher, center, statistics.
    default Module state() {
        return trained();
    }

    /// After backward, before the optimiser.
    default void beforeUpdate(Progress at) {}

    /// After the optimiser.
    default void afterUpdate(Progress at) {}

    /// What can be shown of it beside its encoder's features, if anything; called without
    /// gradients.
    ///
    /// @param images `[B, 3, S, S]`, normalised, on the learner's device
    default Optional<Panel> panel(Tensor images) {
        return Optional.empty();
    }
}
