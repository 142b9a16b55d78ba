package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Trace;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Images;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Progress;
import dev.isoflop.train.Schedule;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;

/// A method's price is the work it does: the formula equals the matrix products of a real step.
class PriceTest {

    private static final long SEED = 20_220_930;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    record Case(Mae.Config mae, VitShape shape, int batch, int atOnce, Precision precision) {}

    /// Chosen corners, and sizes drawn at random.
    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        DecoderShape tiny = new DecoderShape(32, 1, 4);
        DecoderShape deep = new DecoderShape(48, 3, 6);
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        for (double ratio : new double[] {0.55, 0.65, 0.75, 0.85}) {
            cases.add(new Case(new Mae.Config(ratio, tiny, true), small, 4, 4, Precision.F32));
        }
        cases.add(new Case(new Mae.Config(0.75, deep, false), small, 6, 2, Precision.F32));
        cases.add(new Case(new Mae.Config(0.75, deep, true), small, 5, 2, Precision.BF16));
        cases.add(new Case(new Mae.Config(0.75, deep, true), small, 1, 1, Precision.F32));
        cases.add(new Case(Mae.Config.DEFAULT, VitShape.of("Ti/16", 96), 2, 2, Precision.F32));
        Random random = new Random(SEED);
        for (int i = 0; i < 6; i++) {
            int heads = 1 + random.nextInt(4);
            int patch = 4 << random.nextInt(2);
            VitShape shape =
                    new VitShape(
                            16 * heads,
                            1 + random.nextInt(3),
                            heads,
                            patch,
                            patch * (2 + random.nextInt(5)));
            DecoderShape decoder = new DecoderShape(24 * heads, 1 + random.nextInt(3), heads);
            double ratio = 0.3 + 0.4 * random.nextDouble();
            int batch = 1 + random.nextInt(6);
            cases.add(
                    new Case(
                            new Mae.Config(ratio, decoder, random.nextBoolean()),
                            shape,
                            batch,
                            1 + random.nextInt(batch),
                            Precision.F32));
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itsPriceIsTheWorkItDoes(Case c) {
        int side = c.shape.image();
        Batches<Images> random = Batches.of(n -> new Images(torch.rand(n, 3, side, side)));
        Loop<Images> loop = loop(c);
        Trace trace = Trace.of(() -> loop.step(random, new Progress(1, 2, 0, 0)));
        long formula = c.mae.perImage(c.shape).exact() * c.batch;
        assertThat(trace.total().matmul()).as("seed %s", SEED).isEqualTo(formula);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itsParametersAreThoseItHas(Case c) {
        Mae mae = new Mae(c.mae, c.shape);
        assertThat(count(mae.encoder())).isEqualTo(c.shape.parameters());
        assertThat(count(mae.trained())).isEqualTo(c.mae.parameters(c.shape));
    }

    private static long count(org.bytedeco.pytorch.Module module) {
        return Parameters.named(module).values().stream().mapToLong(Tensor::numel).sum();
    }

    private static Loop<Images> loop(Case c) {
        Loop.Settings settings =
                new Loop.Settings(
                        c.batch,
                        c.atOnce,
                        c.precision,
                        new Schedule.Constant(1e-4),
                        new AdamW.Settings(0.9, 0.95, 1e-8, 0.05),
                        OptionalDouble.of(1),
                        0);
        return new Loop<>(new Mae(c.mae, c.shape), settings, Engine.device("cpu"));
    }

    @Test
    void encodersHaveTheParametersThatThePaperCounts() {
        assertThat(VitShape.of("B/16", 224).parameters()).isEqualTo(85_798_656);
        assertThat(VitShape.of("L/16", 224).parameters()).isEqualTo(303_301_632);
        assertThat(VitShape.blockParameters(768)).isEqualTo(7_087_872);
        assertThat(VitShape.blockParameters(1024)).isEqualTo(12_596_224);
        assertThat(VitShape.blockParameters(512)).isEqualTo(3_152_384);
        Mae.Config eight = Mae.Config.DEFAULT;
        Mae.Config one = new Mae.Config(0.75, new DecoderShape(512, 1, 16), true);
        assertThat(eight.parameters(VitShape.of("B/16", 224))).isEqualTo(111_907_840);
        assertThat(one.parameters(VitShape.of("B/16", 224))).isEqualTo(89_841_152);
        assertThat(eight.parameters(VitShape.of("L/16", 224))).isEqualTo(329_541_888);
        assertThat(one.parameters(VitShape.of("L/16", 224))).isEqualTo(307_475_200);
    }

    @Test
    void aForwardPassCostsWhatTheAuthorsNetworkDoes() {
        // GMAC forward: encoder and decoder at each ratio, ViT-B (counts of the official classes)
        double[][] expected = {
            {0.55, 7.821, 5.388}, {0.65, 6.064, 5.380}, {0.75, 4.408, 5.373}, {0.85, 2.680, 5.365}
        };
        VitShape base = VitShape.of("B/16", 224);
        for (double[] e : expected) {
            Mae.Config mae = new Mae.Config(e[0], Mae.Config.DEFAULT.decoder(), true);
            var forward = mae.perImage(base).parts().getFirst();
            assertThat(forward.of("encoder").doubleValue() / 2e9).isCloseTo(e[1], within(5e-4));
            assertThat(forward.of("decoder").doubleValue() / 2e9).isCloseTo(e[2], within(5e-4));
        }
    }
}
