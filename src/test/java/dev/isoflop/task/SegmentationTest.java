package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.recipe.Table;
import dev.isoflop.task.Segmentation.Average;
import dev.isoflop.task.Segmentation.Config;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Masked;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.FcnHeadShape;
import dev.isoflop.vit.FcnHeadShape.Norm;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

class SegmentationTest {

    private static final long SEED = 20_261_126;
    private static final VitShape SMALL = new VitShape(32, 2, 2, 8, 32);
    private static final Config CONFIG =
            new Config(
                    3,
                    new FcnHeadShape(8, 2, 1, false, Norm.NONE),
                    0,
                    Average.VALID,
                    Transfer.DEFAULT,
                    new Protocol.Centre(32, 32));

    @BeforeAll
    static void load() {
        LibTorch.load();
        torch.manual_seed(5);
    }

    /// For the contract that all tasks keep; the first three are its corners.
    static List<TaskInstance<?>> instances() {
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        FcnHeadShape plain = new FcnHeadShape(16, 2, 1, false, Norm.NONE);
        FcnHeadShape whole = new FcnHeadShape(24, 1, 6, true, Norm.BATCH);
        Protocol centre = new Protocol.Centre(32, 32);
        Config usual = new Config(5, plain, 0.1, Average.VALID, Transfer.DEFAULT, centre);
        Transfer all = new Transfer(Transfer.Rule.DINO_SCALE, true, true);
        Config other = new Config(9, whole, 0.3, Average.ALL, all, centre);
        List<TaskInstance<?>> instances =
                new ArrayList<>(
                        List.of(
                                of(usual, small, 48, Positions.SINE_COSINE, 4, 4, Precision.F32),
                                of(other, small, 40, Positions.LEARNED, 5, 2, Precision.F32),
                                of(usual, small, 40, Positions.LEARNED, 4, 4, Precision.BF16)));
        Random random = new Random(SEED);
        List<Transfer.Rule> rules = List.of(Transfer.Rule.values());
        for (int i = 0; i < 5; i++) {
            int heads = 1 + random.nextInt(4);
            int patch = 4 << random.nextInt(2);
            VitShape shape =
                    new VitShape(16 * heads, 1 + random.nextInt(3), heads, patch, 2 * patch);
            Config config =
                    new Config(
                            1 + random.nextInt(30),
                            new FcnHeadShape(
                                    1 + random.nextInt(40),
                                    1 + random.nextInt(3),
                                    1 + random.nextInt(6),
                                    random.nextBoolean(),
                                    random.nextBoolean() ? Norm.NONE : Norm.BATCH),
                            0.4 * random.nextDouble(),
                            random.nextBoolean() ? Average.ALL : Average.VALID,
                            new Transfer(
                                    rules.get(random.nextInt(rules.size())),
                                    random.nextBoolean(),
                                    random.nextBoolean()),
                            centre);
            int batch = 1 + random.nextInt(4);
            instances.add(
                    of(
                            config,
                            shape,
                            patch * (2 + random.nextInt(6)),
                            random.nextBoolean() ? Positions.LEARNED : Positions.SINE_COSINE,
                            batch,
                            1 + random.nextInt(batch),
                            Precision.F32));
        }
        return instances;
    }

    private static TaskInstance<Masked> of(
            Config config,
            VitShape pretrained,
            int image,
            Positions kind,
            int batch,
            int atOnce,
            Precision precision) {
        return new TaskInstance<>(
                config,
                pretrained,
                image,
                kind,
                batch,
                atOnce,
                precision,
                config::build,
                n -> random(n, image, config.classes()));
    }

    /// A third of the pixels has no label.
    private static Masked random(int n, int image, int k) {
        Tensor noise = torch.rand(n, image, image); // [B, S, S]
        Tensor classes = Ops.times(torch.rand(n, image, image), k); // [B, S, S]
        Tensor labels = classes.to(ScalarType.Long); // [B, S, S]
        labels.masked_fill_(noise.ge(new Scalar(2.0 / 3)), new Scalar(Masked.IGNORED));
        return new Masked(torch.rand(n, 3, image, image), labels);
    }

    private static Vit vit(Positions kind) {
        return new Vit(SMALL, kind, Vit.Pool.CLASS_TOKEN);
    }

    @Test
    void anImageThatIsNotSquareIsPredictedAtItsOwnSize() {
        for (Positions kind : Positions.values()) {
            Segmentation task = new Segmentation(CONFIG, vit(kind));
            Tensor logits = task.predict(torch.rand(1, 3, 24, 56));
            assertThat(Ops.sizes(logits)).containsExactly(1, 3, 24, 56);
        }
    }

