package dev.isoflop.method;

import dev.isoflop.budget.Precision;
import dev.isoflop.torch.Engine;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Loop;
import dev.isoflop.vit.VitShape;

import java.util.function.IntFunction;

/// A small instance of a method, for the contract that all methods keep.
///
/// @param config what it is asked
/// @param shape its encoder
/// @param batch images a step
/// @param atOnce images at once
/// @param precision of matrix products
/// @param build makes it
/// @param random makes a batch of so many images, in the parameters' format
record Instance<B>(
        Method.Config config,
        VitShape shape,
        int batch,
        int atOnce,
        Precision precision,
        Builder<B> build,
        IntFunction<B> random) {

    /// Makes a method.
    interface Builder<B> {
        Method<B> method();
    }

    /// A loop that trains it as its authors do.
    Loop<B> loop() {
        return loop(build.method());
    }

    /// A loop that trains this one.
    Loop<B> loop(Method<B> method) {
        Loop.Settings settings =
                new Loop.Settings(batch, atOnce, precision, config.optimisation(), 0);
        return new Loop<>(method, settings, Engine.device("cpu"));
    }

    Batches<B> batches() {
        return Batches.of(random);
    }

    @Override
    public String toString() {
        return "%s, %s, %d of %d, %s".formatted(config, shape, atOnce, batch, precision);
    }
}
