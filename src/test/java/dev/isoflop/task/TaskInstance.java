package dev.isoflop.task;

import dev.isoflop.budget.Precision;
import dev.isoflop.torch.Engine;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Optimisation;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Resizing;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;

/// A small instance of a task, for the contract that all tasks keep.
///
/// @param config what it is asked
/// @param pretrained its encoder, for images of another size
/// @param image side of the images, in pixels
/// @param kind of positions
/// @param batch images a step
/// @param atOnce images at once
/// @param precision of matrix products
/// @param build makes it
/// @param random makes a batch of so many images
record TaskInstance<B>(
        Task.Config config,
        VitShape pretrained,
        int image,
        Positions kind,
        int batch,
        int atOnce,
        Precision precision,
        Function<Vit, Task<B>> build,
        IntFunction<B> random) {

    /// Its encoder, for its own images.
    VitShape shape() {
        return pretrained.at(image);
    }

    Task<B> task() {
        Vit vit = new Vit(pretrained, kind, Vit.Pool.CLASS_TOKEN);
        Transfer transfer = config.transfer();
        Resizing resizing = transfer.positions().of(kind, Optional.empty());
        return build.apply(vit.at(image, resizing, transfer.kind(kind)));
    }

    /// A loop that trains one.
    Loop<B> loop(Task<B> task) {
        Optimisation.Rate rate = Optimisation.Rate.of(1e-3, false, 0.1);
        Optimisation optimisation =
                Optimisation.of(rate, config.optimisation(Optional.empty()).optimiser());
        return new Loop<>(
                task,
                new Loop.Settings(batch, atOnce, precision, optimisation, 0),
                Engine.device("cpu"));
    }

    Batches<B> batches() {
        return Batches.of(random);
    }

    @Override
    public String toString() {
        return "%s, %s at %d, %d of %d, %s"
                .formatted(config, pretrained, image, atOnce, batch, precision);
    }
}