    @Test
    void whatIsWhereStaysWhere() {
        Segmentation task = new Segmentation(CONFIG, vit(Positions.SINE_COSINE));
        Tensor image = torch.zeros(1, 3, 32, 64);
        Tensor changed = image.clone();
        changed.narrow(3, 56, 8).narrow(2, 0, 8).fill_(new Scalar(3)); // the upper right patch
        Tensor moved = task.predict(changed).sub(task.predict(image)).abs().sum(1L); // [1, H, W]
        double corner = moved.narrow(2, 56, 8).narrow(1, 0, 8).mean().item_double();
        double opposite = moved.narrow(2, 0, 8).narrow(1, 24, 8).mean().item_double();
        assertThat(corner).isGreaterThan(2 * opposite);
    }

    @Test
    void pixelsWithoutALabelTeachNothing() {
        Tensor logits = torch.rand(1, 3, 4, 4);
        Tensor labels = torch.zeros(1, 4, 4).to(ScalarType.Long);
        double all = mean(logits, labels);
        labels.narrow(1, 2, 2).fill_(new Scalar(Masked.IGNORED));
        double half = mean(logits, labels);
        double upper = mean(logits.narrow(2, 0, 2), labels.narrow(1, 0, 2));
        assertThat(half).isEqualTo(upper).isNotEqualTo(all);
        labels.fill_(new Scalar(Masked.IGNORED));
        assertThat(mean(logits, labels)).isZero();
    }

    private static double mean(Tensor scores, Tensor labels) {
        return PixelLoss.of(scores, labels, Average.VALID).mean().item_double();
    }

    @Test
    void dropoutLeavesOutWholeChannelsByThePlaceInTheRunAlone() {
        Config half =
                new Config(
                        3, CONFIG.head(), 0.5, Average.VALID, Transfer.DEFAULT, CONFIG.protocol());
        Segmentation task = new Segmentation(half, vit(Positions.SINE_COSINE));
        Masked batch =
                new Masked(torch.rand(2, 3, 32, 32), torch.zeros(2, 32, 32).to(ScalarType.Long));
        double first = task.loss(batch, new Progress(3, 10, 1, 0)).total().item_double();
        double again = task.loss(batch, new Progress(3, 10, 1, 0)).total().item_double();
        double later = task.loss(batch, new Progress(4, 10, 1, 0)).total().item_double();
        assertThat(again).isEqualTo(first).isNotEqualTo(later);
    }

    @Test
    void accuracyIsTheShareOfLabelledPixelsThatAreRight() {
        Tensor logits = torch.zeros(1, 2, 1, 4);
        logits.select(1, 1).fill_(new Scalar(1)); // all are said to be of class 1
        Tensor labels = Ops.tensor(new double[] {1, 0, 1, Masked.IGNORED}, 1, 1, 4);
        PixelLoss loss = PixelLoss.of(logits, labels.to(ScalarType.Long), Average.VALID);
        assertThat(loss.accuracy().item_double()).isCloseTo(2.0 / 3, within(1e-6));
    }

    @Test
    void theShippedHeadIsThatOfThePapersReferences() {
        for (String file :
                List.of("recipes/ade20k/segmentation.yaml", "recipes/coco/segmentation.yaml")) {
            Table recipe = Table.read(Path.of(file));
            Config read = (Config) Task.Config.from(recipe, new VitShape(768, 12, 12, 16, 512));
            assertThat(read.head().norm()).as(file).isEqualTo(Norm.BATCH); // MoCo, A.5
            assertThat(read.head().dilation()).as(file).isEqualTo(6);
            assertThat(read.head().convolutions()).as(file).isEqualTo(2);
            assertThat(read.head().concatenated()).as(file).isFalse();
        }
        FcnHeadShape head = new FcnHeadShape(256, 2, 6, false, Norm.BATCH);
        assertThat(head.parameters(768, 150)).isEqualTo(2_398_870);
    }

    @Test
    void theDefaultsAreThoseOfThePaper() {
        Table recipe = Table.parse("t", "task: {name: segmentation}");
        Task.Config read = Task.Config.from(recipe, new VitShape(768, 12, 12, 16, 512));
        assertThat(read).isEqualTo(Config.DEFAULT);
        assertThat(Config.DEFAULT.head()).isEqualTo(new FcnHeadShape(256, 2, 1, false, Norm.NONE));
        Map<String, double[]> ratesAndDecays =
                Map.of(
                        "mae", new double[] {1e-4, 0.05},
                        "dino", new double[] {5e-5, 0.05},
                        "byol", new double[] {5e-5, 0.1},
                        "clip", new double[] {5e-5, 0.1},
                        "simclr", new double[] {5e-5, 0.1});
        ratesAndDecays.forEach((method, wanted) -> {
            Optimisation found = read.optimisation(Optional.of(method));
            assertThat(found.rate().baseRate()).as(method).isEqualTo(wanted[0]);
            AdamW.Settings adam = (AdamW.Settings) found.optimiser();
            assertThat(adam).isEqualTo(new AdamW.Settings(0.9, 0.999, 1e-8, wanted[1]));
            assertThat(found.clipping().orElseThrow().clip()).isEqualTo(1);
            assertThat(found.rate().warmup()).hasToString("1500 steps");
        });
    }
}
