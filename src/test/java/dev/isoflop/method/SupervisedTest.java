package dev.isoflop.method;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.InputException;
import dev.isoflop.golden.Golden;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Labelled.Labels;
import dev.isoflop.train.Labelled.Unlabelled;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/// Classification over one or many labels; case `supervised_ce` of the golden file.
class SupervisedTest {

    private static final VitShape SMALL = new VitShape(32, 2, 2, 8, 16);
    private static final Progress START = new Progress(0, 100, 0, 0);
    private static final Supervised.Config THREE =
            new Supervised.Config(3, 8, 0.1, 0, Unlabelled.REFUSE);

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void targetsLossAndGradientAreThoseOfThePaper() {
        JsonNode golden = Golden.of("supervised_ce");
        JsonNode c = golden.get("config");
        int k = c.get("K").asInt();
        assertThat(c.get("pad").asInt()).isEqualTo(Labelled.PADDING);
        Supervised.Config config =
                new Supervised.Config(
                        k, c.get("L").asInt(), c.get("smoothing").asDouble(), 0, Unlabelled.REFUSE);
        List<Labels> labels = new ArrayList<>();
        for (JsonNode row : golden.get("labels")) {
            List<Integer> classes =
                    Arrays.stream(Golden.longs(row)).mapToObj(Math::toIntExact).toList();
            labels.add(new Labels("image " + labels.size(), classes));
        }
        Supervised supervised = new Supervised(config, SMALL);
        long b = c.get("B").asLong();
        Tensor logits =
                Ops.times(
                        Golden.signed(Golden.seed(golden), c.get("logits_t").asLong(), b, k),
                        c.get("logit_scale").asDouble());
        logits.set_requires_grad(true);

        Labelled batch = new Labelled(logits.detach(), labels);
        Tensor shown = batch.shown(k, config.maxLabels(), config.unlabelled()); // [B, K]
        Tensor targets = supervised.targets(shown); // [B, K]
        Tensor loss = Supervised.loss(logits, targets);
        loss.backward();

        assertMatches("targets", targets, golden.get("targets"));
        assertClose("loss", loss.item_double(), golden.get("loss"));
        assertMatches("gradient of logits", logits.grad(), golden.get("grad_logits"));
        assertClose(
                "shifted loss",
                Supervised.loss(Ops.plus(logits, -10), targets).item_double(),
                golden.get("loss_shifted_by_minus10"));
    }

    @Test
    void aConstantBiasOfTheHeadChangesNothing() {
        Supervised supervised = supervised(THREE);
        Tensor bias =
                Objects.requireNonNull(Parameters.named(supervised.trained()).get("head.bias"));
        assertThat(Golden.doubles(bias)).containsExactly(-10, -10, -10);
        Labelled batch = batch(List.of(0), List.of(2, 1));
        double loss = supervised.loss(batch, START).total().item_double();
        try (NoGradGuard _ = new NoGradGuard()) {
            bias.zero_();
        }
        assertThat(supervised.loss(batch, START).total().item_double())
                .isCloseTo(loss, within(1e-12));
    }

    @Test
    void aRepeatedLabelCountsTwiceAndPaddingNotAtAll() {
        assertThat(shown(8, List.of(1, 1, 0))).containsExactly(1 / 3.0, 2 / 3.0, 0);
        assertThat(shown(8, List.of(-1, 2, -1))).containsExactly(0, 0, 1);
    }

