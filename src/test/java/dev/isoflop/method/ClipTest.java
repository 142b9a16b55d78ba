package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.golden.Golden;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Captioned;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.train.Keep;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.TextShape.Pool;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/// What CLIP promises beyond the contract of all methods.
class ClipTest {

    private static final VitShape SHAPE = new VitShape(32, 2, 2, 8, 16);
    private static final Clip.Config CLIP = config(text(TextShape.Pool.MEAN), Vit.Pool.CLASS_TOKEN);
    private static final int BATCH = 6;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void aBatchInCutsGivesTheNumbersOfTheWholeBatch() {
        Result whole = train(BATCH, Precision.F64, 3);
        for (int atOnce : new int[] {2, 4}) {
            Result cut = train(atOnce, Precision.F64, 3);
            for (int i = 0; i < 3; i++) {
                double loss = whole.steps.get(i).loss();
                double norm = whole.steps.get(i).gradientNorm();
                assertThat(cut.steps.get(i).loss()).isCloseTo(loss, within(1e-12 * loss));
                assertThat(cut.steps.get(i).gradientNorm()).isCloseTo(norm, within(1e-12 * norm));
            }
            for (int i = 0; i < whole.values.size(); i++) {
                assertThat(cut.values.get(i)).isCloseTo(whole.values.get(i), within(1e-12));
            }
        }
    }

    @Test
    void itLearnsWhichCaptionIsWhose() {
        List<Loop.Step> steps = train(BATCH, Precision.F32, 60).steps;
        assertThat(steps.getFirst().loss()).isGreaterThan(Math.log(BATCH) / 2);
        assertThat(steps.getLast().loss()).isLessThan(0.1);
    }

    @Test
    void bfloat16FollowsSinglePrecision() {
        double single = train(BATCH, Precision.F32, 10).steps.getLast().loss();
        double brain = train(BATCH, Precision.BF16, 10).steps.getLast().loss();
        assertThat(brain).isCloseTo(single, within(0.05 * single)).isNotEqualTo(single);
    }

    @Test
    void pairsThatAgreeHaveALowerLossThanPairsThatDoNot() {
        Clip clip = new Clip(CLIP, SHAPE);
        Tensor image = torch.randn(BATCH, CLIP.jointWidth());
        double own = loss(clip, image, image);
        double shuffled = loss(clip, image, image.roll(1));
        assertThat(own).isPositive().isLessThan(shuffled);
    }

    @Test
    void theLengthOfAnEmbeddingSaysNothing() {
        Clip clip = new Clip(CLIP, SHAPE);
        Tensor image = torch.randn(BATCH, CLIP.jointWidth());
        Tensor text = torch.randn(BATCH, CLIP.jointWidth());
        double loss = loss(clip, image, text);
        Tensor longer = text.mul(new Scalar(8));
        assertThat(loss(clip, image, longer)).isCloseTo(loss, within(1e-12));
    }

    @Test
    void autocastDoesNotRoundWhatIsCompared() {
        Clip clip = new Clip(CLIP, SHAPE);
        Tensor image = torch.randn(BATCH, CLIP.jointWidth());
        Tensor text = torch.randn(BATCH, CLIP.jointWidth());
        double[] exact = Golden.doubles(clip.logits(image, text));
        try (Engine.Autocast _ = Engine.autocast(Engine.device("cpu"), Precision.BF16)) {
            assertThat(Golden.doubles(clip.logits(image, text))).isEqualTo(exact);
        }
    }

    @Test
    void theScaleOfLogitsNeverExceedsAHundred() {
        Loop<Captioned> loop = loop(BATCH, Precision.F64, 1e-6);
        Tensor scale = Objects.requireNonNull(loop.parameters().named().get("logit_scale"));
        Batches<Captioned> batches = pairs(Precision.F64);
        set(scale, 1000);
        loop.step(batches, new Progress(0, 9, 0, 0));
        assertThat(Math.exp(scale.item_double())).isCloseTo(100, within(1e-12));
        set(scale, 50);
        loop.step(batches, new Progress(1, 9, 0, 0));
        assertThat(Math.exp(scale.item_double())).isCloseTo(50, within(1e-3)).isNotEqualTo(50);
    }

    @Test
    void theScaleBeginsAtTheTemperatureAndIsWatched() {
        Loop.Step first = loop(BATCH, Precision.F64, 1e-3).step(pairs(Precision.F64), start());
        assertThat(first.parts()).containsOnlyKeys("logit scale");
        assertThat(first.parts().get("logit scale")).isCloseTo(1 / 0.07, within(1e-12));
    }

