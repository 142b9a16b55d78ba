package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.InputException;
import dev.isoflop.golden.Golden;
import dev.isoflop.image.Showing;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Crops;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.DinoHeadShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What DINO does beside its loss: who follows whom, when, and what holds still.
class DinoTest {

    private static final VitShape SHAPE = new VitShape(32, 2, 2, 8, 32);
    private static final DinoHeadShape HEAD = new DinoHeadShape(24, 8, 20);
    private static final int BATCH = 5;
    private static final Progress MIDDLE = new Progress(501, 1000, 3, 0);

    /// Half of the branches of the last block are left out; prototypes are held for a tenth.
    private static final Distillation RESTLESS =
            new Distillation(0.1, 0.04, 0.07, 0.5, 0.9, 0.9, 0.1, 0.5);

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static Dino dino(Distillation distillation, int locals, int side) {
        torch.manual_seed(11);
        return new Dino(new Dino.Config(HEAD, locals, side, distillation, true), SHAPE);
    }

    private static Distillation momentum(double teacher) {
        return new Distillation(0.1, 0.04, 0.04, 0, 0.9, teacher, 0, 0.1);
    }

    /// A step on the same five images however they are cut, in 64 bits.
    private static void step(Dino dino, int atOnce, Progress at) {
        Dino.Config config = Dino.Config.DEFAULT;
        Loop.Settings settings =
                new Loop.Settings(BATCH, atOnce, Precision.F64, config.optimisation(), 0);
        Loop<Crops> loop = new Loop<>(dino, settings, Engine.device("cpu"));
        int[] row = {0};
        Batches<Crops> batches =
                Batches.of(n -> {
                    row[0] += n;
                    return crops(2, 16, row[0] - n, n);
                });
        loop.step(batches, at);
    }

    private static Crops crops(int locals, int side, int firstRow, int n) {
        return Crops.of(
                Stream.concat(
                                IntStream.range(0, 2).mapToObj(view -> view(view, SHAPE.image())),
                                IntStream.range(2, 2 + locals).mapToObj(view -> view(view, side)))
                        .map(view -> view.narrow(0, firstRow, n))
                        .toList());
    }

    private static Tensor view(int number, int side) {
        return Golden.signed(5, number, BATCH, 3, side, side);
    }

    /// Everything that outlives a step, by name.
    private static Map<String, double[]> state(Dino dino) {
        Map<String, double[]> state = new TreeMap<>();
        Parameters.named(dino.state()).forEach((n, t) -> state.put(n, Golden.doubles(t)));
        Parameters.buffers(dino.state()).forEach((n, t) -> state.put(n, Golden.doubles(t)));
        return state;
    }

    private static double[] of(Map<String, double[]> state, String name) {
        return Objects.requireNonNull(state.get(name), name);
    }

    @Test
    void theLossIsTheMeanOverThe22PairsOfDistinctViewsOfTwelve() {
        int k = 7;
        int b = 3;
        DinoLoss loss = new DinoLoss(Distillation.DEFAULT, k);
        loss.to(ScalarType.Double, false);
        Tensor student = Golden.signed(1, 1, 12L * b, k);
        Tensor target = loss.target(Golden.signed(1, 2, 2L * b, k), MIDDLE); // [2, B, K]

        double[] q = Golden.doubles(target);
        double[] logits = Golden.doubles(student);
        double sum = 0;
        int pairs = 0;
        for (int taught = 0; taught < 2; taught++) {
            for (int seen = 0; seen < 12; seen++) {
                if (seen == taught) {
                    continue;
                }
                pairs++;
                for (int image = 0; image < b; image++) {
                    sum += crossEntropy(q, taught * b + image, logits, seen * b + image, k);
                }
            }
        }
        assertThat(pairs).isEqualTo(22);
        assertThat(loss.of(student, target).item_double())
                .isCloseTo(sum / (pairs * b), within(1e-12));
    }