    @Test
    void labelsBeyondTheMostAreCutOff() {
        assertThat(shown(8, List.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2))).containsExactly(0.5, 0.5, 0);
        assertThat(shown(1, List.of(-1, 2, 0))).containsExactly(0, 0, 1);
    }

    @Test
    void aLabelThatIsNoClassIsRefusedWithItsImage() {
        for (int label : new int[] {3, -2}) {
            assertThatThrownBy(() -> shown(1, List.of(0, label)))
                    .isInstanceOf(InputException.class)
                    .hasMessage(
                            "image picture 0 has label "
                                    + label
                                    + " where there are 3 classes, 0 to 2; leave method.classes out"
                                    + " to have those of the data");
        }
    }

    @Test
    void anImageWithoutLabelsIsRefusedByItsName() {
        assertThatThrownBy(() -> supervised(THREE).loss(batch(List.of(0), List.of(-1)), START))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "image picture 1 has no label; give it one, or set method.unlabelled to"
                                + " skip");
    }

    @Test
    void anImageThatIsSkippedAddsNothingAndTheMeanIsOverTheOthers() {
        Supervised skipping = supervised(new Supervised.Config(3, 8, 0.1, 0, Unlabelled.SKIP));
        Labelled three = batch(List.of(0), List.of(), List.of(2, 1));
        Tensor pixels = three.pixels();
        Tensor others = Ops.concatenated(0, pixels.narrow(0, 0, 1), pixels.narrow(0, 2, 1));
        Labelled two = new Labelled(others, List.of(three.labels().get(0), three.labels().get(2)));
        assertThat(gradient(skipping, three)).isCloseTo(gradient(skipping, two), within(1e-12));
        assertThat(skipping.loss(three, START).total().item_double())
                .isCloseTo(skipping.loss(two, START).total().item_double(), within(1e-12));
    }

    @Test
    void imagesOfWhichNoneHasALabelHaveALossOfZero() {
        Supervised skipping = supervised(new Supervised.Config(3, 8, 0.1, 0, Unlabelled.SKIP));
        Labelled batch = batch(List.of(), List.of(-1));
        Loss loss = skipping.loss(batch, START);
        assertThat(loss.total().item_double()).isZero();
        assertThat(accuracy(loss)).isZero();
        assertThat(gradient(skipping, batch)).isZero();
    }

    @Test
    void accuracyIsTheShareOfImagesWhoseTopClassIsAmongTheirLabels() {
        Supervised supervised = supervised(THREE);
        Tensor bias =
                Objects.requireNonNull(Parameters.named(supervised.trained()).get("head.bias"));
        try (NoGradGuard _ = new NoGradGuard()) {
            bias.copy_(Ops.tensor(new double[] {0, 100, 0}, 3)); // says class 1 of everything
        }
        Labelled batch = batch(List.of(0, 1), List.of(1), List.of(2), List.of(0, 2));
        assertThat(accuracy(supervised.loss(batch, START))).isEqualTo(0.5);
    }

    @Test
    void branchesAreDroppedWhereARateIsGiven() {
        Supervised dropping = supervised(new Supervised.Config(3, 8, 0.1, 0.9, Unlabelled.REFUSE));
        Labelled batch = batch(List.of(0), List.of(2, 1));
        double first = dropping.loss(batch, START).total().item_double();
        assertThat(dropping.loss(batch, START).total().item_double()).isEqualTo(first);
        assertThat(dropping.loss(batch, new Progress(1, 100, 0, 0)).total().item_double())
                .isNotEqualTo(first);
    }

    @Test
    void withoutANumberOfClassesThereIsNoPrice() {
        assertThatThrownBy(() -> Supervised.Config.DEFAULT.perImage(SMALL, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("classes is 0, those of the dataset, which is not known here");
    }

    @Test
    void settingsOutOfRangeSayWhatWouldDo() {
        assertRefused(
                "smoothing: 1",
                "method:1:12  smoothing is 1.0; write a share of at least 0 and below 1, such as"
                        + " 0.1");
        assertRefused(
                "drop-path: 1",
                "method:1:12  drop-path is 1.0; write a share of at least 0 and below 1, such as"
                        + " 0.1");
        assertRefused("max-labels: 0", "method:1:13  max-labels is 0; it must be at least 1");
        assertRefused(
                "unlabelled: keep",
                "method:1:13  unlabelled is \"keep\"; write one of refuse, skip");
    }

    private static void assertRefused(String yaml, String text) {
        assertThatThrownBy(() -> Supervised.Config.from(Table.parse("method", yaml)))
                .isInstanceOf(InputException.class)
                .hasMessage(text);
    }

    private static Supervised supervised(Supervised.Config config) {
        torch.manual_seed(4);
        Supervised supervised = new Supervised(config, SMALL);
        supervised.trained().to(ScalarType.Double, false);
        return supervised;
    }

    @SafeVarargs
    private static Labelled batch(List<Integer>... labels) {
        List<Labels> rows = new ArrayList<>();
        for (List<Integer> classes : labels) {
            rows.add(new Labels("picture " + rows.size(), classes));
        }
        return new Labelled(Golden.signed(1, 2, labels.length, 3, 16, 16), rows);
    }

    private static double[] shown(int most, List<Integer> labels) {
        return Golden.doubles(batch(labels).shown(3, most, Unlabelled.REFUSE));
    }

    private static double accuracy(Loss loss) {
        return Objects.requireNonNull(loss.parts().get("accuracy")).item_double();
    }

    private static double gradient(Supervised supervised, Labelled batch) {
        Parameters parameters = new Parameters(supervised.trained());
        parameters.clearGradients();
        supervised.loss(batch, START).total().backward();
        return parameters.gradientNorm();
    }

    /// Small ones for the contract: chosen corners, and sizes drawn at random.
    static List<Instance<?>> instances(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 3, 4, 8, 32);
        Supervised.Config ten = Supervised.Config.DEFAULT.withClasses(10);
        all.add(of(ten, small, 4, 4, Precision.F32));
        all.add(of(ten, small, 5, 2, Precision.BF16));
        all.add(of(Supervised.Config.DEFAULT.withClasses(1), small, 1, 1, Precision.F32));
        all.add(
                of(
                        Supervised.Config.DEFAULT.withClasses(1000),
                        VitShape.of("Ti/16", 96),
                        2,
                        2,
                        Precision.F32));
        all.add(of(new Supervised.Config(7, 1, 0, 0, Unlabelled.SKIP), small, 6, 4, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            VitShape shape = Shapes.random(random, 1 + random.nextInt(4));
            int batch = 1 + random.nextInt(6);
            Supervised.Config config =
                    new Supervised.Config(
                            1 + random.nextInt(50),
                            1 + random.nextInt(8),
                            0.2 * random.nextDouble(),
                            0.3 * random.nextDouble(),
                            Unlabelled.REFUSE);
            all.add(of(config, shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    private static Instance<Labelled> of(
            Supervised.Config config, VitShape shape, int batch, int atOnce, Precision precision) {
        int side = shape.image();
        return new Instance<>(
                config,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Supervised(config, shape),
                n -> new Labelled(torch.rand(n, 3, side, side), labels(config, n)));
    }

    /// One label, two, three and none but where that is refused, and so on.
    private static List<Labels> labels(Supervised.Config config, int images) {
        int least = config.unlabelled() == Unlabelled.REFUSE ? 1 : 0;
        List<Labels> all = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            List<Integer> classes = new ArrayList<>();
            for (int j = 0; j < Math.max(least, (i + 1) % 4); j++) {
                classes.add((5 * i + 3 * j) % config.classes());
            }
            all.add(new Labels("image " + i, classes));
        }
        return all;
    }
}
