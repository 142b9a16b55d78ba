package dev.isoflop.encoder;

import dev.isoflop.vit.VitStyle;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a family of programs names the parts of a vision transformer, and what else its files hold.
enum Naming {
    /// timm's, which the authors of MAE and DINO took over, as we did.
    TIMM,
    /// Hugging Face's, with queries, keys and values apart.
    HUGGING_FACE,
    /// OpenAI's, of CLIP's image tower.
    CLIP;

    private static final VitStyle HUGGING_FACES = // its configuration's defaults
            new VitStyle(1e-12, VitStyle.Activation.GELU, false);

    private static final List<Rule> OF_TIMM =
            List.of(
                    part("(cls_token|pos_embed)", "$1"),
                    part("((?:patch_embed\\.proj|norm|fc_norm|norm_pre)\\.(?:weight|bias))", "$1"),
                    part(
                            "(blocks\\.\\d+\\.(?:norm1|norm2|attn\\.qkv|attn\\.proj|mlp\\.fc1|mlp\\.fc2)"
                                + "\\.(?:weight|bias))",
                            "$1"),
                    left("decoder_.*", "MAE's decoder, which pre-training alone needs"),
                    left("mask_token", "stands for patches that were removed"),
                    left("(head|head_drop|pre_logits|attn_pool)\\..*", "a head behind the encoder"),
                    strange("blocks\\.\\d+\\.ls[12]\\.gamma", "layer scale"),
                    strange("dist_token|head_dist\\..*", "a second token, for distillation"),
                    strange("reg_token|register_tokens", "register tokens"),
                    strange(".*relative_position.*", "relative positions"),
                    strange("blocks\\.\\d+\\.attn\\.[qk]_norm\\..*", "norms of queries and keys"));

    private static final List<Rule> OF_HUGGING_FACE =
            List.of(
                    part("embeddings\\.cls_token", "cls_token"),
                    part("embeddings\\.position_embeddings", "pos_embed"),
                    part(
                            "embeddings\\.patch_embeddings\\.projection\\.(weight|bias)",
                            "patch_embed.proj.$1"),
                    part(
                            "encoder\\.layer\\.(\\d+)\\.layernorm_before\\.(\\w+)",
                            "blocks.$1.norm1.$2"),
                    third("query", 0),
                    third("key", 1),
                    third("value", 2),
                    part(
                            "encoder\\.layer\\.(\\d+)\\.attention\\.output\\.dense\\.(\\w+)",
                            "blocks.$1.attn.proj.$2"),
                    part(
                            "encoder\\.layer\\.(\\d+)\\.layernorm_after\\.(\\w+)",
                            "blocks.$1.norm2.$2"),
                    part(
                            "encoder\\.layer\\.(\\d+)\\.intermediate\\.dense\\.(\\w+)",
                            "blocks.$1.mlp.fc1.$2"),
                    part(
                            "encoder\\.layer\\.(\\d+)\\.output\\.dense\\.(\\w+)",
                            "blocks.$1.mlp.fc2.$2"),
                    part("layernorm\\.(\\w+)", "norm.$1"),
                    left("pooler\\..*", "a layer behind the class token"),
                    left("embeddings\\.mask_token", "stands for patches that were removed"),
                    left("(classifier|decoder)\\..*", "a head behind the encoder"),
                    strange("encoder\\.layer\\.\\d+\\.layer_scale\\d\\..*", "layer scale"),
                    strange("embeddings\\.distillation_token", "a second token, for distillation"),
                    strange("embeddings\\.register_tokens", "register tokens"));

