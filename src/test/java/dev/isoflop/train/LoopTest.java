package dev.isoflop.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.method.Mae;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// What the loop promises to every learner.
class LoopTest {

    private static final VitShape SHAPE = new VitShape(32, 2, 2, 8, 32);
    private static final Mae.Config MAE = new Mae.Config(0.75, new DecoderShape(16, 1, 2), true);
    private static final int BATCH = 6;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void aBatchInCutsGivesTheNumbersOfTheWholeBatch() {
        Result whole = train(BATCH, Precision.F64, 3);
        Result cut = train(2, Precision.F64, 3);
        Result uneven = train(4, Precision.F64, 3);
        for (int i = 0; i < 3; i++) {
            double loss = whole.steps.get(i).loss();
            double norm = whole.steps.get(i).gradientNorm();
            for (Result other : List.of(cut, uneven)) {
                assertThat(other.steps.get(i).loss()).isCloseTo(loss, within(1e-12 * loss));
                assertThat(other.steps.get(i).gradientNorm()).isCloseTo(norm, within(1e-12 * norm));
            }
        }
        for (int i = 0; i < whole.values.size(); i++) {
            assertThat(cut.values.get(i)).isCloseTo(whole.values.get(i), within(1e-12));
        }
    }

    @Test
    void theLossFalls() {
        List<Loop.Step> steps = train(BATCH, Precision.F32, 60).steps;
        assertThat(steps.getLast().loss()).isLessThan(0.9 * steps.getFirst().loss());
    }

    @Test
    void bfloat16FollowsSinglePrecision() {
        double single = train(BATCH, Precision.F32, 20).steps.getLast().loss();
        double brain = train(BATCH, Precision.BF16, 20).steps.getLast().loss();
        assertThat(brain).isCloseTo(single, within(0.02 * single)).isNotEqualTo(single);
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        assertThat(train(2, Precision.F32, 3).values).isEqualTo(train(2, Precision.F32, 3).values);
    }

    @Test
    void noTensorOutlivesItsStep() {
        Loop<Images> loop = loop(3, Precision.F32, Optional.of(new Clipping(1, false)));
        Batches<Images> images = images(Precision.F32);
        loop.step(images, new Progress(0, 1000, 0, 0));
        System.gc(); // what earlier tests left is not this loop's
        loop.step(images, new Progress(1, 1000, 0, 0));
        long pointers = Pointer.totalCount();
        for (int step = 2; step < 40; step++) {
            loop.step(images, new Progress(step, 1000, 0, 0));
            assertThat(Pointer.totalCount()).as("step %s", step).isLessThanOrEqualTo(pointers);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void memoryStaysFlatOverManySteps() {
        Loop<Images> loop = loop(BATCH, Precision.F32, Optional.empty());
        Batches<Images> images = images(Precision.F32);
        for (int step = 0; step < 200; step++) {
            loop.step(images, new Progress(step, 2000, 0, 0));
        }
        long[] growth = new long[9]; // the median counts: the compiler's own memory comes and goes
        for (int i = 0; i < growth.length; i++) {
            long before = NativeMemory.allocated();
            for (int step = 200 + 200 * i; step < 400 + 200 * i; step++) {
                loop.step(images, new Progress(step, 2000, 0, 0));
            }
            growth[i] = NativeMemory.allocated() - before;
        }
        Arrays.sort(growth);
        assertThat(growth[growth.length / 2])
                .as("median of %s bytes over 200 steps", Arrays.toString(growth))
                .isLessThan(1200L << 10); // a single leaked image a step would be 2.4 MB
    }

    @Test
    void aNetworkSurvivesTheCollectorBeforeItMoves() {
        Mae mae = new Mae(MAE, SHAPE);
        System.gc();
        mae.trained().to(ScalarType.Double, false); // calls back into each Java module
        assertThat(mae.trained().parameters().get(0).scalar_type().intern())
                .isEqualTo(ScalarType.Double);
    }

    @Test
    void aStepThatIsNotFiniteIsNotApplied() {
        Loop<Images> loop = loop(BATCH, Precision.F32, Optional.empty());
        List<Double> before = values(loop);
        Batches<Images> broken =
                Batches.of(n -> new Images(Ops.times(torch.ones(n, 3, 32, 32), Double.NaN)));
        List<Loop.Step> seen = new ArrayList<>();
        loop.run(
                broken,
                0,
                5,
                step -> {
                    seen.add(step);
                    return step.finite();
                });
        assertThat(seen).hasSize(1);
        assertThat(seen.getFirst().finite()).isFalse();
        assertThat(values(loop)).isEqualTo(before);
    }

    @Test
    void clippingLimitsTheWholeGradient() {
        Loop<Images> loop = loop(BATCH, Precision.F64, Optional.of(new Clipping(1e-3, false)));
        loop.step(images(Precision.F64), new Progress(0, 5, 0, 0));
        assertThat(loop.parameters().gradientNorm()).isCloseTo(1e-3, within(1e-5));
    }

    private record Result(List<Loop.Step> steps, List<Double> values) {}

    private static Result train(int atOnce, Precision precision, long steps) {
        Loop<Images> loop = loop(atOnce, precision, Optional.empty());
        List<Loop.Step> seen = new ArrayList<>();
        loop.run(images(precision), 0, steps, seen::add);
        return new Result(seen, values(loop));
    }

    private static List<Double> values(Loop<Images> loop) {
        Tensor flat = loop.parameters().values().to(ScalarType.Double);
        double[] values = new double[(int) flat.numel()];
        DoubleBuffer buffer = flat.createBuffer();
        buffer.get(values);
        return Arrays.stream(values).boxed().toList();
    }

    private static Loop<Images> loop(int atOnce, Precision precision, Optional<Clipping> clip) {
        torch.manual_seed(1);
        Loop.Settings settings =
                new Loop.Settings(
                        BATCH,
                        atOnce,
                        precision,
                        new Optimisation(
                                Optimisation.Rate.constant(1e-3),
                                new AdamW.Settings(0.9, 0.95, 1e-8, 0.05),
                                0.05,
                                clip),
                        5);
        return new Loop<>(new Mae(MAE, SHAPE), settings, Engine.device("cpu"));
    }

    /// The same smooth pictures in the same order, whatever the cuts.
    private static Batches<Images> images(Precision precision) {
        SplittableRandom random = new SplittableRandom(3);
        return Batches.of(n -> {
            double[] pixels = new double[n * 3 * 32 * 32];
            for (int i = 0; i < n; i++) {
                double fx = random.nextDouble(0.5);
                double fy = random.nextDouble(0.5);
                for (int at = 0; at < 3 * 32 * 32; at++) {
                    int x = at % 32;
                    int y = at / 32 % 32;
                    pixels[i * 3 * 32 * 32 + at] = Math.sin(fx * x + fy * y);
                }
            }
            return new Images(Ops.tensor(pixels, n, 3, 32, 32).to(Engine.parameterType(precision)));
        });
    }
}