    private static double crossEntropy(double[] q, int target, double[] logits, int row, int k) {
        double normaliser = 0;
        for (int i = 0; i < k; i++) {
            normaliser += Math.exp(logits[row * k + i] / 0.1);
        }
        double sum = 0;
        for (int i = 0; i < k; i++) {
            sum -= q[target * k + i] * (logits[row * k + i] / 0.1 - Math.log(normaliser));
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({"2", "4", "1"})
    void aBatchInCutsTeachesWhatTheWholeBatchDoesItsCenterIncluded(int atOnce) {
        Dino whole = dino(RESTLESS, 2, 16);
        Dino cut = dino(RESTLESS, 2, 16);
        for (long step = 500; step < 503; step++) {
            step(whole, BATCH, new Progress(step, 1000, 3, 0));
            step(cut, atOnce, new Progress(step, 1000, 3, 0));
        }
        Map<String, double[]> expected = state(whole);
        assertThat(Arrays.stream(of(expected, "loss.center")).map(Math::abs).max().orElseThrow())
                .isGreaterThan(1e-3);
        state(cut)
                .forEach((name, values) -> {
                    for (int i = 0; i < values.length; i++) {
                        assertThat(values[i])
                                .as(name)
                                .isCloseTo(of(expected, name)[i], within(1e-9));
                    }
                });
    }

    @Test
    void theTeacherBeginsAsTheStudent() {
        Map<String, double[]> state = state(dino(RESTLESS, 2, 16));
        assertThat(state.keySet()).anyMatch(name -> name.startsWith("student."));
        state.forEach((name, values) -> {
            if (name.startsWith("student.")) {
                assertThat(values).isEqualTo(of(state, name.replace("student.", "teacher.")));
            }
        });
    }

    @Test
    void withMomentumOneTheTeacherNeverMoves() {
        Dino dino = dino(momentum(1), 2, 16);
        Map<String, double[]> before = state(dino);
        step(dino, BATCH, MIDDLE);
        Map<String, double[]> after = state(dino);
        after.forEach((name, values) -> {
            if (name.startsWith("teacher.")) {
                assertThat(values).as(name).isEqualTo(of(before, name));
            }
        });
        String weight = "backbone.blocks.0.attn.qkv.weight";
        assertThat(of(after, "student." + weight)).isNotEqualTo(of(before, "student." + weight));
    }

    @Test
    void theTeacherFollowsAfterTheStudentsStep() {
        Dino dino = dino(momentum(0.5), 2, 16);
        String weight = "backbone.blocks.0.attn.qkv.weight";
        double[] before = of(state(dino), "teacher." + weight);
        step(dino, BATCH, new Progress(0, 1000, 3, 0)); // where its momentum is 0.5 still
        step(dino, BATCH, new Progress(0, 1000, 3, 0)); // the first has a rate of 0
        Map<String, double[]> after = state(dino);
        double[] teacher = of(after, "teacher." + weight);
        double[] student = of(after, "student." + weight);
        for (int i = 0; i < teacher.length; i++) {
            assertThat(teacher[i]).isCloseTo(0.25 * before[i] + 0.75 * student[i], within(1e-12));
        }
    }

    @Test
    void prototypesAreHeldForTheFirstShareOfTheBudgetAndMoveFromThereOn() {
        String prototypes = "student.head.last_layer.weight_v";
        String other = "student.head.mlp.4.weight";
        Dino dino = dino(RESTLESS, 2, 16);
        Map<String, double[]> before = state(dino);
        step(dino, BATCH, new Progress(99, 1000, 3, 0));
        Map<String, double[]> held = state(dino);
        assertThat(of(held, prototypes)).isEqualTo(of(before, prototypes));
        assertThat(of(held, other)).isNotEqualTo(of(before, other));
        step(dino, BATCH, new Progress(100, 1000, 3, 0));
        assertThat(of(state(dino), prototypes)).isNotEqualTo(of(before, prototypes));
    }

    @Test
    void theLengthsOfThePrototypesStayOne() {
        Dino dino = dino(RESTLESS, 2, 16);
        step(dino, BATCH, MIDDLE);
        assertThat(of(state(dino), "student.head.last_layer.weight_g")).containsOnly(1);
    }

    @Test
    void noGradientReachesTheTeacher() {
        Dino dino = dino(RESTLESS, 2, 16);
        dino.state().to(ScalarType.Double, false);
        dino.loss(crops(2, 16, 0, BATCH), MIDDLE).total().backward();
        Parameters.named(dino.state())
                .forEach((name, tensor) -> {
                    boolean reached = tensor.grad().defined();
                    assertThat(reached).as(name).isEqualTo(tensor.requires_grad());
                    assertThat(tensor.requires_grad())
                            .as(name)
                            .isEqualTo(name.startsWith("student.") && !name.endsWith("weight_g"));
                });
    }

    @Test
    void theTeacherSeesNoLocalView() {
        Dino dino = dino(RESTLESS, 2, 16);
        dino.state().to(ScalarType.Double, false);
        dino.loss(crops(2, 16, 0, BATCH), MIDDLE);
        double[] two = of(state(dino), "loss.sum");
        dino.loss(crops(4, 24, 0, BATCH), MIDDLE);
        assertThat(of(state(dino), "loss.sum")).isEqualTo(two);
    }

    @ParameterizedTest
    @CsvSource({"0, 16", "1, 8", "3, 24", "2, 40"})
    void localViewsMayBeAnyNumberAndOfAnySize(int locals, int side) {
        Dino dino = dino(RESTLESS, locals, side);
        dino.state().to(ScalarType.Double, false);
        Loss loss = dino.loss(crops(locals, side, 0, BATCH), MIDDLE);
        assertThat(loss.total().item_double()).isFinite().isPositive();
        assertThat(Ops.sizes(loss.embedding())).containsExactly(BATCH, SHAPE.width());
    }

    @Test
    void whatIsWatchedSaysHowSureTheTeacherIsAndHowMuchItTellsImagesApart() {
        int k = HEAD.prototypes();
        Tensor unsure = Ops.times(torch.ones(2, BATCH, k), 1.0 / k); // [2, B, K]
        Map<String, Tensor> same = DinoLoss.watched(unsure);
        assertThat(number(same, "teacherEntropy")).isCloseTo(Math.log(k), within(1e-6));
        assertThat(number(same, "teacherInformation")).isCloseTo(0, within(1e-6));
        Tensor sure = torch.eye(BATCH, k).expand(2, BATCH, k); // a prototype an image
        Map<String, Tensor> apart = DinoLoss.watched(sure);
        assertThat(number(apart, "teacherEntropy")).isCloseTo(0, within(1e-6));
        assertThat(number(apart, "teacherInformation")).isCloseTo(Math.log(BATCH), within(1e-6));
    }

    private static double number(Map<String, Tensor> parts, String name) {
        return Objects.requireNonNull(parts.get(name)).item_double();
    }

    @Test
    void theTeachersEncoderIsHandedOnUnlessTheStudentsIsWanted() {
        for (boolean teacher : new boolean[] {true, false}) {
            Dino dino = new Dino(new Dino.Config(HEAD, 2, 16, RESTLESS, teacher), SHAPE);
            Tensor given = Parameters.named(dino.encoder()).get("cls_token");
            assertThat(Objects.requireNonNull(given).requires_grad()).isEqualTo(!teacher);
        }
    }

    @Test
    void itsViewsAreTwoGlobalOnesAndTheLocalOnesOfItsSize() {
        Dino.Config config = new Dino.Config(HEAD, 6, 48, RESTLESS, true);
        List<String> views = new ArrayList<>();
        for (Showing showing : config.views(96)) {
            views.add(showing.times() + " " + showing.name() + " " + showing.view().size());
        }
        assertThat(views).containsExactly("1 global-first 96", "1 global-second 96", "6 local 48");
    }

    @Test
    void theTeachersTemperatureChangesOverItsWarmupAndStays() {
        var temperature = RESTLESS.temperature();
        assertThat(temperature.at(0)).isEqualTo(0.04);
        assertThat(temperature.at(0.25)).isCloseTo(0.055, within(1e-15));
        assertThat(temperature.at(0.5)).isEqualTo(0.07);
        assertThat(temperature.at(0.9)).isEqualTo(0.07);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "local-views: -1 | local-views is -1; write a whole number from 0 to 2147483647,"
                        + " such as 12",
                "local-size: 0 | local-size is 0; it must be at least 1",
                "prototypes: 1 | prototypes is 1; there must be at least 2 to tell apart",
                "head-width: 0 | head-width is 0; it must be at least 1",
                "bottleneck: 0 | bottleneck is 0; it must be at least 1",
                "student-temperature: 0 | student-temperature is 0.0; it must be positive, such as"
                        + " 0.04",
                "temperature-warmup: 1 | temperature-warmup is 1.0; write a share of the budget"
                        + " below 1, such as 0.1",
                "center-momentum: 1.5 | center-momentum is 1.5; write a share between 0 and 1",
                "teacher-momentum: -1 | teacher-momentum is -1.0; write a share between 0 and 1",
                "prototypes-held: 2 | prototypes-held is 2.0; write a share between 0 and 1",
                "drop-path: 1 | drop-path is 1.0; write a share below 1, such as 0.1",
                "prototype: 9 | prototype is not known here; did you mean prototypes?",
            })
    void aSettingOutOfRangeIsNamed(String line, String complaint) {
        assertThatThrownBy(
                        () -> {
                            Table table = Table.parse("dino.yaml", "name: dino\n" + line + "\n");
                            table.text("name");
                            Dino.Config.from(table);
                            table.done();
                        })
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("dino.yaml:2")
                .hasMessageEndingWith(complaint);
    }

    @Test
    void aLocalSizeThatPatchesDoNotFillIsNamed() {
        Dino.Config config = Dino.Config.DEFAULT;
        assertThatThrownBy(() -> config.perImage(VitShape.of("H/14", 224), 1))
                .hasMessage("localSize is 96; it must be a multiple of the patch, 14");
    }

    private static final DinoHeadShape CONTRACT_HEAD = new DinoHeadShape(40, 16, 96);

    /// Small ones for the contract: chosen corners, and sizes drawn at random.
    static List<Instance<?>> instances(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        for (int locals : new int[] {0, 2, 10}) {
            all.add(of(config(CONTRACT_HEAD, locals, 16, true), small, 3, 3, Precision.F32));
        }
        all.add(of(config(CONTRACT_HEAD, 2, 16, true), small, 5, 2, Precision.F32));
        all.add(of(config(CONTRACT_HEAD, 3, 24, false), small, 5, 2, Precision.BF16));
        all.add(of(config(CONTRACT_HEAD, 2, 32, true), small, 1, 1, Precision.F32));
        all.add(of(config(CONTRACT_HEAD, 1, 48, true), small, 2, 2, Precision.F32));
        all.add(of(config(CONTRACT_HEAD, 0, 3, true), small, 2, 1, Precision.F32));
        all.add(of(Dino.Config.DEFAULT, VitShape.of("Ti/32", 224), 1, 1, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            int heads = 1 + random.nextInt(4);
            VitShape shape = Shapes.random(random, heads);
            int bottleneck = 1 + random.nextInt(20);
            DinoHeadShape head =
                    new DinoHeadShape(8 + random.nextInt(40), bottleneck, 2 + random.nextInt(99));
            int side = shape.patch() * (1 + random.nextInt(5));
            int batch = 1 + random.nextInt(5);
            Dino.Config dino = config(head, random.nextInt(5), side, random.nextBoolean());
            all.add(of(dino, shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    static Dino.Config config(DinoHeadShape head, int locals, int side, boolean teacher) {
        return new Dino.Config(head, locals, side, Distillation.DEFAULT, teacher);
    }

    static Instance<Crops> of(
            Dino.Config dino, VitShape shape, int batch, int atOnce, Precision precision) {
        return new Instance<>(
                dino,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Dino(dino, shape),
                n ->
                        new Crops(
                                random(2, n, shape.image()),
                                random(dino.localViews(), n, dino.localSize())));
    }

    private static List<Tensor> random(int views, int n, int side) {
        return IntStream.range(0, views).mapToObj(_ -> torch.rand(n, 3, side, side)).toList();
    }
}
