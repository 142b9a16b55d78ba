package dev.isoflop.train;

/// Where a loop's images come from, in the order of the run.
///
/// @param <B> what a batch is made of
public interface Batches<B> {

    /// The next images as tensors on the device. They belong to the step: memory behind them may be
    /// used again at the next call.
    ///
    /// @param images how many; always the next of the step's cuts
    B next(int images);

    /// Seconds that calls of {@link #next} have waited for images so far.
    double secondsWaited();
}
