package dev.isoflop.train;

import dev.isoflop.fault.Check;

/// A setting that changes with the share of the budget spent.
public sealed interface Schedule {

    /// The value at a share of the budget between 0 and 1.
    double at(double share);

    /// The same value always.
    record Constant(double value) implements Schedule {

        @Override
        public double at(double share) {
            return value;
        }
    }

    /// Linear from `start` to `peak` over the first `warmup` of the budget, then half a cosine down
    /// to `end`.
    ///
    /// The schedule of MAE's authors (`util/lr_sched.py`), with `share` = fractional epoch /
    /// epochs.
    ///
    /// @param start value at share 0 (when there is a warm-up)
    /// @param peak highest value
    /// @param end value at share 1
    /// @param warmup share of the budget, at least 0 and below 1
    record WarmupCosine(double start, double peak, double end, double warmup) implements Schedule {

        public WarmupCosine {
            Check.that(
                    warmup >= 0 && warmup < 1,
                    "warmup is %s; it is a share of the budget: at least 0 and below 1",
                    warmup);
        }

        @Override
        public double at(double share) {
            if (share < warmup) {
                return start + (peak - start) * share / warmup;
            }
            double fall = (share - warmup) / (1 - warmup);
            return end + (peak - end) * 0.5 * (1 + Math.cos(Math.PI * fall));
        }
    }
}
