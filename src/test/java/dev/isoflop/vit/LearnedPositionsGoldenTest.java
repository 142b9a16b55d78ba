package dev.isoflop.vit;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/// Case `vit_dino_style`: the transformer of DINO's authors, for images of several sizes.
class LearnedPositionsGoldenTest {

    @Test
    void tokensAndGradientsAreThoseOfTheAuthorsNetworkForImagesOfAnySize() {
        JsonNode golden = Golden.of("vit_dino_style");
        for (JsonNode expected : golden.get("cases")) {
            Vit vit = filled(golden);
            Tensor images = images(golden, expected);
            images.set_requires_grad(true);
            Tensor tokens = vit.tokens(vit.embed(images));
            assertMatches("tokens", tokens, expected.get("tokens"));
            assertMatches("cls", vit.forward(images), expected.get("cls"));

            Tensor weights = Golden.signed(Golden.seed(golden), 1002, tokens.shape());
            Tensor probe = tokens.mul(weights).sum();
            assertClose("probe loss", probe.item_double(), expected.get("probe_loss"));
            probe.backward();
            assertMatches("gradient of images", images.grad(), expected.get("grad_input"));
            Map<String, Tensor> parameters = Parameters.named(vit);
            expected.get("grads")
                    .properties()
                    .forEach(e ->
                            assertMatches(
                                    "gradient of " + e.getKey(),
                                    Objects.requireNonNull(parameters.get(e.getKey())).grad(),
                                    e.getValue()));
        }
    }

    @Test
    void positionsAreResizedAtTheAuthorsSamplingScale() {
        JsonNode golden = Golden.of("vit_dino_style");
        Vit vit = filled(golden);
        Tensor table = Objects.requireNonNull(Parameters.named(vit).get("pos_embed"));
        for (JsonNode expected : golden.get("cases")) {
            int rows = expected.get("size").get(0).asInt() / vit.shape().patch();
            int columns = expected.get("size").get(1).asInt() / vit.shape().patch();
            Tensor patches = vit.patchPositions(rows, columns, vit.resizing());
            Tensor resized = Ops.concatenated(1, table.narrow(1, 0, 1), patches); // cls
            assertMatches("positions", resized, expected.get("pos"));
            assertRow(resized, 1, expected.get("pos_row1"));
            assertRow(resized, 2, expected.get("pos_row2"));
            assertRow(resized, (long) rows * columns, expected.get("pos_last"));
        }
    }

    private static void assertRow(Tensor positions, long row, JsonNode expected) {
        double[] values = Golden.doubles(positions.select(1, row));
        assertClose("row " + row, Arrays.copyOf(values, expected.size()), expected);
    }

    static Vit filled(JsonNode golden) {
        JsonNode config = golden.get("config");
        VitShape shape =
                new VitShape(
                        config.get("dim").asInt(),
                        config.get("depth").asInt(),
                        config.get("heads").asInt(),
                        config.get("patch").asInt(),
                        config.get("img").asInt());
        Vit vit = new Vit(shape, Positions.LEARNED, Vit.Pool.CLASS_TOKEN);
        vit.to(ScalarType.Double, false);
        Golden.fill(
                golden.get("params"),
                Golden.seed(golden),
                Parameters.named(vit),
                name -> name,
                Map.of());
        return vit;
    }

    private static Tensor images(JsonNode golden, JsonNode expected) {
        return Golden.signed(
                Golden.seed(golden),
                expected.get("image_t").asLong(),
                golden.get("config").get("B").asLong(),
                3,
                expected.get("size").get(0).asLong(),
                expected.get("size").get(1).asLong());
    }
}
