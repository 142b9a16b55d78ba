package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Precision;
import dev.isoflop.recipe.Table;
import dev.isoflop.task.Transfer.Rule;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Lars;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Optimiser;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Masked;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.FcnHeadShape;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Resizing;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What becomes of an encoder in a task: whose rule resizes its positions, and what is decayed.
class TransferTest {

    private static final Optional<String> NOBODY = Optional.empty();
    private static final List<Optional<String>> OTHERS =
            List.of(
                    NOBODY,
                    Optional.of("mae"),
                    Optional.of("supervised"),
                    Optional.of("clip"),
                    Optional.of("unknown"));

    @BeforeAll
    static void load() {
        LibTorch.load();
        torch.manual_seed(5);
    }

    @Test
    void positionsAreResizedByWhoseverMethodPreTrainedThem() {
        for (Positions kind : Positions.values()) {
            assertThat(Transfer.DEFAULT.positions().of(kind, Optional.of("dino")))
                    .isEqualTo(Resizing.DINO_SCALE);
            for (Optional<String> method : OTHERS) {
                assertThat(Transfer.DEFAULT.positions().of(kind, method))
                        .as("%s by %s", kind, method)
                        .isEqualTo(Resizing.BY_SIZE);
            }
        }
    }

    @Test
    void onlyFixedPositionsAreComputed() {
        assertThat(Rule.COMPUTED.of(Positions.SINE_COSINE, Optional.of("mae")))
                .isEqualTo(Resizing.COMPUTED);
        assertThat(Rule.COMPUTED.of(Positions.LEARNED, Optional.of("supervised")))
                .isEqualTo(Resizing.BY_SIZE);
        assertThat(Rule.COMPUTED.of(Positions.LEARNED, Optional.of("dino")))
                .isEqualTo(Resizing.DINO_SCALE);
    }

    @Test
    void theWordsOfEarlierRecipesMeanWhatTheyMeant() {
        for (Optional<String> method : OTHERS) {
            assertThat(Rule.OWN.of(Positions.SINE_COSINE, method)).isEqualTo(Resizing.COMPUTED);
            assertThat(Rule.OWN.of(Positions.LEARNED, method)).isEqualTo(Resizing.DINO_SCALE);
            for (Positions kind : Positions.values()) {
                assertThat(Rule.INTERPOLATED.of(kind, method)).isEqualTo(Resizing.DINO_SCALE);
            }
        }
    }

    @Test
    void theFolderOfARunKeepsWhatHeldWhenItBegan() {
        Table silent = Table.parse("t", "task: {name: segmentation}");
        for (Rule rule : Rule.values()) {
            Transfer transfer = new Transfer(rule, true, false);
            Table kept = Table.parse("t", transfer.kept(silent).yaml());
            assertThat(Transfer.from(Transfer.resumed(kept).table("task"))).isEqualTo(transfer);
        }
    }

    @Test
    void aRunThatSaysNothingOfItGoesOnAsBefore() {
        Table silent = Table.parse("t", "task: {name: segmentation}");
        assertThat(Transfer.from(silent.table("task"))).isEqualTo(Transfer.DEFAULT);
        assertThat(Transfer.from(Transfer.resumed(silent).table("task")))
                .isEqualTo(new Transfer(Rule.OWN, false, true));
        Table said = Table.parse("t", "task: {name: segmentation, positions: interpolated}");
        assertThat(Transfer.from(Transfer.resumed(said).table("task")))
                .isEqualTo(new Transfer(Rule.INTERPOLATED, false, true));
    }

    private static Segmentation task(Transfer transfer, Positions kind) {
        Segmentation.Config config =
                new Segmentation.Config(
                        3,
                        new FcnHeadShape(8, 2, 1, false, FcnHeadShape.Norm.BATCH),
                        0,
                        Segmentation.Average.VALID,
                        transfer,
                        new Protocol.Centre(16, 16));
        Vit vit = new Vit(new VitShape(32, 1, 2, 8, 16), kind, Vit.Pool.CLASS_TOKEN);
        return config.build(vit.at(16, Resizing.BY_SIZE, transfer.kind(kind)));
    }

    /// What a step changes by weight decay alone.
    private static List<String> decayed(Transfer transfer, Positions kind, boolean lars) {
        Segmentation with = task(transfer, kind);
        Segmentation without = task(transfer, kind);
        try (NoGradGuard _ = new NoGradGuard()) {
            Map<String, Tensor> start = Parameters.named(with.trained());
            start.values().forEach(tensor -> tensor.add_(new Scalar(0.5))); // no zeros
            Parameters.named(without.trained())
                    .forEach((name, tensor) -> tensor.copy_(start.get(name)));
        }
        Masked batch =
                new Masked(
                        torch.rand(4, 3, 16, 16),
                        torch.randint(3, new long[] {4, 16, 16}).to(ScalarType.Long));
        step(with, batch, 0.5, lars);
        step(without, batch, 0, lars);
        Map<String, Tensor> other = new LinkedHashMap<>(Parameters.named(without.trained()));
        List<String> names = new ArrayList<>();
        Parameters.named(with.trained())
                .forEach((name, tensor) -> {
                    if (!tensor.equal(other.get(name))) {
                        names.add(name);
                    }
                });
        return names;
    }

    private static void step(Segmentation task, Masked batch, double decay, boolean lars) {
        Optimiser.Settings optimiser =
                lars
                        ? new Lars.Settings(0.9, 0.001, decay, false)
                        : new AdamW.Settings(0.9, 0.999, 1e-8, decay);
        Optimisation optimisation = Optimisation.of(Optimisation.Rate.constant(1e-2), optimiser);
        Loop<Masked> loop =
                new Loop<>(
                        task,
                        new Loop.Settings(4, 4, Precision.F32, optimisation, 0),
                        Engine.device("cpu"));
        loop.step(Batches.of(_ -> batch), new Progress(1, 10, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClassTokenPositionsNormsAndBiasesAreSparedWeightDecay(boolean lars) {
        for (Positions kind : Positions.values()) {
            List<String> decayed = decayed(Transfer.DEFAULT, kind, lars);
            assertThat(decayed)
                    .contains(
                            "encoder.blocks.0.attn.qkv.weight",
                            "encoder.patch_embed.proj.weight",
                            "head.convs.0.conv.weight",
                            "head.conv_seg.weight")
                    .noneMatch(name ->
                            name.matches(".*(cls_token|pos_embed|norm.*|bn\\..*|\\.bias)$"));
        }
    }

    @Test
    void tokensAreDecayedWhereARecipeSaysSo() {
        Transfer all = new Transfer(Rule.AUTHORS, true, true);
        assertThat(decayed(all, Positions.SINE_COSINE, false))
                .contains("encoder.cls_token", "encoder.pos_embed")
                .noneMatch(name -> name.matches(".*(norm.*|bn\\..*|\\.bias)$"));
    }

    @Test
    void fixedPositionsStayUnlessTheyAreToBeTrained() {
        for (boolean trained : new boolean[] {false, true}) {
            Segmentation task =
                    task(new Transfer(Rule.AUTHORS, trained, false), Positions.SINE_COSINE);
            assertThat(new Parameters(task.trained()).named().containsKey("encoder.pos_embed"))
                    .isEqualTo(trained);
        }
    }
}
