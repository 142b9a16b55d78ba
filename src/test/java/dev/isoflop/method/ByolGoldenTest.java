package dev.isoflop.method;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Pair;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.ByolNetwork;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Cases `byol_regression` and `byol_full`: the authors' loss, heads and target, number for number.
class ByolGoldenTest {

    private static final Progress START = new Progress(0, 1, 0, 0);
    private static final double ROUNDING = 1e-12; // a bias ahead of a batch norm has no gradient

    @Test
    void theDistanceIsThatOfTheAuthors() {
        JsonNode golden = Golden.of("byol_regression");
        Tensor x = rows(golden, "x_t").set_requires_grad(true);
        Tensor distance = Byol.distance(x, rows(golden, "y_t")); // [B]
        Tensor loss = distance.mean(); // []

        assertClose("distances", Golden.doubles(distance), golden.get("per_row"));
        assertClose("mean", loss.item_double(), golden.get("mean"));
        loss.backward();
        assertMatches("gradient", x.grad(), golden.get("grad_x"));
    }

    /// `[B, D]`
    private static Tensor rows(JsonNode golden, String t) {
        JsonNode config = golden.get("config");
        return Golden.signed(
                Golden.seed(golden),
                config.get(t).asLong(),
                config.get("B").asLong(),
                config.get("D").asLong());
    }

    @Test
    void predictionsTargetsLossGradientsAndTheMovedTargetAreThoseOfTheAuthors() {
        JsonNode golden = Golden.of("byol_full");
        Byol byol = filled(golden);
        Pair views = new Pair(view(golden, "view1_t"), view(golden, "view2_t"));
        ByolNetwork online = byol.trained();
        ByolNetwork target = byol.target();
        assertMatches("first prediction", seen(online, views.first()), golden.get("prediction1"));
        assertMatches("second prediction", seen(online, views.second()), golden.get("prediction2"));
        assertMatches("first target", seen(target, views.first()), golden.get("target1"));
        assertMatches("second target", seen(target, views.second()), golden.get("target2"));

        Tensor loss = byol.loss(views, START).total();
        assertClose("loss", loss.item_double(), golden.get("loss"));
        loss.backward();
        Map<String, Tensor> parameters = official(online);
        golden.get("grads")
                .properties()
                .forEach(gradient -> {
                    String name = gradient.getKey();
                    Tensor ours = Objects.requireNonNull(parameters.get(name)).grad();
                    if (gradient.getValue().get("norm").asDouble() < ROUNDING) {
                        assertThat(ours.norm().item_double()).as(name).isLessThan(ROUNDING);
                    } else {
                        assertMatches("gradient of " + name, ours, gradient.getValue());
                    }
                });

        byol.afterUpdate(START);
        Map<String, Tensor> moved = official(target);
        assertThat(golden.get("target_after_ema").properties())
                .isNotEmpty()
                .allSatisfy(expected -> {
                    Tensor ours = Objects.requireNonNull(moved.get(expected.getKey()));
                    assertMatches("target's " + expected.getKey(), ours, expected.getValue());
                });
    }

    private static Tensor seen(ByolNetwork network, Tensor images) {
        return network.head(network.feature(images)); // [B, d]
    }

    private static Byol filled(JsonNode golden) {
        JsonNode c = golden.get("config");
        MlpShape head = MlpShape.byol(c.get("hid").asInt(), c.get("out").asInt());
        double tau = c.get("tau").asDouble();
        VitShape shape = shape(c);
        Byol byol = new Byol(new Byol.Config(tau, true, Vit.Pool.CLASS_TOKEN, head), shape);
        byol.state().to(ScalarType.Double, false);
        fill(byol.trained(), shape, golden.get("params_online"), c.get("seed_online"));
        fill(byol.target(), shape, golden.get("params_target"), c.get("seed_target"));
        return byol;
    }

    private static void fill(ByolNetwork network, VitShape shape, JsonNode params, JsonNode seed) {
        Golden.fill(
                params,
                seed.asLong(),
                Parameters.named(network),
                ByolGoldenTest::officialName,
                Map.of("backbone.pos_embed", Golden.positions(shape.width(), shape.grid())));
    }

    private static VitShape shape(JsonNode config) {
        JsonNode c = config.get("vit");
        return new VitShape(
                c.get("dim").asInt(),
                c.get("depth").asInt(),
                c.get("heads").asInt(),
                c.get("patch").asInt(),
                c.get("img").asInt());
    }

    private static Tensor view(JsonNode golden, String t) {
        JsonNode c = golden.get("config");
        long side = c.get("vit").get("img").asLong();
        long seed = c.get("seed_online").asLong();
        return Golden.signed(seed, c.get(t).asLong(), c.get("B").asLong(), 3, side, side);
    }

    /// Ours to the authors': `encoder` is `backbone`, and a head's `l0`, `bn0`, `l1` are `fc1`,
    /// `bn`, `fc2`.
    private static String officialName(String name) {
        return name.replaceFirst("^encoder\\.", "backbone.")
                .replaceFirst("^(projector|predictor)\\.l0\\.", "$1.fc1.")
                .replaceFirst("^(projector|predictor)\\.bn0\\.", "$1.bn.")
                .replaceFirst("^(projector|predictor)\\.l1\\.", "$1.fc2.");
    }

    private static Map<String, Tensor> official(ByolNetwork network) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        Parameters.named(network).forEach((n, tensor) -> result.put(officialName(n), tensor));
        return result;
    }
}
