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
                            run.get("wd").asDouble()),
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
        Lars lars = new Lars(new Parameters(module), new Lars.Settings(0.5, 0.001, 0.1));
        p.sum().backward(); // a gradient of ones
        lars.step(0.1, 0.1);
        assertThat(doubles(p)).containsExactly(new double[] {2.9, -4.1}, within(1e-15));
        lars.step(0.1, 0.1); // the same gradient, and half of the last update
        assertThat(doubles(p)).containsExactly(new double[] {2.75, -4.25}, within(1e-15));
    }
}
