package dev.isoflop.encoder;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Parameters;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import tools.jackson.databind.JsonNode;

import java.util.LinkedHashMap;
import java.util.Map;

/// A golden case's encoder as the authors' state: their names, their numbers.
///
/// @param golden the case
/// @param state by the authors' names, in 64 bits
/// @param heads of its attention
record GoldenVit(JsonNode golden, Map<String, Tensor> state, int heads) {

    /// Case `vit_mae_style`, with its classifier.
    static GoldenVit mae() {
        JsonNode golden = Golden.of("vit_mae_style");
        VitShape shape = shape(golden.get("config"));
        Module root = new Module("root");
        Vit vit = root.register_module("encoder", new Vit(shape));
        long classes = golden.get("logits").get("shape").get(1).asLong();
        LinearImpl head = new LinearImpl(shape.width(), classes);
        root.register_module("head", head);
        return filled(golden, golden.get("params"), root, vit);
    }

    /// Case `vit_mae_style`, `global_pool`: the mean of patches speaks.
    static GoldenVit maePooled() {
        JsonNode golden = Golden.of("vit_mae_style");
        VitShape shape = shape(golden.get("config"));
        Module root = new Module("root");
        Vit vit =
                root.register_module(
                        "encoder", new Vit(shape, Positions.SINE_COSINE, Vit.Pool.MEAN_OF_PATCHES));
        long classes = golden.get("logits").get("shape").get(1).asLong();
        root.register_module("head", new LinearImpl(shape.width(), classes));
        return filled(golden, golden.get("global_pool").get("params"), root, vit);
    }

    /// Case `vit_dino_style`.
    static GoldenVit dino() {
        JsonNode golden = Golden.of("vit_dino_style");
        Vit vit = new Vit(shape(golden.get("config")), Positions.LEARNED, Vit.Pool.CLASS_TOKEN);
        return filled(golden, golden.get("params"), vit, vit);
    }

    private static GoldenVit filled(JsonNode golden, JsonNode params, Module root, Vit vit) {
        root.to(ScalarType.Double, false);
        VitShape shape = vit.shape();
        Map<String, Tensor> named = Parameters.named(root);
        Map<String, Tensor> fixed =
                Map.of("pos_embed", Golden.positions(shape.width(), shape.grid()));
        Golden.fill(params, Golden.seed(golden), named, GoldenVit::official, fixed);
        Map<String, Tensor> state = new LinkedHashMap<>();
        named.forEach((name, tensor) -> state.put(official(name), tensor.detach().clone()));
        return new GoldenVit(golden, state, shape.heads());
    }

    private static String official(String name) {
        return name.replaceFirst("^encoder\\.", "");
    }

    private static VitShape shape(JsonNode config) {
        return new VitShape(
                config.get("dim").asInt(),
                config.get("depth").asInt(),
                config.get("heads").asInt(),
                config.get("patch").asInt(),
                config.get("img").asInt());
    }

    /// The case's images.
    ///
    /// @param t their number in the filling
    Tensor images(long t, long side) {
        long b = golden.get("config").get("B").asLong();
        return Golden.signed(Golden.seed(golden), t, b, 3, side, side);
    }

    /// The state with other names, and what a file of this program has beside it.
    Map<String, Tensor> renamed(java.util.function.UnaryOperator<String> name) {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        state.forEach((ours, tensor) -> renamed.put(name.apply(ours), tensor));
        return renamed;
    }

    /// The state as Hugging Face's ViT has it.
    Map<String, Tensor> huggingFace() {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        state.forEach((ours, tensor) -> {
            String layer = ours.replaceFirst("^blocks\\.(\\d+)\\.", "vit.encoder.layer.$1.");
            if (ours.contains(".attn.qkv.")) {
                String kind = ours.substring(ours.lastIndexOf('.'));
                long d = tensor.size(0) / 3;
                int third = 0;
                for (String part : new String[] {"query", "key", "value"}) {
                    String there = ".attention.attention." + part + kind;
                    renamed.put(
                            layer.replaceFirst("\\.attn\\.qkv\\..*", there),
                            tensor.narrow(0, third++ * d, d).clone());
                }
            } else {
                renamed.put(
                        layer.replace(".norm1.", ".layernorm_before.")
                                .replace(".norm2.", ".layernorm_after.")
                                .replace(".attn.proj.", ".attention.output.dense.")
                                .replace(".mlp.fc1.", ".intermediate.dense.")
                                .replace(".mlp.fc2.", ".output.dense.")
                                .replaceFirst("^norm\\.", "vit.layernorm.")
                                .replaceFirst("^cls_token$", "vit.embeddings.cls_token")
                                .replaceFirst("^pos_embed$", "vit.embeddings.position_embeddings")
                                .replaceFirst(
                                        "^patch_embed\\.proj\\.",
                                        "vit.embeddings.patch_embeddings.projection.")
                                .replaceFirst("^head\\.", "classifier."),
                        tensor);
            }
        });
        return renamed;
    }
}
