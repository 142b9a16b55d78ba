package dev.isoflop.encoder;

import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Cases `vit_mae_style` and `vit_dino_style`: an encoder computes what its authors' did, whichever
/// file and naming it came in.
class NamingGoldenTest {

    @TempDir private Path folder = Path.of("");

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static Choices heads(int heads) {
        return new Choices(
                Optional.empty(),
                Optional.of(heads),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /// Converts and reads back.
    private Vit through(Path file, Choices choices, Conversion.As as) {
        Path to = folder.resolve(as + "-of-" + file.getFileName() + ".safetensors");
        try (Conversion conversion = Conversion.of(file, choices)) {
            conversion.write(to, as);
        }
        return Encoders.read(to, ScalarType.Double);
    }

    private void assertMae(Vit vit, GoldenVit golden) {
        assertThat(vit.kind()).isEqualTo(Positions.SINE_COSINE);
        JsonNode config = golden.golden().get("config");
        Tensor images = golden.images(1000, config.get("img").asLong());
        assertMatches("tokens", vit.tokens(vit.embed(images)), golden.golden().get("tokens"));
        assertMatches("cls", vit.forward(images), golden.golden().get("cls"));
    }

    private void assertDino(Vit vit, GoldenVit golden) {
        assertThat(vit.kind()).isEqualTo(Positions.LEARNED);
        for (JsonNode expected : golden.golden().get("cases")) {
            Tensor images =
                    golden.images(
                            expected.get("image_t").asLong(), expected.get("size").get(0).asLong());
            assertMatches("tokens", vit.tokens(vit.embed(images)), expected.get("tokens"));
        }
    }

    @Test
    void aPreTrainingCheckpointOfMaesAuthorsLosesItsDecoder() throws IOException {
        GoldenVit golden = GoldenVit.mae();
        TorchZip zip = new TorchZip();
        Map<String, Tensor> state = new LinkedHashMap<>(golden.state());
        state.put("mask_token", torch.zeros(1, 1, 8));
        state.put("decoder_pos_embed", torch.zeros(1, 17, 8));
        state.put("decoder_embed.weight", torch.zeros(8, 64));
        state.put("decoder_blocks.0.attn.qkv.weight", torch.zeros(24, 8));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("model", zip.state(state));
        root.put("optimizer", Map.of("state", Map.of(0, zip.state(Map.of("m", torch.ones(2))))));
        root.put("epoch", 799);
        root.put(
                "args", new PickleBytes.Built("argparse", "Namespace", Map.of("model", "mae_vit")));
        Path file = zip.write(folder.resolve("mae.pth"), root);

        assertMae(through(file, heads(golden.heads()), Conversion.As.ISOFLOP), golden);
        try (Conversion conversion = Conversion.of(file, heads(golden.heads()))) {
            assertThat(conversion.whose()).isEqualTo("MAE's authors'");
            assertThat(conversion.beside()).isEqualTo(Map.of("args", "argparse.Namespace"));
            assertThat(conversion.left())
                    .contains(
                            new Conversion.Left(
                                    "model.decoder_blocks.0.attn.qkv.weight",
                                    "MAE's decoder, which pre-training alone needs"),
                            new Conversion.Left("optimizer.state.0.m", "the state of an optimiser"))
                    .hasSize(4 + 2 + 1);
            assertThat(conversion.used()).hasSize(golden.state().size() - 2);
        }
    }

    @Test
    void ofACheckpointOfDinosAuthorsTheTeacherIsTaken() throws IOException {
        GoldenVit golden = GoldenVit.dino();
        TorchZip zip = new TorchZip();
        Map<String, Tensor> student = new LinkedHashMap<>();
        golden.renamed(name -> "module.backbone." + name)
                .forEach((name, tensor) -> student.put(name, tensor.add(tensor)));
        Map<String, Tensor> teacher = golden.renamed(name -> "backbone." + name);
        teacher.put("head.mlp.0.weight", torch.ones(4, 4));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("student", zip.state(student));
        root.put("teacher", zip.state(teacher));
        Object rate =
                new PickleBytes.Call(
                        "numpy.core.multiarray",
                        "scalar",
                        List.of(
                                new PickleBytes.Call("numpy", "dtype", List.of("f8", false, true)),
                                new PickleBytes.Call(
                                        "_codecs", "encode", List.of("12345678", "latin1"))));
        root.put("optimizer", Map.of("param_groups", List.of(Map.of("lr", rate))));
        Path file = zip.write(folder.resolve("dino.pth"), root);

        assertDino(through(file, heads(golden.heads()), Conversion.As.ISOFLOP), golden);
        try (Conversion conversion = Conversion.of(file, heads(golden.heads()))) {
            assertThat(conversion.whose()).isEqualTo("DINO's authors'");
            assertThat(conversion.why())
                    .endsWith("teacher.backbone was taken, not student.module.backbone");
            assertThat(conversion.left())
                    .contains(
                            new Conversion.Left(
                                    "teacher.head.mlp.0.weight",
                                    "stands beside the encoder: a head, projector or decoder"),
                            new Conversion.Left(
                                    "student.module.backbone.cls_token",
                                    "of another encoder, which --key student reads"));
        }
        Choices other =
                new Choices(
                        Optional.of("student"),
                        Optional.of(golden.heads()),
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
        try (Conversion conversion = Conversion.of(file, other)) {
            assertThat(conversion.used().getFirst().from())
                    .isEqualTo(List.of("student.module.backbone.cls_token"));
        }
    }

    @Test
    void aBackboneAloneIsReadFromSafetensorsToo() throws IOException {
        GoldenVit golden = GoldenVit.dino();
        Path file = folder.resolve("backbone.safetensors");
        Safetensors.write(file, golden.state(), Map.of());
        assertDino(through(file, heads(golden.heads()), Conversion.As.ISOFLOP), golden);
    }

    @Test
    void timmsEncoderLosesItsHead() throws IOException {
        GoldenVit golden = GoldenVit.mae();
        Path file = folder.resolve("timm.safetensors");
        Safetensors.write(file, golden.state(), Map.of());
        assertMae(through(file, heads(golden.heads()), Conversion.As.TIMM), golden);
        try (Conversion conversion = Conversion.of(file, heads(golden.heads()))) {
            assertThat(conversion.whose()).startsWith("timm's");
            assertThat(conversion.left())
                    .extracting(Conversion.Left::name)
                    .containsExactlyInAnyOrder("head.weight", "head.bias");
        }
    }

    @Test
    void aMeanOfPatchesIsKnownByItsNorm() throws IOException {
        GoldenVit golden = GoldenVit.maePooled();
        Path file = folder.resolve("pooled.safetensors");
        Safetensors.write(file, golden.state(), Map.of());
        Vit vit = through(file, heads(golden.heads()), Conversion.As.TIMM);
        Tensor images = golden.images(1000, golden.golden().get("config").get("img").asLong());
        assertThat(vit.pool()).isEqualTo(Vit.Pool.MEAN_OF_PATCHES);
        JsonNode expected = golden.golden().get("global_pool").get("feature");
        assertMatches("feature", vit.forward(images), expected);
    }

    @Test
    void huggingFacesThirdsBecomeOneMatrixAndItsConfigurationIsBelieved() throws IOException {
        GoldenVit golden = GoldenVit.mae();
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, golden.huggingFace(), Map.of());
        Files.writeString(
                folder.resolve("config.json"),
                "{\"hidden_act\": \"gelu\", \"layer_norm_eps\": 1e-06, \"num_attention_heads\": "
                        + golden.heads()
                        + "}");
        assertMae(through(file, Choices.NONE, Conversion.As.ISOFLOP), golden);
        try (Conversion conversion = Conversion.of(file, Choices.NONE)) {
            assertThat(conversion.reasons().epsilon()).isEqualTo("config.json says so");
            assertThat(conversion.used())
                    .filteredOn(it -> it.name().equals("blocks.1.attn.qkv.bias"))
                    .singleElement()
                    .satisfies(it ->
                            assertThat(it.from())
                                    .containsExactly(
                                            "vit.encoder.layer.1.attention.attention.query.bias",
                                            "vit.encoder.layer.1.attention.attention.key.bias",
                                            "vit.encoder.layer.1.attention.attention.value.bias"));
        }
        Files.delete(folder.resolve("config.json"));
        try (Conversion conversion = Conversion.of(file, heads(golden.heads()))) {
            assertThat(conversion.card().style().normEpsilon()).isEqualTo(1e-12);
        }
    }
}
