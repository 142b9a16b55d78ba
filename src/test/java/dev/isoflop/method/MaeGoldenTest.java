package dev.isoflop.method;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.Patches;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// Cases `mae`, `mae_trajectory` and `masking`: the authors' masked autoencoder, number for number.
class MaeGoldenTest {

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void lossLatentAndGradientsAreThoseOfTheAuthors() {
        JsonNode golden = Golden.of("mae");
        for (JsonNode expected : golden.get("cases")) {
            Mae mae = filled(expected.get("mask_ratio"), expected.get("norm_pix_loss"));
            Tensor images = images(1000);
            Tensor noise = noise(1001);
            Mae.Reconstruction seen = mae.reconstruct(images, noise);
            Tensor loss = mae.loss(images, seen);

            assertThat(seen.mask().keep().size(1)).isEqualTo(expected.get("len_keep").asLong());
            assertRows(seen.mask().keep(), expected.get("ids_keep"));
            assertRows(seen.mask().restore(), expected.get("ids_restore"));
            assertRows(seen.mask().removed(), expected.get("mask"));
            assertMatches("latent", seen.latent(), expected.get("latent"));
            assertMatches("painted", seen.painted(), expected.get("pred"));
            assertClose("loss", loss.item_double(), expected.get("loss"));
            loss.backward();
            Map<String, Tensor> parameters = official(mae);
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
    void patchesAreCutInTheOrderRowColumnChannel() {
        JsonNode golden = Golden.of("mae");
        Tensor patches = Patches.of(images(1000), shape().patch());
        assertMatches("patches", patches, golden.get("patchify"));
        Tensor back = Patches.images(patches, shape().patch());
        assertThat(Golden.doubles(back)).isEqualTo(Golden.doubles(images(1000)));
    }

    @Test
    void fiveStepsOfTrainingAreThoseOfTheAuthors() {
        JsonNode golden = Golden.of("mae_trajectory");
        JsonNode config = golden.get("config");
        Mae mae = filled(config.get("mask_ratio"), config.get("norm_pix_loss"));
        Parameters parameters = new Parameters(mae.trained());
        assertThat(decayed(mae, true)).isEqualTo(names(golden.get("decayed")));
        assertThat(decayed(mae, false)).isEqualTo(names(golden.get("not_decayed")));
        AdamW optimiser =
                new AdamW(
                        parameters,
                        new AdamW.Settings(
                                config.get("betas").get(0).asDouble(),
                                config.get("betas").get(1).asDouble(),
                                config.get("eps").asDouble(),
                                config.get("weight_decay").asDouble()));
        for (int step = 0; step < config.get("steps").asInt(); step++) {
            parameters.clearGradients();
            Tensor images = images(1800 + step);
            Tensor loss = mae.loss(images, mae.reconstruct(images, noise(1850 + step)));
            assertClose("loss", loss.item_double(), golden.get("losses").get(step));
            loss.backward();
            assertClose(
                    "gradient norm",
                    parameters.gradientNorm(),
                    golden.get("global_grad_norms").get(step));
            optimiser.step(config.get("lr").asDouble(), config.get("weight_decay").asDouble());
        }
        Map<String, Tensor> after = official(mae);
        golden.get("after")
                .properties()
                .forEach(e ->
                        assertMatches(
                                e.getKey(),
                                Objects.requireNonNull(after.get(e.getKey())),
                                e.getValue()));
    }

    @Test
    void theSamePatchesAreHidden() {
        for (JsonNode expected : Golden.of("masking")) {
            int n = expected.get("L").asInt();
            int side = (int) Math.sqrt(n);
            assertThat(side * side).isEqualTo(n);
            double ratio = expected.get("ratio").asDouble();
            VitShape shape = new VitShape(4, 1, 1, 1, side);
            Mae mae = new Mae(new Mae.Config(ratio, new DecoderShape(4, 1, 1), false), shape);
            mae.trained().to(ScalarType.Double, false);
            long b = expected.get("N").asLong();
            long seed = Golden.seed(expected);
            Tensor noise = Golden.uniform(seed, expected.get("noise_t").asLong(), b, n);
            Mae.Reconstruction seen =
                    mae.reconstruct(Golden.signed(seed, 1000, b, 3, side, side), noise);

            assertThat(seen.mask().keep().size(1)).isEqualTo(expected.get("len_keep").asLong());
            assertRows(seen.mask().keep(), expected.get("ids_keep"));
            assertRows(seen.mask().restore().narrow(1, 0, 16), expected.get("ids_restore_first16"));
            double[] removed = Golden.doubles(seen.mask().removed());
            for (int i = 0; i < b; i++) {
                double sum = Arrays.stream(removed, i * n, (i + 1) * n).sum();
                assertThat(sum).isEqualTo(expected.get("mask_sum").get(i).asDouble());
            }
        }
    }

    @Test
    void asManyPatchesAreKeptAsTheAuthorsKeep() {
        Golden.of("mae")
                .get("len_keep_table")
                .properties()
                .forEach(ratio -> {
                    double r = Double.parseDouble(ratio.getKey());
                    Mae.Config config = new Mae.Config(r, Mae.Config.DEFAULT.decoder(), true);
                    ratio.getValue()
                            .properties()
                            .forEach(n ->
                                    assertThat(config.kept(Integer.parseInt(n.getKey())))
                                            .as("%s of %s", r, n.getKey())
                                            .isEqualTo(n.getValue().asInt()));
                });
    }

    private static JsonNode config() {
        return Golden.of("mae").get("config");
    }

    private static VitShape shape() {
        JsonNode c = config();
        return new VitShape(
                c.get("dim").asInt(),
                c.get("depth").asInt(),
                c.get("heads").asInt(),
                c.get("patch").asInt(),
                c.get("img").asInt());
    }

    private static Mae filled(JsonNode maskRatio, JsonNode normalised) {
        JsonNode decoder = config().get("decoder");
        int width = decoder.get("dim").asInt();
        Mae.Config settings =
                new Mae.Config(
                        maskRatio.asDouble(),
                        new DecoderShape(
                                width, decoder.get("depth").asInt(), decoder.get("heads").asInt()),
                        normalised.asBoolean());
        Mae mae = new Mae(settings, shape());
        mae.trained().to(ScalarType.Double, false);
        Map<String, Tensor> analytic =
                Map.of(
                        "pos_embed", Golden.positions(shape().width(), shape().grid()),
                        "decoder_pos_embed", Golden.positions(width, shape().grid()));
        JsonNode golden = Golden.of("mae");
        Golden.fill(
                golden.get("params"),
                Golden.seed(golden),
                Parameters.named(mae.trained()),
                MaeGoldenTest::officialName,
                analytic);
        return mae;
    }

    private static Tensor images(long t) {
        JsonNode c = config();
        long side = c.get("img").asLong();
        return Golden.signed(Golden.seed(Golden.of("mae")), t, c.get("B").asLong(), 3, side, side);
    }

    private static Tensor noise(long t) {
        long b = config().get("B").asLong();
        return Golden.uniform(Golden.seed(Golden.of("mae")), t, b, shape().patches());
    }

    /// Ours to the authors': `encoder.norm.bias` is `norm.bias`, `decoder.norm.bias` is
    /// `decoder_norm.bias`, and the mask token has no prefix.
    private static String officialName(String name) {
        return name.replaceFirst("^encoder\\.", "")
                .replaceFirst("^decoder\\.mask_token", "mask_token")
                .replaceFirst("^decoder\\.", "decoder_");
    }

    private static Map<String, Tensor> official(Mae mae) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        Parameters.named(mae.trained()).forEach((n, t) -> result.put(officialName(n), t));
        return result;
    }

    private static Set<String> decayed(Mae mae, boolean decayed) {
        Set<String> result = new TreeSet<>();
        official(mae)
                .forEach((name, tensor) -> {
                    if (tensor.requires_grad() && AdamW.decays(name, tensor.dim()) == decayed) {
                        result.add(name);
                    }
                });
        return result;
    }

    private static Set<String> names(JsonNode list) {
        Set<String> result = new TreeSet<>();
        list.forEach(name -> result.add(name.asString()));
        return result;
    }

    private static void assertRows(Tensor actual, JsonNode expected) {
        double[] ours = Golden.doubles(actual);
        int columns = expected.get(0).size();
        for (int row = 0; row < expected.size(); row++) {
            assertThat(Arrays.copyOfRange(ours, row * columns, (row + 1) * columns))
                    .isEqualTo(Golden.array(expected.get(row)));
        }
    }
}
