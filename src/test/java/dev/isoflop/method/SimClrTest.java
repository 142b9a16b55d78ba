package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.golden.Golden;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Pair;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// What SimCLR promises beyond the contract of all methods.
class SimClrTest {

    private static final VitShape SHAPE = new VitShape(32, 2, 2, 8, 16);
    private static final MlpShape PROJECTOR = MlpShape.simClr(0, 12, 3);
    private static final SimClr.Config SIM_CLR =
            new SimClr.Config(0.1, Vit.Pool.CLASS_TOKEN, PROJECTOR);
    private static final int BATCH = 6;
    private static final Progress START = new Progress(0, 9, 0, 0);

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static SimClr simClr() {
        SimClr simClr = new SimClr(SIM_CLR, SHAPE);
        simClr.state().to(ScalarType.Double, false);
        return simClr;
    }

    @Test
    void aBatchInCutsGivesTheNumbersOfTheWholeBatch() {
        Pairs.assertCutsAgree(() -> new SimClr(SIM_CLR, SHAPE), SHAPE);
    }

    @Test
    void runningStatisticsMoveOnceAStepByAllViewsTogether() {
        Pair pair = Pairs.fixed(BATCH, SHAPE);
        torch.manual_seed(1);
        SimClr stepped = simClr();
        stepped.loss(pair, START);
        torch.manual_seed(1);
        SimClr projected = simClr();
        Tensor first = projected.encoder().forward(pair.first()); // [B, D]
        Tensor second = projected.encoder().forward(pair.second()); // [B, D]
        projected.projected(Ops.concatenated(0, first, second));
        Map<String, Tensor> expected = Parameters.buffers(projected.state());
        assertThat(Parameters.buffers(stepped.state()))
                .hasSize(2 * PROJECTOR.layers())
                .allSatisfy((name, statistic) ->
                        assertThat(statistic.equal(expected.get(name))).as(name).isTrue());
    }

    @Test
    void itLearnsWhichViewsBelongTogether() {
        Loop<Pair> loop = Pairs.loop(() -> new SimClr(SIM_CLR, SHAPE), BATCH, BATCH);
        Batches<Pair> batches = Pairs.repeating(Pairs.fixed(BATCH, SHAPE));
        List<Double> losses = new ArrayList<>();
        loop.run(batches, 0, 40, step -> losses.add(step.loss()));
        assertThat(losses.getFirst()).isGreaterThan(Math.log(2 * BATCH - 1));
        assertThat(losses.getLast()).isLessThan(0.1);
    }

    @Test
    void guessingCostsTheChoiceAmongAllOtherViewsTwice() {
        Tensor alike = torch.ones(2 * BATCH, 12);
        double loss = simClr().loss(alike).item_double();
        assertThat(loss).isCloseTo(2 * Math.log(2 * BATCH - 1), within(1e-12));
    }

    @Test
    void viewsThatAgreeHaveALowerLossThanViewsThatDoNot() {
        Tensor views = Golden.signed(3, 1, BATCH, 12); // [B, d]
        SimClr simClr = simClr();
        double own = simClr.loss(Ops.concatenated(0, views, views)).item_double();
        double other = simClr.loss(Ops.concatenated(0, views, views.roll(1))).item_double();
        assertThat(own).isPositive().isLessThan(other);
    }

    @Test
    void theLengthOfAProjectionSaysNothing() {
        Tensor views = Golden.signed(3, 1, 2 * BATCH, 12); // [2B, d]
        SimClr simClr = simClr();
        double loss = simClr.loss(views).item_double();
        assertThat(simClr.loss(Ops.times(views, 8)).item_double()).isCloseTo(loss, within(1e-12));
    }

    @Test
    void swappingTheViewsChangesNothing() {
        SimClr simClr = simClr();
        Map<String, Tensor> parameters = Parameters.named(simClr.trained());
        Pair pair = Pairs.fixed(BATCH, SHAPE);
        Pair swapped = new Pair(pair.second(), pair.first());
        Tensor loss = simClr.loss(pair, START).total();
        Tensor other = simClr.loss(swapped, START).total();
        assertThat(other.item_double()).isCloseTo(loss.item_double(), within(1e-12));
        assertThat(Pairs.gradient(other, parameters))
                .containsExactly(Pairs.gradient(loss, parameters), within(1e-12));
    }

    @Test
    void autocastDoesNotRoundWhatIsCompared() {
        SimClr simClr = simClr();
        Tensor views = torch.randn(2 * BATCH, 12);
        double[] exact = Golden.doubles(simClr.logits(views));
        try (Engine.Autocast _ = Engine.autocast(Engine.device("cpu"), Precision.BF16)) {
            assertThat(Golden.doubles(simClr.logits(views))).isEqualTo(exact);
        }
    }

