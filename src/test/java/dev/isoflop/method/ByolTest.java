package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.golden.Golden;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Pair;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.ByolNetwork;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/// What BYOL promises beyond the contract of all methods.
class ByolTest {

    private static final VitShape SHAPE = new VitShape(32, 2, 2, 8, 16);
    private static final int BATCH = 6;
    private static final Progress START = new Progress(0, 10, 0, 0);
    private static final Progress HALF = new Progress(5, 10, 0, 0);
    private static final String WEIGHT = "projector.l0.weight";

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static Byol.Config byol(double decay, boolean rises) {
        return new Byol.Config(decay, rises, Vit.Pool.CLASS_TOKEN, MlpShape.byol(24, 12));
    }

    private static Byol built(double decay, boolean rises) {
        Byol byol = new Byol(byol(decay, rises), SHAPE);
        byol.state().to(ScalarType.Double, false);
        return byol;
    }

    /// Takes steps.
    private static void train(Byol byol, int steps) {
        Loop<Pair> loop = Pairs.loop(() -> byol, BATCH, BATCH);
        loop.run(Pairs.repeating(Pairs.fixed(BATCH, SHAPE)), 0, steps, _ -> true);
    }

    private static Map<String, double[]> parameters(Module network) {
        Map<String, double[]> values = new TreeMap<>();
        Parameters.named(network).forEach((name, p) -> values.put(name, Golden.doubles(p)));
        return values;
    }

    private static double[] weight(Module network) {
        return Objects.requireNonNull(parameters(network).get(WEIGHT));
    }

    @Test
    void aBatchInCutsGivesTheNumbersOfTheWholeBatch() {
        Pairs.assertCutsAgree(() -> new Byol(byol(0.9, true), SHAPE), SHAPE);
    }

    @Test
    void runningStatisticsMoveOnceAView() {
        Pair pair = Pairs.fixed(BATCH, SHAPE);
        torch.manual_seed(1);
        Byol stepped = built(0.9, true);
        stepped.loss(pair, START);
        torch.manual_seed(1);
        Byol seen = built(0.9, true);
        for (Tensor view : List.of(pair.first(), pair.second())) {
            for (ByolNetwork network : List.of(seen.trained(), seen.target())) {
                network.head(network.feature(view));
            }
        }
        Map<String, Tensor> expected = Parameters.buffers(seen.state());
        assertThat(Parameters.buffers(stepped.state()))
                .hasSize(2 * 3) // mean and variance of two projectors and a predictor
                .allSatisfy((name, statistic) ->
                        assertThat(statistic.equal(expected.get(name))).as(name).isTrue());
    }

    @Test
    void theNetworksBeginDifferently() {
        Byol byol = built(0.9, true);
        assertThat(weight(byol.target())).isNotEqualTo(weight(byol.trained()));
    }

    @Test
    void aTargetWhoseDecayIsOneNeverMoves() {
        Byol byol = built(1, false);
        Map<String, double[]> target = parameters(byol.target());
        double[] online = weight(byol.trained());
        train(byol, 3);
        assertThat(weight(byol.trained())).isNotEqualTo(online);
        assertThat(parameters(byol.target()))
                .allSatisfy((name, values) -> assertThat(values).isEqualTo(target.get(name)));
    }

    @Test
    void aTargetWhoseDecayIsZeroIsACopyButForItsStatistics() {
        Byol byol = built(0, false);
        train(byol, 3);
        Map<String, double[]> online = parameters(byol.trained());
        assertThat(parameters(byol.target()))
                .allSatisfy((name, values) -> assertThat(values).isEqualTo(online.get(name)));
        Map<String, Tensor> statistics = Parameters.buffers(byol.trained());
        assertThat(Parameters.buffers(byol.target()))
                .hasSize(2)
                .allSatisfy((name, own) ->
                        assertThat(own.equal(statistics.get(name))).as(name).isFalse());
    }

    @Test
    void theDecayRisesToOneAlongHalfACosineUnlessItStays() {
        assertKeeps(0.8, built(0.8, true), START);
        assertKeeps(0.9, built(0.8, true), HALF);
        assertKeeps(0.8, built(0.8, false), HALF);
    }

    /// Whether an update leaves the target this share of itself.
    private static void assertKeeps(double share, Byol byol, Progress at) {
        double[] before = weight(byol.target());
        double[] online = weight(byol.trained());
        byol.afterUpdate(at);
        double[] after = weight(byol.target());
        for (int i = 0; i < after.length; i++) {
            double expected = share * before[i] + (1 - share) * online[i];
            assertThat(after[i]).isCloseTo(expected, within(1e-12));
        }
    }

    @Test
    void theTargetHasNoGradient() {
        Byol byol = built(0.9, true);
        byol.loss(Pairs.fixed(BATCH, SHAPE), START).total().backward();
        assertThat(Parameters.named(byol.target()).values())
                .noneMatch(Tensor::requires_grad)
                .noneMatch(p -> p.grad().defined());
        assertThat(Parameters.named(byol.trained()))
                .allSatisfy((name, p) ->
                        assertThat(p.grad().defined())
                                .as(name)
                                .isEqualTo(!name.endsWith("pos_embed")));
    }

