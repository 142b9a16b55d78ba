package dev.isoflop.task;

import dev.isoflop.torch.AdamW;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Optimisation.Decay;
import dev.isoflop.train.Span;

import java.util.Map;
import java.util.Optional;

/// How Koppula et al. 2022, section A.4, fine-tune an encoder. Pure.
public final class Tuning {

    private static final double LOWEST =
            1e-6; // mmsegmentation's: the first step's part of the rate
    private static final Span WARMUP = new Span.Steps(1500);

    /// What the study's search found for encoders that a method had pre-trained, where that is not
    /// what the others have.
    private static final Map<String, Best> BEST =
            Map.of("mae", new Best(1e-4, 0.05), "dino", new Best(5e-5, 0.05));

    private static final Best OTHERS = new Best(5e-5, 0.1);

    private record Best(double rate, double weightDecay) {}

    private Tuning() {}

    /// What they found best, by what an encoder was pre-trained with.
    ///
    /// They say nothing of `supervised`, which gets what three of the five others have, as does an
    /// encoder of unknown origin; nor of an encoder that was never trained, which gets the highest
    /// rate there is, MAE's.
    ///
    /// @param method its name in recipes, or none for an encoder that was never trained
    public static Optimisation of(Optional<String> method) {
        Best best = BEST.getOrDefault(method.orElse("mae"), OTHERS);
        return of(best.rate, best.weightDecay);
    }

    /// A rate and a weight decay: 1,500 steps of warm-up, a straight line down, gradients clipped
    /// to 1.
    public static Optimisation of(double rate, double weightDecay) {
        Decay straight = new Decay.Polynomial(1);
        Optimisation.Rate course =
                new Optimisation.Rate(rate, false, rate * LOWEST, 0, WARMUP, false, straight);
        return Optimisation.of(course, new AdamW.Settings(0.9, 0.999, 1e-8, weightDecay))
                .clipped(1);
    }
}
