package dev.isoflop.trainer;

import dev.isoflop.run.Measurement;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Spread;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What is said of training that breaks down, and what to try.
final class Stability {

    private static final String REMEDIES =
            "Try a lower optimiser.base-rate, a longer optimiser.warmup, optimiser.clip=1";

    private Stability() {}

    /// What is wrong with the embeddings of a run, as they were last measured; nothing where they
    /// differ or were never measured.
    public static Optional<String> collapse(List<Measurement> measurements) {
        return measurements.reversed().stream()
                .flatMap(m -> spread(m).stream())
                .findFirst()
                .filter(Spread::collapsed)
                .map(Stability::collapsed);
    }

    private static Optional<Spread> spread(Measurement m) {
        Double deviation = m.spread();
        Double rank = m.effectiveRank();
        return deviation == null || rank == null
                ? Optional.empty()
                : Optional.of(new Spread(deviation, rank));
    }

    /// Embeddings that have collapsed.
    public static String collapsed(Spread spread) {
        return String.format(
                Locale.ROOT,
                "The embeddings have collapsed: the encoder says much the same of every image. From"
                        + " image to image they deviate by %.2g and use %.2f dimensions; below %s,"
                        + " or below %s dimensions, an encoder is of no use (directions that are"
                        + " spread evenly deviate by 1). %s, or a larger batch.",
                spread.deviation(),
                spread.effectiveRank(),
                Spread.LEAST_DEVIATION,
                Spread.LEAST_RANK,
                REMEDIES);
    }

    /// A step that is not finite.
    ///
    /// @param kept which checkpoint there is, in a sentence
    public static String notFinite(Loop.Step step, String kept) {
        return String.format(
                Locale.ROOT,
                "The loss is %s and the gradient's norm %s at step %,d; the step was not applied."
                        + " %s %s, or precision: f32.",
                step.loss(),
                step.gradientNorm(),
                step.at().step() + 1,
                kept,
                REMEDIES);
    }
}
