package dev.isoflop.train;

import dev.isoflop.fault.Check;

/// A setting that changes with the share of the budget spent.
public sealed interface Schedule {

    /// The value at a share of the budget between 0 and 1; beyond 1 it stays as it is at 1.
    double at(double share);

    /// The same value always.
    record Constant(double value) implements Schedule {

        @Override
        public double at(double share) {
            return value;
        }
    }

    /// Half a cosine from one value to another over the whole budget.
    static Schedule cosine(double from, double to) {
        return from == to ? new Constant(from) : new WarmupCosine(from, from, to, 0, 0);
    }

    /// Linear from `start` to `peak`, then half a cosine down to `end`.
    ///
    /// The schedule of MAE's authors (`util/lr_sched.py`), with `share` = fractional epoch /
    /// epochs, of BYOL's and of optax; and, with a rise that ends earlier, of DINO's, whose last
    /// step of warm-up already has the peak.
    ///
    /// @param start value at share 0 (when there is a warm-up)
    /// @param peak highest value
    /// @param end value at share 1
    /// @param warmup share of the budget at which the fall begins, at least 0 and below 1
    /// @param rise share at which the peak is reached, at most `warmup`
    record WarmupCosine(double start, double peak, double end, double warmup, double rise)
            implements Schedule {

        public WarmupCosine {
            Check.that(
                    warmup >= 0 && warmup < 1,
                    "warmup is %s; it is a share of the budget: at least 0 and below 1",
                    warmup);
            Check.that(
                    rise >= 0 && rise <= warmup,
                    "rise is %s; it lies between 0 and the warm-up, %s",
                    rise,
                    warmup);
        }

        @Override
        public double at(double share) {
            if (share < warmup) {
                return start + (peak - start) * Math.min(1, share / rise);
            }
            double fall = (Math.min(share, 1) - warmup) / (1 - warmup);
            return end + (peak - end) * 0.5 * (1 + Math.cos(Math.PI * fall));
        }
    }

    /// A power of what is left of the budget, from `peak` at share 0 down to `end`, and through the
    /// warm-up a rising part of that: mmsegmentation's `poly` with linear warm-up, whose factor
    /// multiplies the falling value. So the highest value is a little below `peak`.
    ///
    /// @param start value at share 0 (when there is a warm-up)
    /// @param peak value at share 0 without a warm-up
    /// @param end value at share 1
    /// @param power 1 is a straight line
    /// @param warmup share of the budget over which the factor rises to 1, at least 0 and below 1
    record WarmupPolynomial(double start, double peak, double end, double power, double warmup)
            implements Schedule {

        public WarmupPolynomial {
            Check.that(power > 0, "power is %s; it must be positive", power);
            Check.that(
                    warmup >= 0 && warmup < 1,
                    "warmup is %s; it is a share of the budget: at least 0 and below 1",
                    warmup);
        }

        @Override
        public double at(double share) {
            double value = end + (peak - end) * Math.pow(1 - Math.min(share, 1), power);
            if (share >= warmup) {
                return value;
            }
            return value * (1 - (1 - share / warmup) * (1 - start / peak));
        }
    }
}
