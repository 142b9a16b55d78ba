package dev.isoflop.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.run.MadeUpRun;
import dev.isoflop.run.Measurement;
import dev.isoflop.train.Spread;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/// When a run is called unstable for its embeddings, and in which words.
class StabilityTest {

    @Test
    void aCollapseIsSaidWithItsFiguresWhatTheyMeanAndWhatToTry() {
        assertThat(Stability.collapsed(new Spread(0.0031, 1.2)))
                .isEqualTo(
                        "The embeddings have collapsed: the encoder says much the same of every"
                            + " image. From image to image they deviate by 0.0031 and use 1.20"
                            + " dimensions; below 0.01, or below 1.5 dimensions, an encoder is of"
                            + " no use (directions that are spread evenly deviate by 1). Try a"
                            + " lower optimiser.base-rate, a longer optimiser.warmup,"
                            + " optimiser.clip=1, or a larger batch.");
    }

    @Test
    void whatWasMeasuredLastDecides() {
        assertThat(Stability.collapse(List.of(step(0.5), step(0.001)))).isPresent();
        assertThat(Stability.collapse(List.of(step(0.5), step(0.001), step(null)))).isPresent();
        assertThat(Stability.collapse(List.of(step(0.001), step(0.5)))).isEmpty();
    }

    @Test
    void aRunThatWasNeverMeasuredHasNotCollapsed() {
        assertThat(Stability.collapse(List.of())).isEmpty();
        assertThat(Stability.collapse(List.of(step(null)))).isEmpty();
    }

    private static Measurement step(@Nullable Double spread) {
        Double rank = spread == null ? null : Double.valueOf(5);
        return MadeUpRun.onlyStep(1, Map.of(), new Measurement.Embeddings(spread, rank));
    }
}