    @Test
    void theScaleIsNotDecayedAndProjectionsAre() {
        Map<String, Tensor> named = Parameters.named(new Clip(CLIP, SHAPE).trained());
        assertThat(named).containsKeys("logit_scale", "text_projection", "visual_projection");
        named.forEach((name, tensor) -> {
            if (!name.contains(".")) {
                boolean decays = AdamW.decays(name, tensor.dim());
                assertThat(decays).as(name).isEqualTo(name.endsWith("_projection"));
            }
        });
    }

    @Test
    void aCheckpointHoldsTheScale(@TempDir Path run) {
        Loop<Captioned> loop = loop(BATCH, Precision.F32, 0.1);
        loop.step(pairs(Precision.F32), start());
        Checkpoints checkpoints = new Checkpoints(run, new Keep(1, 0));
        Checkpoint saved = checkpoints.write(1, BATCH, Map.of(), loop.state(), Map.of());
        Loop<Captioned> other = loop(BATCH, Precision.F32, 0.1);
        assertThat(Golden.doubles(other.parameters().values()))
                .isNotEqualTo(Golden.doubles(loop.parameters().values()));
        saved.restore(other.state());
        assertThat(Golden.doubles(other.parameters().values()))
                .isEqualTo(Golden.doubles(loop.parameters().values()));
    }

    @Test
    void threeForwardPassesCostWhatTheStudysStepDoesAndThePriceIsOneProductLess() {
        // GMAC at ViT-B/16, 224: three times the forward pass of the official classes
        Map<String, Double> expected = Map.of("mini", 53.2, "medium", 56.9);
        VitShape base = VitShape.of("B/16", 224);
        expected.forEach((tower, gmac) -> {
            Clip.Config clip = config("text-tower: " + tower);
            Work price = clip.perImage(base, 4096);
            BigInteger three = price.of("forward").multiply(BigInteger.valueOf(3));
            assertThat(three.doubleValue() / 2e9).as(tower).isCloseTo(gmac, within(0.05));
            assertThat(price.flops()).isEqualTo(three.subtract(base.embeddingWork().flops()));
        });
    }

    @Test
    void thePriceNamesItsParts() {
        for (Work direction : Clip.Config.DEFAULT.perImage(SHAPE, 8).parts()) {
            assertThat(direction.parts())
                    .extracting(Work::name)
                    .containsExactly("encoder", "text tower", "projections", "loss");
        }
    }

    @Test
    void onlyTheLossCostsMoreInALargerBatch() {
        Work small = CLIP.perImage(SHAPE, 8);
        Work large = CLIP.perImage(SHAPE, 16);
        BigInteger loss = small.of("loss");
        assertThat(loss).isEqualTo(BigInteger.valueOf(3L * 2 * 8 * CLIP.jointWidth()));
        assertThat(large.flops()).isEqualTo(small.flops().add(loss));
    }

    @Test
    void aRecipeMayStartFromATowerAndChangeIt() {
        assertThat(config("text-tower: mini")).isEqualTo(Clip.Config.DEFAULT);
        assertThat(
                        config(
                                "{text-tower: medium, vocabulary: 1000, max-tokens: 20,"
                                    + " max-characters: 55, feature: mean-of-patches, text-pool:"
                                    + " first-token, joint-width: 64}"))
                .isEqualTo(
                        new Clip.Config(
                                new TextShape(
                                        512,
                                        8,
                                        8,
                                        2048,
                                        1000,
                                        512,
                                        20,
                                        55,
                                        TextShape.Pool.FIRST_TOKEN),
                                64,
                                Vit.Pool.MEAN_OF_PATCHES,
                                0.07));
    }

    @Test
    void whatCannotBeIsRefusedAtItsKey() {
        assertRefused("temperature: 0.001", "temperature is 0.001; write 0.01 or more");
        assertRefused("joint-width: 0", "joint-width is 0; it must be at least 1");
        assertRefused(
                "text-heads: 3", "text-heads is 3; it must divide the text tower's width, 256");
        assertRefused(
                "max-tokens: 513",
                "max-tokens is 513; it must lie between 2 and the text tower's positions, 512");
        assertRefused("vocabulary: 0", "vocabulary is 0; it must be at least 1");
        assertRefused("text-tower: tiny", "mini");
    }

    private static void assertRefused(String yaml, String complaint) {
        assertThatThrownBy(() -> config(yaml))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("clip.yaml:1")
                .hasMessageContaining(complaint);
    }

    private static Clip.Config config(String yaml) {
        return Clip.Config.from(Table.parse("clip.yaml", yaml));
    }

    private record Result(List<Loop.Step> steps, List<Double> values) {}

    private static Result train(int atOnce, Precision precision, long steps) {
        Loop<Captioned> loop = loop(atOnce, precision, 1e-3);
        List<Loop.Step> seen = new ArrayList<>();
        loop.run(pairs(precision), 0, steps, seen::add);
        double[] values = Golden.doubles(loop.parameters().values());
        return new Result(seen, Arrays.stream(values).boxed().toList());
    }

