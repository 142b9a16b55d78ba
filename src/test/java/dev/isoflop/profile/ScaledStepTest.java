package dev.isoflop.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.RunException;
import dev.isoflop.method.Byol;
import dev.isoflop.method.Clip;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Mae;
import dev.isoflop.method.Method;
import dev.isoflop.method.SimClr;
import dev.isoflop.method.Supervised;
import dev.isoflop.torch.Lars;
import dev.isoflop.torch.Part;
import dev.isoflop.trace.Bill;
import dev.isoflop.trace.Usage;
import dev.isoflop.train.Clipping;
import dev.isoflop.train.Optimisation;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.DinoHeadShape;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/// What is scaled from tiny steps is what a real step of that size executes.
@EnabledOnOs(OS.LINUX)
class ScaledStepTest {

    private static final long SEED = 20_260_711;

    /// Each size of it is scaled.
    private static final VitShape SHAPE = new VitShape(48, 4, 6, 8, 32);

    /// Nothing of it is; what else the method has, and the batch, are.
    private static final VitShape SMALL = new VitShape(16, 2, 2, 8, 32);

    static List<TracedStep> steps() {
        Mae.Config mae = new Mae.Config(0.75, new DecoderShape(56, 4, 7), true);
        Dino.Config dino =
                new Dino.Config(
                        new DinoHeadShape(96, 16, 256),
                        3,
                        16,
                        Dino.Config.DEFAULT.distillation(),
                        true);
        SimClr.Config simClr = SimClr.Config.DEFAULT;
        SimClr.Config wide =
                new SimClr.Config(0.1, Vit.Pool.MEAN_OF_PATCHES, MlpShape.simClr(96, 16, 3));
        Byol.Config byol =
                new Byol.Config(0.99, true, Vit.Pool.CLASS_TOKEN, MlpShape.byol(112, 24));
        Clip.Config clip =
                new Clip.Config(
                        new TextShape(24, 5, 3, 40, 300, 16, 9, TextShape.Pool.MEAN),
                        20,
                        Vit.Pool.CLASS_TOKEN,
                        0.07);
        Supervised.Config supervised = Supervised.Config.DEFAULT.withClasses(11);
        Optimisation lars =
                new Optimisation(
                        byol.optimisation().rate(),
                        new Lars.Settings(0.9, 0.001, 1e-6, false),
                        1e-6,
                        Optional.of(new Clipping(1, true)));
        List<TracedStep> steps = new ArrayList<>();
        steps.add(of(mae, 11, 4, Precision.BF16));
        steps.add(of(dino, 9, 4, Precision.F32)); // a last micro-batch of one image
        steps.add(of(simClr, 7, 7, Precision.F32));
        steps.add(of(wide, SMALL, 11, 3));
        steps.add(of(byol, 7, 7, Precision.BF16));
        steps.add(new TracedStep(byol, SMALL, 10, 4, Precision.F32, lars));
        steps.add(of(clip, 6, 6, Precision.F32));
        steps.add(of(clip, SMALL, 10, 3));
        steps.add(of(supervised, 7, 1, Precision.F32));
        Random random = new Random(SEED);
        Method.Config[] all = {mae, dino, simClr, byol, clip, supervised};
        for (int i = 0; i < 2; i++) {
            int batch = 5 + random.nextInt(6);
            int microBatch = 1 + random.nextInt(batch);
            steps.add(of(all[random.nextInt(all.length)], SMALL, batch, microBatch));
        }
        return steps;
    }

    private static TracedStep of(
            Method.Config config, int batch, int microBatch, Precision precision) {
        return new TracedStep(config, SHAPE, batch, microBatch, precision, config.optimisation());
    }

    private static TracedStep of(Method.Config config, VitShape shape, int batch, int microBatch) {
        return new TracedStep(
                config, shape, batch, microBatch, Precision.F32, config.optimisation());
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aScaledStepIsTheRealOneInEveryFigureOfEveryOperatorOfEveryPart(TracedStep step) {
        Executed scaled = ScaledStep.of(step);
        Executed real = step.executed(Optional.empty());

        assertThat(scaled.bill().entries())
                .as("seed %s", SEED)
                .containsExactlyEntriesOf(real.bill().entries());
        assertThat(scaled.held()).isEqualTo(real.held());
        assertThat((double) scaled.peak())
                .isCloseTo((double) real.peak(), Percentage.withPercentage(5));
    }

    @Test
    void aTinyStepThatIsNotAsPredictedIsAnErrorThatNamesTheFigure() {
        Supervised.Config config = Supervised.Config.DEFAULT.withClasses(11);
        Executed real = of(config, SMALL, 2, 2).executed(Optional.empty());
        ScaledStep.check(real, real);

        var entries = new TreeMap<>(real.bill().entries());
        Usage lost = entries.remove(new Bill.Entry(Part.ENCODER, Bill.Pass.FORWARD, "aten::gelu"));
        assertThat(lost).isNotNull();
        Bill less = new Bill(entries, real.bill().activations());
        assertThatThrownBy(() -> ScaledStep.check(real, new Executed(less, real.held())))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("of encoder, aten::gelu a small real step has " + lost);

        var kept = new TreeMap<>(real.bill().activations().kept());
        kept.merge(Part.ENCODER, real.bill().activations().sum() / 16, Long::sum);
        Bill more = new Bill(real.bill().entries(), new Bill.Activations(kept));
        assertThatThrownBy(() -> ScaledStep.check(real, new Executed(more, real.held())))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("of activations");
    }

    @Test
    void whereAllAreComparedTheWholeBatchIsThereAtOnce() {
        long bytes = 3L * 32 * 32 * Float.BYTES;
        Mae.Config mae = new Mae.Config(0.75, new DecoderShape(16, 1, 2), true);
        SimClr.Config simClr =
                new SimClr.Config(0.1, Vit.Pool.CLASS_TOKEN, MlpShape.simClr(32, 16, 2));
        assertThat(images(of(mae, SMALL, 6, 2))).isEqualTo(2 * bytes);
        assertThat(images(of(simClr, SMALL, 6, 2))).isEqualTo(6 * 2 * bytes);
        assertThat(images(of(simClr, SMALL, 6, 6))).isEqualTo(6 * 2 * bytes);
    }

    private static long images(TracedStep step) {
        return step.executed(Optional.empty()).held().images();
    }

    @Test
    void aPolynomialThroughItsValuesIsExactFarAway() {
        List<List<String>> monomials = List.of(List.of(), List.of("x"), List.of("x", "y", "y"));
        List<Map<String, Long>> points = List.of(at(1, 1), at(2, 1), at(2, 3));
        List<Long> values = List.of(7L + 3 + 5, 7L + 6 + 10, 7L + 6 + 90);

        Scaling.Weights far = new Scaling<>(monomials, points).at(at(1_000_003, 40_009));

        long exact = 7 + 3 * 1_000_003L + 5 * 1_000_003L * 40_009L * 40_009L;
        assertThat(far.of(values)).isEqualTo(exact);
        assertThat(Math.abs(far.about(values) - exact)).isLessThan(4096);
    }

    private static Map<String, Long> at(long x, long y) {
        return Map.of("x", x, "y", y);
    }
}
