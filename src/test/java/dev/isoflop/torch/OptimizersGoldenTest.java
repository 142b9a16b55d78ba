package dev.isoflop.torch;

import static dev.isoflop.golden.Golden.array;
import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.doubles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

/// Case `optimizers`, step by step: AdamW and clipping as PyTorch does them, LARS as the authors of
/// DINO do.
class OptimizersGoldenTest {

    private static final long LARS_ROWS = 3; // of the matrix that golden.md names

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void adamWAndClippingAreThoseOfPyTorch() {
        JsonNode golden = Golden.of("optimizers");
        assertThat(golden.get("adamw").size()).isPositive();
        for (JsonNode run : golden.get("adamw")) {
            assertAgrees(
                    golden,
                    run,
                    new AdamW.Settings(
                            run.get("betas").get(0).asDouble(),
                            run.get("betas").get(1).asDouble(),
                            run.get("eps").asDouble(),
                            run.get("wd").asDouble()),
                    1,
                    golden.get("p0").size());
        }
    }

    @Test
    void larsIsThatOfTheAuthors() {
        JsonNode golden = Golden.of("optimizers");
        assertThat(golden.get("lars").size()).isPositive();
        for (JsonNode run : golden.get("lars")) {
            assertAgrees(
                    golden,
                    run,
                    new Lars.Settings(
                            run.get("momentum").asDouble(),
                            run.get("eta").asDouble(),
                            run.get("wd").asDouble(),
                            false), // DINO's code: the rate multiplies the sum
                    LARS_ROWS,
                    golden.get("p0").size() / LARS_ROWS);
        }
    }

    /// Follows a run from `p0`, a matrix, step by step.
    private static void assertAgrees(
            JsonNode golden, JsonNode run, Optimiser.Settings settings, long... shape) {
        Module module = new Module("problem");
        Tensor a = Ops.tensor(array(golden.get("a")), shape);
        Tensor b = Ops.tensor(array(golden.get("b")), shape);
        Tensor start = Ops.tensor(array(golden.get("p0")), shape);
        Tensor p = Ops.registered(module, "p", start, true);
        Parameters parameters = new Parameters(module);
        Optimiser optimiser = settings.of(parameters);
        for (int step = 0; step < run.get("steps").asInt(); step++) {
            parameters.clearGradients();
            Tensor difference = p.sub(b);
            Tensor loss = Ops.times(a.mul(difference).mul(difference).sum(), 0.5);
            loss.backward();
            double norm = parameters.gradientNorm();
            if (run.has("loss_before_each_step")) {
                JsonNode before = run.get("loss_before_each_step").get(step);
                assertClose("loss", loss.item_double(), before);
                assertClose("norm", norm, run.get("grad_norm_before_clip").get(step));
            }
            if (run.hasNonNull("clip_global_norm")) {
                parameters.clip(norm, run.get("clip_global_norm").asDouble());
            }
            optimiser.step(run.get("lr").asDouble(), settings.weightDecay());
            if (step == 0) {
                assertClose("after the first step", doubles(p), run.get("after1"));
            }
        }
        assertClose("after the last step", doubles(p), run.get("after_last"));
    }

    @Test
    void larsNeitherDecaysNorScalesWhatHasOneDimension() {
        Module module = new Module("problem");
        double[] start = {3, -4};
        Tensor p = Ops.registered(module, "p", Ops.tensor(start, 2), true);
        Lars lars = new Lars(new Parameters(module), new Lars.Settings(0.5, 0.001, 0.1, false));
        p.sum().backward(); // a gradient of ones
        lars.step(0.1, 0.1);
        assertThat(doubles(p)).containsExactly(new double[] {2.9, -4.1}, within(1e-15));
        lars.step(0.1, 0.1); // the same gradient, and half of the last update
        assertThat(doubles(p)).containsExactly(new double[] {2.75, -4.25}, within(1e-15));
    }

    /// A gradient of 1 while the rate rises: 0, 0.1, 0.2, 0.3.
    @Test
    void withClassicMomentumAnUpdateKeepsTheRateOfTheStepItCameFrom() {
        assertThat(risen(true, 1)).isCloseTo(-0.951, within(1e-12)); // 0.1 + 0.29 + 0.561
        assertThat(risen(false, 1))
                .isCloseTo(-1.7637, within(1e-12)); // .1 1.9 + .2 2.71 + .3 3.439
    }

    /// The trust ratio is taken of each step's gradient, so that it too stays with its update.
    @Test
    void theTrustRatioIsInsideClassicMomentumTogetherWithTheRate() {
        double w = 2;
        double v = 0;
        for (double rate : RISING) {
            v = 0.9 * v + rate * 0.001 * w; // trust |w| / |g| of a gradient of 1
            w -= v;
        }
        assertThat(risen(true, 2)).isCloseTo(w, within(1e-12));
    }

    private static final double[] RISING = {0, 0.1, 0.2, 0.3};

    /// Where a number ends up whose gradient is always 1.
    ///
    /// @param dimensions 1: from 0, as it is; 2: from 2, with a trust ratio
    private static double risen(boolean classic, int dimensions) {
        Module module = new Module("problem");
        double[] start = {dimensions == 1 ? 0 : 2};
        long[] shape = dimensions == 1 ? new long[] {1} : new long[] {1, 1};
        Tensor p = Ops.registered(module, "p", Ops.tensor(start, shape), true);
        p.sum().backward(); // its gradient stays
        Lars lars = new Lars(new Parameters(module), new Lars.Settings(0.9, 0.001, 0, classic));
        for (double rate : RISING) {
            lars.step(rate, 0);
        }
        return doubles(p)[0];
    }

    @Test
    void whatLarsKeepsHasTheSameNameHoweverItsMomentumIs() {
        for (boolean classic : new boolean[] {false, true}) {
            Module module = new Module("problem");
            Ops.registered(module, "p", Ops.tensor(new double[] {1, 2}, 2), true);
            Lars lars = new Lars(new Parameters(module), new Lars.Settings(0.9, 1, 0, classic));
            assertThat(lars.state()).containsOnlyKeys("lars.velocity");
        }
    }
}
