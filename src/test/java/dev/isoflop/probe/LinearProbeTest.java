package dev.isoflop.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.run.Stop;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// A linear classifier on features that are made up.
class LinearProbeTest {

    private static final int WIDTH = 16;
    private static final int CLASSES = 4;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    /// Rows of noise, each shifted along the dimensions of its classes.
    private record MadeUp(Tensor features, GroundTruth truth) {

        static MadeUp of(Random random, int n, double shift, boolean multiLabel) {
            float[] features = new float[n * WIDTH];
            List<List<Integer>> labels = new ArrayList<>();
            for (int row = 0; row < n; row++) {
                List<Integer> shown = new ArrayList<>(List.of(random.nextInt(CLASSES)));
                int other = random.nextInt(CLASSES);
                if (multiLabel && !shown.contains(other)) {
                    shown.add(other);
                }
                for (int i = 0; i < WIDTH; i++) {
                    double scale = Math.pow(10, i % 3); // to be standardised away
                    double mean = shown.contains(i) ? shift : 0;
                    features[row * WIDTH + i] = (float) (scale * (mean + random.nextGaussian()));
                }
                labels.add(List.copyOf(shown));
            }
            return new MadeUp(Ops.tensor(features, n, WIDTH), new GroundTruth(labels, CLASSES));
        }
    }

    private static ClassificationMetrics probed(double shift, boolean multiLabel) {
        Random random = new Random(5);
        MadeUp train = MadeUp.of(random, 400, shift, multiLabel);
        MadeUp validation = MadeUp.of(random, 400, shift, multiLabel);
        LinearProbe.Outcome outcome =
                LinearProbe.of(
                                train.features,
                                train.truth,
                                validation.features,
                                multiLabel,
                                LinearProbe.Settings.DEFAULT,
                                Stop.NEVER)
                        .orElseThrow();
        return ClassificationMetrics.of(
                outcome.scores(), validation.truth, multiLabel, validation.truth.seen());
    }

    /// A probe that is evaluated on the rows that it learned from.
    private static LinearProbe.Outcome ofItself(MadeUp rows, LinearProbe.Settings settings) {
        return LinearProbe.of(rows.features, rows.truth, rows.features, false, settings, Stop.NEVER)
                .orElseThrow();
    }

    @Test
    void oneThatIsToStopSaysNothing() {
        MadeUp train = MadeUp.of(new Random(10), 20, 1, false);
        assertThat(
                        LinearProbe.of(
                                train.features,
                                train.truth,
                                train.features,
                                false,
                                LinearProbe.Settings.DEFAULT,
                                () -> true))
                .isEmpty();
    }

    @Test
    void classesThatLieApartAreToldApart() {
        assertThat(probed(12, false).value()).isEqualTo(1);
    }

    @Test
    void ofNoiseItLearnsChance() {
        double deviation = Math.sqrt(0.25 * 0.75 / 400);
        assertThat(probed(0, false).value()).isCloseTo(0.25, within(4 * deviation));
    }

    @Test
    void multiLabelClassesOfAnImageAreEachFound() {
        assertThat(probed(12, true).value()).isGreaterThan(0.999);
        double share = 1 - Math.pow(0.75, 2); // of images that show a class
        assertThat(probed(0, true).value()).as("of noise").isCloseTo(share, within(0.1));
    }

    @Test
    void theDecayIsTheOneThatDoesBestOnRowsHeldOut() {
        MadeUp train = MadeUp.of(new Random(6), 60, 0.5, false);
        List<Double> decays = List.of(1e-4, 100.0, 0.1);
        var settings = new LinearProbe.Settings(decays, 0.5, 50, 0);
        LinearProbe.Outcome outcome = ofItself(train, settings);
        assertThat(outcome.sweep().keySet()).containsExactly(100.0, 0.1, 1e-4);
        double best = outcome.sweep().values().stream().mapToDouble(v -> v).max().orElseThrow();
        assertThat(outcome.sweep().get(outcome.decay())).isEqualTo(best);
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        MadeUp train = MadeUp.of(new Random(7), 100, 1, false);
        var settings = new LinearProbe.Settings(List.of(0.01, 0.1), 0.2, 30, 3);
        double[][] once = ofItself(train, settings).scores();
        double[][] twice = ofItself(train, settings).scores();
        assertThat(twice).isDeepEqualTo(once);
    }

    @Test
    void theNumberOfThreadsChangesNoBitAndIsTheSameAfterwards() {
        MadeUp train = MadeUp.of(new Random(11), 1_500, 0.5, false);
        var settings = new LinearProbe.Settings(List.of(0.01, 0.1), 0.2, 30, 3);
        int before = Engine.threads();
        try {
            Engine.threads(1);
            double[][] alone = ofItself(train, settings).scores();
            Engine.threads(3);
            double[][] three = ofItself(train, settings).scores();
            assertThat(three).isDeepEqualTo(alone);
            assertThat(Engine.threads()).isEqualTo(3);
        } finally {
            Engine.threads(before);
        }
    }

    @Test
    void itsWorkIsThatOfEveryEvaluation() {
        MadeUp train = MadeUp.of(new Random(8), 50, 1, false);
        var settings = new LinearProbe.Settings(List.of(0.1), 0.2, 1, 0);
        LinearProbe.Outcome outcome = ofItself(train, settings);
        long logits = outcome.work().of("logits").longValueExact();
        assertThat(outcome.work().of("gradients").longValueExact()).isEqualTo(logits);
        assertThat(logits % (2L * WIDTH * CLASSES)).isZero();
        long scores = 2L * WIDTH * CLASSES * (10 + 50); // rows held out, then all
        assertThat(outcome.work().of("scores").longValueExact()).isEqualTo(scores);
    }

    @Test
    void nothingNativeIsLeftBehind() {
        MadeUp train = MadeUp.of(new Random(9), 50, 1, false);
        var settings = new LinearProbe.Settings(List.of(0.1), 0.2, 5, 0);
        List<Long> counts =
                IntStream.range(0, 3)
                        .mapToObj(_ -> {
                            var _ = ofItself(train, settings);
                            return Pointer.totalCount();
                        })
                        .toList();
        assertThat(counts.get(2)).isEqualTo(counts.get(1));
    }
}