    @Test
    void swappingTheViewsChangesNothing() {
        Byol byol = built(0.9, true);
        Map<String, Tensor> parameters = Parameters.named(byol.trained());
        Pair pair = Pairs.fixed(BATCH, SHAPE);
        Pair swapped = new Pair(pair.second(), pair.first());
        Tensor loss = byol.loss(pair, START).total();
        Tensor other = byol.loss(swapped, START).total();
        assertThat(other.item_double()).isCloseTo(loss.item_double(), within(1e-12));
        assertThat(Pairs.gradient(other, parameters))
                .containsExactly(Pairs.gradient(loss, parameters), within(1e-12));
    }

    @Test
    void onlyDirectionsAreCompared() {
        Tensor x = Golden.signed(3, 1, BATCH, 12); // [B, d]
        double[] same = Golden.doubles(Byol.distance(x, Ops.times(x, 8)));
        double[] opposite = Golden.doubles(Byol.distance(x, Ops.times(x, -1)));
        assertThat(same).hasSize(BATCH).containsOnly(new double[] {0}, within(1e-12));
        assertThat(opposite).hasSize(BATCH).containsOnly(new double[] {4}, within(1e-12));
    }

    @Test
    void itLearnsWhatTheTargetMakesOfTheOtherView() {
        Loop<Pair> loop = Pairs.loop(() -> new Byol(byol(0.99, true), SHAPE), BATCH, BATCH);
        Batches<Pair> batches = Pairs.repeating(Pairs.fixed(BATCH, SHAPE));
        List<Double> losses = new ArrayList<>();
        loop.run(batches, 0, 40, step -> losses.add(step.loss()));
        assertThat(losses.getFirst()).isGreaterThan(3); // 4 is a guess
        assertThat(losses.getLast()).isLessThan(1.5);
    }

    @Test
    void oneImageHasNoBatchStatistics() {
        assertThatThrownBy(() -> built(0.9, true).loss(Pairs.fixed(1, SHAPE), START))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch is 1; batch norm needs 2 or more");
        assertThatThrownBy(() -> byol(0.9, true).perImage(SHAPE, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch is 1; byol's batch norm needs 2 or more");
    }

    @Test
    void thePriceNamesItsParts() {
        List<Work> directions = Byol.Config.DEFAULT.perImage(SHAPE, 8).parts();
        assertThat(directions.getFirst().parts())
                .extracting(Work::name)
                .containsExactly("encoder", "heads", "teacher");
        assertThat(directions.getLast().parts())
                .extracting(Work::name)
                .containsExactly("encoder", "heads"); // nothing flows back through the teacher
    }

    @Test
    void aRecipeSaysWhatIsNotAsTheAuthorsHaveIt() {
        assertThat(config("{}")).isEqualTo(Byol.Config.DEFAULT);
        assertThat(
                        config(
                                "{target-decay: 0.97, target-decay-rises: false, feature:"
                                        + " mean-of-patches, projector-hidden: 512, projector-out:"
                                        + " 64}"))
                .isEqualTo(
                        new Byol.Config(
                                0.97, false, Vit.Pool.MEAN_OF_PATCHES, MlpShape.byol(512, 64)));
    }

    @Test
    void whatCannotBeIsRefusedAtItsKey() {
        String share = "write a share from 0 to 1, such as 0.996";
        assertRefused("target-decay: 1.5", "target-decay is 1.5; " + share);
        assertRefused("target-decay: -0.1", "target-decay is -0.1; " + share);
        assertRefused("target-decay-rises: 1", "target-decay-rises is 1");
        assertRefused("projector-out: 0", "projector-out is 0; it must be at least 1");
        assertRefused("projector-hidden: -1", "projector-hidden is -1; write a whole number");
        assertRefused("target-decays: 0.9", "did you mean target-decay?");
    }

    private static void assertRefused(String yaml, String complaint) {
        assertThatThrownBy(() -> config(yaml))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("byol.yaml:1")
                .hasMessageContaining(complaint);
    }

    private static Byol.Config config(String yaml) {
        Table table = Table.parse("byol.yaml", yaml);
        Byol.Config config = Byol.Config.from(table);
        table.done();
        return config;
    }

    /// Small ones for the contract: chosen corners, and sizes drawn at random.
    static List<Instance<?>> instances(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        MlpShape head = MlpShape.byol(40, 12);
        all.add(of(token(head), small, 4, 4, Precision.F32));
        all.add(of(token(head), small, 6, 2, Precision.F32));
        all.add(of(token(head), small, 5, 1, Precision.F32));
        all.add(of(token(MlpShape.byol(0, 12)), small, 2, 2, Precision.F32));
        all.add(of(token(head), small, 5, 5, Precision.BF16));
        all.add(of(token(head), small, 5, 2, Precision.BF16));
        all.add(
                of(
                        new Byol.Config(0.9, false, Vit.Pool.MEAN_OF_PATCHES, head),
                        small,
                        3,
                        2,
                        Precision.F32));
        all.add(of(Byol.Config.DEFAULT, VitShape.of("Ti/16", 64), 3, 3, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            VitShape shape = Shapes.random(random, 1 + random.nextInt(4));
            MlpShape drawn = MlpShape.byol(random.nextInt(50), 4 + random.nextInt(40));
            int batch = 2 + random.nextInt(6);
            all.add(of(token(drawn), shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    private static Byol.Config token(MlpShape projector) {
        return new Byol.Config(0.99, true, Vit.Pool.CLASS_TOKEN, projector);
    }

    private static Instance<Pair> of(
            Byol.Config byol, VitShape shape, int batch, int atOnce, Precision precision) {
        return new Instance<>(
                byol,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Byol(byol, shape),
                n -> Pairs.random(n, shape));
    }
}