    private static final List<Rule> OF_CLIP =
            List.of(
                    part("class_embedding", "cls_token"),
                    part("positional_embedding", "pos_embed"),
                    part("conv1\\.weight", "patch_embed.proj.weight"),
                    part("ln_pre\\.(\\w+)", "norm_pre.$1"),
                    part("ln_post\\.(\\w+)", "norm.$1"),
                    part(
                            "transformer\\.resblocks\\.(\\d+)\\.ln_([12])\\.(\\w+)",
                            "blocks.$1.norm$2.$3"),
                    part(
                            "transformer\\.resblocks\\.(\\d+)\\.attn\\.in_proj_(\\w+)",
                            "blocks.$1.attn.qkv.$2"),
                    part(
                            "transformer\\.resblocks\\.(\\d+)\\.attn\\.out_proj\\.(\\w+)",
                            "blocks.$1.attn.proj.$2"),
                    part(
                            "transformer\\.resblocks\\.(\\d+)\\.mlp\\.c_fc\\.(\\w+)",
                            "blocks.$1.mlp.fc1.$2"),
                    part(
                            "transformer\\.resblocks\\.(\\d+)\\.mlp\\.c_proj\\.(\\w+)",
                            "blocks.$1.mlp.fc2.$2"),
                    left("proj", "the projection into the space that images and texts share"));

    /// What becomes of a tensor.
    sealed interface Fate {

        /// It is a parameter of ours, or a third of one.
        ///
        /// @param name ours
        /// @param third which of queries, keys and values it is, 0 to 2; 0 for the whole of others
        record Part(String name, int third) implements Fate {}

        /// It does not belong to the encoder.
        record Left(String why) implements Fate {}

        /// It belongs to an encoder that is not ours.
        record Strange(String what) implements Fate {}
    }

    /// What names of a pattern become.
    private record Rule(Pattern pattern, Fate fate) {}

    private static Rule part(String pattern, String ours) {
        return new Rule(Pattern.compile(pattern), new Fate.Part(ours, 0));
    }

    private static Rule third(String name, int third) {
        String pattern = "encoder\\.layer\\.(\\d+)\\.attention\\.attention\\." + name + "\\.(\\w+)";
        return new Rule(Pattern.compile(pattern), new Fate.Part("blocks.$1.attn.qkv.$2", third));
    }

    private static Rule left(String pattern, String why) {
        return new Rule(Pattern.compile(pattern), new Fate.Left(why));
    }

    private static Rule strange(String pattern, String what) {
        return new Rule(Pattern.compile(pattern), new Fate.Strange(what));
    }

    /// The tensor that an encoder in this naming is known by.
    String mark() {
        return switch (this) {
            case TIMM -> "cls_token";
            case HUGGING_FACE -> "embeddings.cls_token";
            case CLIP -> "class_embedding";
        };
    }

    /// Tensors that must stand beside the mark.
    List<String> beside() {
        return switch (this) {
            case TIMM -> List.of("pos_embed", "patch_embed.proj.weight");
            case HUGGING_FACE ->
                    List.of(
                            "embeddings.position_embeddings",
                            "embeddings.patch_embeddings.projection.weight");
            case CLIP -> List.of("positional_embedding", "conv1.weight");
        };
    }

    /// What such encoders compute unless their file says otherwise.
    VitStyle style() {
        return switch (this) {
            case TIMM -> VitStyle.TIMM;
            case HUGGING_FACE -> HUGGING_FACES;
            case CLIP -> VitStyle.CLIP;
        };
    }

    private List<Rule> rules() {
        return switch (this) {
            case TIMM -> OF_TIMM;
            case HUGGING_FACE -> OF_HUGGING_FACE;
            case CLIP -> OF_CLIP;
        };
    }

    /// What becomes of a tensor.
    ///
    /// @param name without what stands before the encoder's names
    Fate fate(String name) {
        for (Rule rule : rules()) {
            Matcher matcher = rule.pattern.matcher(name);
            if (matcher.matches()) {
                return rule.fate instanceof Fate.Part part
                        ? new Fate.Part(matcher.replaceFirst(part.name()), part.third())
                        : rule.fate;
            }
        }
        return new Fate.Strange("unknown");
    }
}
