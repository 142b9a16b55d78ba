package dev.isoflop.train;

import dev.isoflop.fault.Check;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.Optimiser;

import java.util.List;
import java.util.Optional;

/// How a recipe trains: learning rate, optimiser, weight decay and clipping.
///
/// @param rate the learning rate's course
/// @param optimiser which one, with its settings
/// @param endWeightDecay weight decay at the end of the budget, reached along half a cosine
/// @param clipping of gradients; none leaves them as they are
public record Optimisation(
        Rate rate,
        Optimiser.Settings optimiser,
        double endWeightDecay,
        Optional<Clipping> clipping) {

    /// How a learning rate falls.
    public sealed interface Decay {

        /// Along half a cosine, which begins where the warm-up ends.
        record Cosine() implements Decay {}

        /// As a power of what is left of the budget, from its first step on: mmsegmentation's.
        ///
        /// @param power 1 is a straight line
        record Polynomial(double power) implements Decay {

            public Polynomial {
                Check.that(power > 0, "power is %s; it must be positive", power);
            }
        }
    }

    /// A learning rate that rises linearly and falls.
    ///
    /// @param baseRate at the peak
    /// @param scaleRate whether `baseRate` is for 256 images a step and grows in proportion to the
    ///   batch; else it is the rate itself. Koppula et al. 2022 say "base learning rate" and not
    ///   which: as each method's official code, it is scaled for MAE, SimCLR, BYOL and DINO, and
    ///   not for CLIP and the classifier
    /// @param startRate at the first step, not scaled
    /// @param endRate at the end of the budget, not scaled
    /// @param warmup over which the rate rises
    /// @param warmupReachesPeak whether the last step of the rise already has the peak, as the
    ///   authors of DINO have it; else the step after it
    /// @param decay how it falls
    public record Rate(
            double baseRate,
            boolean scaleRate,
            double startRate,
            double endRate,
            Span warmup,
            boolean warmupReachesPeak,
            Decay decay) {

        private static final int RATE_IMAGES = 256; // Goyal et al. 2017

        public Rate {
            Check.that(baseRate > 0, "baseRate is %s; it must be positive", baseRate);
            Check.that(startRate >= 0, "startRate is %s; it must not be negative", startRate);
            Check.that(endRate >= 0, "endRate is %s; it must not be negative", endRate);
            Check.that(
                    !warmupReachesPeak || decay instanceof Decay.Cosine,
                    "warmupReachesPeak is true; a polynomial falls from the first step on and has"
                            + " no peak to reach: leave it out, or decay by cosine");
        }

        /// One that falls along half a cosine.
        public Rate(
                double baseRate,
                boolean scaleRate,
                double startRate,
                double endRate,
                Span warmup,
                boolean warmupReachesPeak) {
            this(
                    baseRate,
                    scaleRate,
                    startRate,
                    endRate,
                    warmup,
                    warmupReachesPeak,
                    new Decay.Cosine());
        }

        /// From 0 over the warm-up to the peak, and down to 0.
        public static Rate of(double baseRate, boolean scaleRate, double warmup) {
            return new Rate(baseRate, scaleRate, 0, 0, new Span.Share(warmup), false);
        }

        /// The same at every step.
        public static Rate constant(double rate) {
            return new Rate(rate, false, rate, rate, new Span.Share(0), false);
        }

        /// The learning rate by share of the budget.
        ///
        /// @param batch images a step
        /// @param steps the run's length
        /// @throws IllegalArgumentException if the warm-up is as long as the run
        public Schedule schedule(int batch, long steps) {
            double peak = scaleRate ? baseRate * batch / RATE_IMAGES : baseRate;
            double fall = warmup.share(steps);
            double rising = Math.rint(fall * steps);
            boolean earlier = warmupReachesPeak && rising > 1;
            double rise = earlier ? (rising - 1) / steps : fall;
            return switch (decay) {
                case Decay.Cosine _ ->
                        new Schedule.WarmupCosine(startRate, peak, endRate, fall, rise);
                case Decay.Polynomial p ->
                        new Schedule.WarmupPolynomial(startRate, peak, endRate, p.power(), fall);
            };
        }

        private static Rate from(Table t, Rate fallback) {
            return t.build(() ->
                    new Rate(
                            t.real("base-rate", fallback.baseRate),
                            t.flag("scale-rate", fallback.scaleRate),
                            t.real("start-rate", fallback.startRate),
                            t.real("end-rate", fallback.endRate),
                            t.has("warmup") ? t.parsed("warmup", Span::parse) : fallback.warmup,
                            t.flag("warmup-reaches-peak", fallback.warmupReachesPeak),
                            decay(t, fallback.decay)));
        }

        private static Decay decay(Table t, Decay fallback) {
            boolean polynomial = fallback instanceof Decay.Polynomial;
            String usual = polynomial ? "polynomial" : "cosine";
            if (t.choice("decay", List.of("cosine", "polynomial"), usual).equals("cosine")) {
                return new Decay.Cosine();
            }
            double power = fallback instanceof Decay.Polynomial p ? p.power() : 1;
            return new Decay.Polynomial(t.real("power", power));
        }
    }

    public Optimisation {
        Check.that(
                endWeightDecay >= 0,
                "endWeightDecay is %s; it must not be negative",
                endWeightDecay);
    }

    /// With a weight decay that stays, and no clipping.
    public static Optimisation of(Rate rate, Optimiser.Settings optimiser) {
        return new Optimisation(rate, optimiser, optimiser.weightDecay(), Optional.empty());
    }

    /// The same with gradients clipped to a global norm.
    public Optimisation clipped(double clip) {
        Clipping all = new Clipping(clip, false);
        return new Optimisation(rate, optimiser, endWeightDecay, Optional.of(all));
    }

    /// Weight decay by share of the budget.
    public Schedule weightDecay() {
        return Schedule.cosine(optimiser.weightDecay(), endWeightDecay);
    }

    /// Reads the `optimiser` of a recipe; what it leaves out is as in `fallback`.
    public static Optimisation from(Table t, Optimisation fallback) {
        Optimiser.Settings optimiser = Optimiser.Settings.from(t, fallback.optimiser);
        boolean stays = fallback.endWeightDecay == fallback.optimiser.weightDecay();
        double end = stays ? optimiser.weightDecay() : fallback.endWeightDecay;
        return t.build(() ->
                new Optimisation(
                        Rate.from(t, fallback.rate),
                        optimiser,
                        t.real("end-weight-decay", end),
                        clipping(t, fallback.clipping)));
    }

    private static Optional<Clipping> clipping(Table t, Optional<Clipping> fallback) {
        boolean each = fallback.map(Clipping::clipEach).orElse(false);
        if (!t.has("clip") && fallback.isEmpty()) {
            return Optional.empty();
        }
        double clip = fallback.isEmpty() ? t.real("clip") : t.real("clip", fallback.get().clip());
        return Optional.of(new Clipping(clip, t.flag("clip-each", each)));
    }
}
