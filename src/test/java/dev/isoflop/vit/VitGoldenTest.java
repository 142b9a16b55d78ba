package dev.isoflop.vit;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;

import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Cases `sincos`, `vit_mae_style` and `drop_path`.
class VitGoldenTest {

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void positionsAreThoseOfTheAuthors() {
        for (JsonNode table : Golden.of("sincos")) {
            int width = table.get("embed_dim").asInt();
            int grid = table.get("grid").asInt();
            double[] ours = SinCos.table(width, grid);
            Tensor flat = Ops.tensor(ours, 1 + (long) grid * grid, width);
            assertMatches("table", flat, table.get("table"));
            table.get("rows")
                    .properties()
                    .forEach(row -> {
                        int start = Integer.parseInt(row.getKey()) * width;
                        JsonNode at = row.getValue();
                        assertRow(ours, start, at.get("first8"));
                        assertRow(ours, start + width / 4, at.get("at_D4"));
                        assertRow(ours, start + width / 2, at.get("at_D2"));
                        assertRow(ours, start + width - 4, at.get("last4"));
                    });
        }
    }

    private static void assertRow(double[] ours, int start, JsonNode expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(ours[start + i])
                    .isCloseTo(
                            expected.get(i).asDouble(),
                            org.assertj.core.api.Assertions.within(1e-12));
        }
    }

    @Test
    void tokensAndGradientsAreThoseOfTheAuthorsNetwork() {
        JsonNode golden = Golden.of("vit_mae_style");
        JsonNode config = golden.get("config");
        long seed = Golden.seed(golden);
        VitShape shape = shape(config);
        Module root = new Module("root");
        Vit vit = root.register_module("encoder", new Vit(shape));
        long classes = golden.get("logits").get("shape").get(1).asLong();
        LinearImpl head = root.register_module("head", new LinearImpl(shape.width(), classes));
        fill(root, golden.get("params"), seed, shape);
        Tensor images = images(config, seed);
        images.set_requires_grad(true);

        Tensor tokens = vit.tokens(vit.embed(images));
        Tensor cls = vit.forward(images);
        assertMatches("tokens", tokens, golden.get("tokens"));
        assertMatches("cls", cls, golden.get("cls"));
        assertClose("first", row(cls, 0), golden.get("cls_row0"));
        assertClose("second", row(cls, 1), golden.get("cls_row1"));
        assertMatches("logits", head.forward(cls), golden.get("logits"));

        Tensor probe = tokens.mul(Golden.signed(seed, 1002, tokens.shape())).sum();
        assertClose("probe loss", probe.item_double(), golden.get("probe_loss"));
        probe.backward();
        assertMatches("gradient of images", images.grad(), golden.get("grad_input"));
        Map<String, Tensor> parameters = official(root);
        golden.get("grads")
                .properties()
                .forEach(e ->
                        assertMatches(
                                "gradient of " + e.getKey(),
                                Objects.requireNonNull(parameters.get(e.getKey())).grad(),
                                e.getValue()));
    }

    @Test
    void theMeanOfPatchesIsNormedAfterAveraging() {
        JsonNode golden = Golden.of("vit_mae_style");
        JsonNode config = golden.get("config");
        JsonNode pooled = golden.get("global_pool");
        VitShape shape = shape(config);
        long seed = Golden.seed(golden);
        Module root = new Module("root");
        Vit vit =
                root.register_module(
                        "encoder", new Vit(shape, Positions.SINE_COSINE, Vit.Pool.MEAN_OF_PATCHES));
        long classes = golden.get("logits").get("shape").get(1).asLong();
        root.register_module("head", new LinearImpl(shape.width(), classes));
        fill(root, pooled.get("params"), seed, shape);
        assertMatches("feature", vit.forward(images(config, seed)), pooled.get("feature"));
    }

    @Test
    void aDroppedBranchIsThatOfTheAuthors() {
        JsonNode golden = Golden.of("drop_path");
        long seed = Golden.seed(golden);
        long[] shape = Golden.longs(golden.get("out").get("shape"));
        Tensor x = Golden.signed(seed, golden.get("x_t").asLong(), shape);
        Tensor u = Golden.uniform(seed, golden.get("u_t").asLong(), shape[0]);
        Tensor out = DropPath.drop(x, golden.get("keep_prob").asDouble(), u);
        assertMatches("out", out, golden.get("out"));
        assertClose("rates", DropPath.rates(12, 0.1), golden.get("dpr_depth12_rate0p1"));
    }

    private static VitShape shape(JsonNode config) {
        return new VitShape(
                config.get("dim").asInt(),
                config.get("depth").asInt(),
                config.get("heads").asInt(),
                config.get("patch").asInt(),
                config.get("img").asInt());
    }

    private static Tensor images(JsonNode config, long seed) {
        long side = config.get("img").asLong();
        return Golden.signed(seed, 1000, config.get("B").asLong(), 3, side, side);
    }

    private static void fill(Module root, JsonNode params, long seed, VitShape shape) {
        root.to(ScalarType.Double, false);
        Map<String, Tensor> analytic =
                Map.of("pos_embed", Golden.positions(shape.width(), shape.grid()));
        Golden.fill(params, seed, Parameters.named(root), VitGoldenTest::officialName, analytic);
    }

    private static String officialName(String name) {
        return name.replaceFirst("^encoder\\.", "");
    }

    private static Map<String, Tensor> official(Module root) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        Parameters.named(root).forEach((n, t) -> result.put(officialName(n), t));
        return result;
    }

    private static double[] row(Tensor matrix, long row) {
        double[] all = Golden.doubles(matrix.select(0, row));
        return java.util.Arrays.copyOf(all, 8);
    }
}
