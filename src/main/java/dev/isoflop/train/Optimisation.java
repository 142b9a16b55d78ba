package dev.isoflop.train;

import dev.isoflop.fault.Check;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;

import java.util.OptionalDouble;

/// How a recipe trains: learning rate, warm-up, AdamW and clipping.
///
/// @param baseRate learning rate at the peak, for 256 images a step; it grows in proportion to the
///   batch
/// @param endRate learning rate at the end of the budget, not scaled
/// @param warmup share of the budget over which the rate rises from 0
/// @param adamW AdamW's settings
/// @param clip largest global norm of the gradients; none leaves them as they are
public record Optimisation(
        double baseRate, double endRate, double warmup, AdamW.Settings adamW, OptionalDouble clip) {

    private static final int RATE_IMAGES = 256; // Goyal et al. 2017; He et al. 2022, table 8

    /// MAE's authors: section A.1, table 8. (Koppula et al. 2022 do not state theirs.)
    public static final Optimisation MAE =
            new Optimisation(
                    1.5e-4,
                    0,
                    0.05,
                    new AdamW.Settings(0.9, 0.95, 1e-8, 0.05),
                    OptionalDouble.empty());

    public Optimisation {
        Check.that(baseRate > 0, "baseRate is %s; it must be positive", baseRate);
        Check.that(endRate >= 0, "endRate is %s; it must not be negative", endRate);
        Check.that(
                warmup >= 0 && warmup < 1,
                "warmup is %s; write a share of the budget, such as 0.05",
                warmup);
        Check.that(clip.orElse(1) > 0, "clip is %s; it must be positive", clip.orElse(1));
    }

    /// Reads the `optimiser` of a recipe; what it leaves out is as in `fallback`.
    public static Optimisation from(Table t, Optimisation fallback) {
        AdamW.Settings adam = fallback.adamW;
        return t.build(() ->
                new Optimisation(
                        t.real("base-rate", fallback.baseRate),
                        t.real("end-rate", fallback.endRate),
                        t.real("warmup", fallback.warmup),
                        new AdamW.Settings(
                                t.real("beta1", adam.beta1()),
                                t.real("beta2", adam.beta2()),
                                t.real("epsilon", adam.epsilon()),
                                t.real("weight-decay", adam.weightDecay())),
                        t.has("clip") ? OptionalDouble.of(t.real("clip")) : fallback.clip));
    }

    /// The learning rate by share of the budget.
    ///
    /// @param batch images a step
    public Schedule rate(int batch) {
        return new Schedule.WarmupCosine(0, baseRate * batch / RATE_IMAGES, endRate, warmup);
    }
}