    private static Loop<Captioned> loop(int atOnce, Precision precision, double rate) {
        torch.manual_seed(1);
        Optimisation optimisation =
                Optimisation.of(
                        Optimisation.Rate.constant(rate),
                        // a large epsilon: rounding where gradients are zero stays rounding
                        new AdamW.Settings(0.9, 0.95, 1e-5, 0));
        return new Loop<>(
                new Clip(CLIP, SHAPE),
                new Loop.Settings(BATCH, atOnce, precision, optimisation, 5),
                Engine.device("cpu"));
    }

    private static Progress start() {
        return new Progress(0, 9, 0, 0);
    }

    private static double loss(Clip clip, Tensor image, Tensor text) {
        return clip.loss(List.of(image, text), List.of(), start()).total().item_double();
    }

    private static void set(Tensor logitScale, double scale) {
        try (NoGradGuard _ = new NoGradGuard()) {
            logitScale.fill_(new Scalar(Math.log(scale)));
        }
    }

    /// The same pairs at every step, whatever the cuts.
    private static Batches<Captioned> pairs(Precision precision) {
        int side = SHAPE.image();
        Tensor pixels = Golden.signed(7, 1, BATCH, 3, side, side);
        ScalarType type = Engine.parameterType(precision);
        int tokens = CLIP.text().maxTokens();
        int[][] ids = new int[BATCH][tokens];
        int[] lengths = new int[BATCH];
        for (int i = 0; i < BATCH; i++) {
            lengths[i] = 2 + i;
            for (int j = 0; j < lengths[i]; j++) {
                ids[i][j] = (int) (Golden.u(7, 2 + i, j) * CLIP.text().vocabulary());
            }
        }
        int[] row = {0};
        return Batches.of(n -> {
            int from = row[0];
            row[0] = (from + n) % BATCH;
            return Captioned.of(
                    pixels.narrow(0, from, n).to(type),
                    Arrays.copyOfRange(ids, from, from + n),
                    Arrays.copyOfRange(lengths, from, from + n));
        });
    }

    /// Small ones for the contract: chosen corners, and sizes drawn at random.
    static List<Instance<?>> instances(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        Clip.Config usual = config(text(Pool.MEAN), Vit.Pool.CLASS_TOKEN);
        for (Pool pool : Pool.values()) {
            all.add(of(config(text(pool), Vit.Pool.CLASS_TOKEN), small, 4, 4, Precision.F32));
        }
        all.add(of(config(text(Pool.MEAN), Vit.Pool.MEAN_OF_PATCHES), small, 4, 3, Precision.F32));
        all.add(of(usual, small, 6, 2, Precision.F32));
        all.add(of(usual, small, 5, 2, Precision.BF16));
        all.add(of(usual, small, 5, 5, Precision.BF16));
        all.add(of(usual, small, 1, 1, Precision.F32));
        all.add(of(Clip.Config.DEFAULT, VitShape.of("Ti/16", 64), 2, 2, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            int heads = 1 + random.nextInt(4);
            int tokens = 2 + random.nextInt(12);
            TextShape text =
                    new TextShape(
                            heads * (4 + random.nextInt(20)),
                            1 + random.nextInt(3),
                            heads,
                            1 + random.nextInt(90),
                            2 + random.nextInt(300),
                            tokens + random.nextInt(9),
                            tokens,
                            List.of(Pool.values()).get(random.nextInt(3)));
            Vit.Pool pool = List.of(Vit.Pool.values()).get(random.nextInt(2));
            Clip.Config clip = new Clip.Config(text, 1 + random.nextInt(70), pool, 0.07);
            int batch = 1 + random.nextInt(6);
            VitShape shape = Shapes.random(random, 1 + random.nextInt(4));
            all.add(of(clip, shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    /// A small tower of the odd kind: no two of its sizes are alike.
    static TextShape text(Pool pool) {
        return new TextShape(24, 2, 3, 80, 40, 16, 11, pool);
    }

    static Clip.Config config(TextShape text, Vit.Pool pool) {
        return new Clip.Config(text, 36, pool, 0.07);
    }

    /// Random images with captions of random lengths.
    static Captioned captioned(int n, TextShape text, int side) {
        TensorOptions whole = Ops.options(new Device("cpu"), ScalarType.Long);
        Tensor ids = torch.randint(text.vocabulary(), new long[] {n, text.maxTokens()}, whole);
        Tensor lengths = torch.randint(1, text.maxTokens() + 1, new long[] {n}, whole);
        return new Captioned(torch.rand(n, 3, side, side), ids, lengths);
    }

    private static Instance<Captioned> of(
            Clip.Config clip, VitShape shape, int batch, int atOnce, Precision precision) {
        return new Instance<>(
                clip,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Clip(clip, shape),
                n -> captioned(n, clip.text(), shape.image()));
    }
}
