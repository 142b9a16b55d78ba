package dev.isoflop.method;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Parameters;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Cases `ntxent` and `simclr_head`: the authors' loss and projector, number for number.
class SimClrGoldenTest {

    private static final String LAST_SHIFT = "bn2.bias"; // held at 0 there, absent here

    @Test
    void lossLogitsAndGradientsAreThoseOfTheAuthors() {
        JsonNode golden = Golden.of("ntxent");
        JsonNode config = golden.get("config");
        long b = config.get("B").asLong();
        long d = config.get("D").asLong();
        assertThat(golden.get("cases").size()).isEqualTo(config.get("temps").size()).isPositive();
        for (JsonNode expected : golden.get("cases")) {
            SimClr simClr = simClr(expected.get("temperature"), 4, MlpShape.simClr(0, 1, 1));
            long t = config.get("hidden_t").asLong();
            Tensor hidden = Golden.signed(Golden.seed(golden), t, 2 * b, d).set_requires_grad(true);
            Tensor loss = simClr.loss(hidden);

            assertClose("loss", loss.item_double(), expected.get("loss"));
            JsonNode ofThePaper = expected.get("loss_halved_paper_convention");
            assertClose("loss of the paper", loss.item_double() / 2, ofThePaper);
            Tensor logits = simClr.logits(hidden); // [2B, 2B]
            Tensor acrossViews = logits.narrow(0, 0, b).narrow(1, b, b); // [B, B]
            assertMatches("logits", acrossViews, expected.get("logits_ab"));
            loss.backward();
            assertMatches("gradient", hidden.grad(), expected.get("grad_hidden"));
        }
    }

    @Test
    void theProjectorIsThatOfTheAuthors() {
        JsonNode golden = Golden.of("simclr_head");
        int d = golden.get("config").get("d").asInt();
        int hidden = row(golden, "l0.weight").get(2).get(0).asInt();
        MlpShape shape = MlpShape.simClr(hidden, golden.get("config").get("out").asInt(), 3);
        SimClr simClr = simClr(Golden.of("ntxent").get("config").get("temps").get(0), d, shape);
        Map<String, Tensor> projector = projector(simClr);
        long seed = Golden.seed(golden);
        Golden.fill(withoutLastShift(golden), seed, projector, name -> name, Map.of());
        long rows = golden.get("z").get("shape").get(0).asLong();
        long t = golden.get("input_t").asLong();
        Tensor features = Golden.signed(seed, t, rows, d).set_requires_grad(true); // [2B, D]
        Tensor z = simClr.projected(features); // [2B, d]
        Tensor loss = simClr.loss(z);

        assertMatches("projection", z, golden.get("z"));
        assertClose("loss", loss.item_double(), golden.get("loss"));
        loss.backward();
        assertMatches("gradient of features", features.grad(), golden.get("grad_input"));
        golden.get("grads")
                .properties()
                .forEach(gradient -> {
                    String name = gradient.getKey();
                    Tensor ours = Objects.requireNonNull(projector.get(name)).grad();
                    assertMatches("gradient of " + name, ours, gradient.getValue());
                });
    }

    private static SimClr simClr(JsonNode temperature, int width, MlpShape projector) {
        Golden.of("ntxent"); // loads the library
        SimClr.Config config =
                new SimClr.Config(temperature.asDouble(), Vit.Pool.CLASS_TOKEN, projector);
        SimClr simClr = new SimClr(config, new VitShape(width, 1, 1, 4, 4));
        simClr.trained().to(ScalarType.Double, false);
        return simClr;
    }

    /// The projector's parameters by its own names, which are the authors'.
    private static Map<String, Tensor> projector(SimClr simClr) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        Parameters.named(simClr.trained())
                .forEach((name, tensor) -> {
                    if (name.startsWith("projector.")) {
                        result.put(name.substring("projector.".length()), tensor);
                    }
                });
        return result;
    }

    private static JsonNode row(JsonNode golden, String name) {
        for (JsonNode row : golden.get("params")) {
            if (row.get(1).asString().equals(name)) {
                return row;
            }
        }
        throw new AssertionError(name + " is not in " + golden.get("params"));
    }

    private static JsonNode withoutLastShift(JsonNode golden) {
        ArrayNode rows = new JsonMapper().createArrayNode();
        for (JsonNode row : golden.get("params")) {
            if (!row.get(1).asString().equals(LAST_SHIFT)) {
                rows.add(row);
            }
        }
        return rows;
    }
}
