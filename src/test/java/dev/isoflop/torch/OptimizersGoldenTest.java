package dev.isoflop.torch;

import static dev.isoflop.golden.Golden.array;
import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.doubles;

import dev.isoflop.golden.Golden;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

/// Case `optimizers`: AdamW and clipping, step by step, as PyTorch does them.
class OptimizersGoldenTest {

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void adamWAndClippingAreThoseOfPyTorch() {
        JsonNode golden = Golden.of("optimizers");
        long n = golden.get("p0").size();
        Tensor a = Ops.tensor(array(golden.get("a")), 1, n);
        Tensor b = Ops.tensor(array(golden.get("b")), 1, n);
        for (JsonNode run : golden.get("adamw")) {
            Module module = new Module("problem");
            Tensor start = Ops.tensor(array(golden.get("p0")), 1, n);
            Tensor p = Ops.registered(module, "p", start, true);
            Parameters parameters = new Parameters(module);
            AdamW optimiser =
                    new AdamW(
                            parameters,
                            new AdamW.Settings(
                                    run.get("betas").get(0).asDouble(),
                                    run.get("betas").get(1).asDouble(),
                                    run.get("eps").asDouble(),
                                    run.get("wd").asDouble()));
            for (int step = 0; step < run.get("steps").asInt(); step++) {
                parameters.clearGradients();
                Tensor difference = p.sub(b);
                Tensor loss = Ops.times(a.mul(difference).mul(difference).sum(), 0.5);
                loss.backward();
                double norm = parameters.gradientNorm();
                JsonNode before = run.get("loss_before_each_step").get(step);
                assertClose("loss", loss.item_double(), before);
                assertClose("norm", norm, run.get("grad_norm_before_clip").get(step));
                if (!run.get("clip_global_norm").isNull()) {
                    parameters.clip(norm, run.get("clip_global_norm").asDouble());
                }
                optimiser.step(run.get("lr").asDouble(), run.get("wd").asDouble());
                if (step == 0) {
                    assertClose("after the first step", doubles(p), run.get("after1"));
                }
            }
            assertClose("after the last step", doubles(p), run.get("after_last"));
        }
    }
}
