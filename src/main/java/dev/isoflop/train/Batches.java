package dev.isoflop.train;

import java.util.function.IntFunction;

/// Where a loop's images come from, in the order of the run.
///
/// @param <B> what a batch is made of
public interface Batches<B> {

    /// The next images as tensors on the device. They belong to the micro-batch, and to the step
    /// where the learner is {@link Coupled}: memory behind them may be used again after it.
    ///
    /// @param images how many; always the next of the step's micro-batches
    B next(int images);

    /// Batches made on the spot, without waiting: for profiles and benchmarks.
    static <B> Batches<B> of(IntFunction<B> make) {
        return new Batches<>() {
            @Override
            public B next(int images) {
                return make.apply(images);
            }

            @Override
            public double secondsWaited() {
                return 0;
            }
        };
    }

    /// Seconds that calls of {@link #next} have waited for images so far.
    double secondsWaited();
}