    @Test
    void oneImageHasNothingToBeComparedWith() {
        assertThatThrownBy(() -> simClr().loss(Pairs.fixed(1, SHAPE), START))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch is 1; simclr compares images: write 2 or more");
        assertThatThrownBy(() -> SIM_CLR.perImage(SHAPE, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch is 1; simclr compares images: write 2 or more");
    }

    @Test
    void thePriceNamesItsParts() {
        for (Work direction : SIM_CLR.perImage(SHAPE, 8).parts()) {
            assertThat(direction.parts())
                    .extracting(Work::name)
                    .containsExactly("encoder", "heads", "loss");
        }
    }

    @Test
    void onlyTheLossCostsMoreInALargerBatch() {
        Work small = SIM_CLR.perImage(SHAPE, 8);
        Work large = SIM_CLR.perImage(SHAPE, 16);
        BigInteger loss = small.of("loss");
        // two views of an image with two of each, three products of width 12, multiply-add = 2
        assertThat(loss).isEqualTo(BigInteger.valueOf(2 * 2 * 8 * 12 * 3 * 2));
        assertThat(large.flops()).isEqualTo(small.flops().add(loss));
    }

    @Test
    void aRecipeSaysWhatIsNotAsTheAuthorsHaveIt() {
        assertThat(config("{}")).isEqualTo(SimClr.Config.DEFAULT);
        assertThat(
                        config(
                                "{temperature: 0.5, feature: mean-of-patches, projector-hidden:"
                                        + " 2048, projector-out: 64, projector-layers: 2}"))
                .isEqualTo(
                        new SimClr.Config(
                                0.5, Vit.Pool.MEAN_OF_PATCHES, MlpShape.simClr(2048, 64, 2)));
    }

    @Test
    void whatCannotBeIsRefusedAtItsKey() {
        assertRefused("temperature: 0", "temperature is 0.0; it must be positive, such as 0.1");
        assertRefused("temperature: -1", "temperature is -1.0; it must be positive, such as 0.1");
        assertRefused("projector-out: 0", "projector-out is 0; it must be at least 1");
        assertRefused("projector-layers: 0", "projector-layers is 0; it must be at least 1");
        assertRefused("projector-hidden: -1", "projector-hidden is -1; write a whole number");
        assertRefused(
                "feature: all", "feature is \"all\"; write one of class-token, mean-of-patches");
        assertRefused("temprature: 0.1", "did you mean temperature?");
    }

    private static void assertRefused(String yaml, String complaint) {
        assertThatThrownBy(() -> config(yaml))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("simclr.yaml:1")
                .hasMessageContaining(complaint);
    }

    private static SimClr.Config config(String yaml) {
        Table table = Table.parse("simclr.yaml", yaml);
        SimClr.Config config = SimClr.Config.from(table);
        table.done();
        return config;
    }

    /// Small ones for the contract: chosen corners, and sizes drawn at random.
    static List<Instance<?>> instances(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        MlpShape three = MlpShape.simClr(0, 16, 3);
        all.add(of(token(three), small, 4, 4, Precision.F32));
        all.add(of(token(three), small, 6, 2, Precision.F32));
        all.add(of(token(MlpShape.simClr(40, 24, 2)), small, 5, 1, Precision.F32));
        all.add(of(token(MlpShape.simClr(40, 24, 1)), small, 2, 2, Precision.F32));
        all.add(of(token(three), small, 5, 5, Precision.BF16));
        all.add(of(token(three), small, 5, 2, Precision.BF16));
        all.add(
                of(
                        new SimClr.Config(0.5, Vit.Pool.MEAN_OF_PATCHES, three),
                        small,
                        3,
                        2,
                        Precision.F32));
        all.add(of(SimClr.Config.DEFAULT, VitShape.of("Ti/16", 64), 3, 3, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            VitShape shape = Shapes.random(random, 1 + random.nextInt(4));
            int hidden = random.nextInt(50);
            int out = 4 + random.nextInt(40);
            MlpShape projector = MlpShape.simClr(hidden, out, 1 + random.nextInt(3));
            int batch = 2 + random.nextInt(6);
            all.add(of(token(projector), shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    private static SimClr.Config token(MlpShape projector) {
        return new SimClr.Config(0.1, Vit.Pool.CLASS_TOKEN, projector);
    }

    private static Instance<Pair> of(
            SimClr.Config simClr, VitShape shape, int batch, int atOnce, Precision precision) {
        return new Instance<>(
                simClr,
                shape,
                batch,
                atOnce,
                precision,
                () -> new SimClr(simClr, shape),
                n -> Pairs.random(n, shape));
    }
}
