package dev.isoflop.vit;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.Map;
import java.util.Objects;

/// Case `bert`: Google's BERT as pytorch-pretrained-bert has it, number for number.
class TextTowerGoldenTest {

    private static final JsonNode GOLDEN = Golden.of("bert");
    private static final JsonNode CONFIG = GOLDEN.get("config");

    @Test
    void everyTokenIsThatOfTheAuthors() {
        Tensor tokens = filled(TextShape.Pool.MEAN).tokens(ids(), lengths());
        assertMatches("sequence", tokens, GOLDEN.get("sequence"));
    }

    @Test
    void eachWayToSpeakForATextIsThatOfTheAuthors() {
        Map<TextShape.Pool, String> cases =
                Map.of(
                        TextShape.Pool.MEAN, "masked_mean",
                        TextShape.Pool.FIRST_TOKEN, "cls_hidden",
                        TextShape.Pool.POOLER, "pooler");
        assertThat(cases).hasSameSizeAs(TextShape.Pool.values());
        cases.forEach((pool, name) ->
                assertMatches(name, filled(pool).forward(ids(), lengths()), GOLDEN.get(name)));
    }

    @Test
    void gradientsAreThoseOfTheAuthors() {
        TextTower tower = filled(TextShape.Pool.MEAN);
        Tensor tokens = tower.tokens(ids(), lengths()); // [B, T, W]
        Tensor probe = Golden.signed(seed(), 1601, tokens.shape()); // [B, T, W]
        Tensor places = Ops.count(tokens.size(1), tokens); // [T]
        Tensor seen = places.lt(lengths().unsqueeze(1)).unsqueeze(-1); // [B, T, 1]
        Tensor loss = tokens.mul(probe).mul(seen).sum();
        assertClose("probe loss", loss.item_double(), GOLDEN.get("probe_loss"));
        loss.backward();
        Map<String, Tensor> parameters = Parameters.named(tower);
        JsonNode gradients = GOLDEN.get("grads");
        assertThat(gradients.size()).isPositive();
        gradients
                .properties()
                .forEach(e ->
                        assertMatches(
                                "gradient of " + e.getKey(),
                                Objects.requireNonNull(parameters.get(e.getKey())).grad(),
                                e.getValue()));
    }

    private static long seed() {
        return Golden.seed(GOLDEN);
    }

    private static TextTower filled(TextShape.Pool pool) {
        TextShape shape =
                new TextShape(
                        CONFIG.get("hid").asInt(),
                        CONFIG.get("layers").asInt(),
                        CONFIG.get("heads").asInt(),
                        CONFIG.get("ff").asInt(),
                        CONFIG.get("vocab").asInt(),
                        CONFIG.get("maxpos").asInt(),
                        CONFIG.get("T").asInt(),
                        pool);
        TextTower tower = new TextTower(shape);
        tower.to(ScalarType.Double, false);
        Map<String, Tensor> parameters = Parameters.named(tower);
        Golden.fill(GOLDEN.get("params"), seed(), parameters, name -> name, Map.of());
        return tower;
    }

    /// `[B, T]`
    private static Tensor ids() {
        long b = CONFIG.get("B").asLong();
        long t = CONFIG.get("T").asLong();
        double[] rows = new double[(int) (b * t)];
        for (int i = 0; i < b; i++) {
            System.arraycopy(
                    Golden.array(GOLDEN.get("ids").get(i)), 0, rows, (int) (i * t), (int) t);
        }
        return Ops.tensor(rows, b, t).to(ScalarType.Long);
    }

    /// `[B]`
    private static Tensor lengths() {
        double[] lengths = Golden.array(GOLDEN.get("lengths"));
        return Ops.tensor(lengths, lengths.length).to(ScalarType.Long);
    }
}
