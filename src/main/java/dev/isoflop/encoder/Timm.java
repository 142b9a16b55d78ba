package dev.isoflop.encoder;

import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import java.nio.file.Path;
import java.util.Locale;

/// How an encoder is loaded in Python: timm's class with what must be set so that it computes the
/// same.
///
/// timm's own defaults are the exact GELU and 1e-6 in norms, as here.
/// `timm/models/vision_transformer.py` of
/// [pytorch-image-models](https://github.com/huggingface/pytorch-image-models).
public final class Timm {

    private Timm() {}

    /// The network in Python.
    public static String call(Card card) {
        VitShape shape = card.shape();
        VitStyle style = card.style();
        StringBuilder call = new StringBuilder();
        call.append(
                String.format(
                        Locale.ROOT,
                        "timm.models.vision_transformer.VisionTransformer(img_size=%d,"
                                + " patch_size=%d, embed_dim=%d, depth=%d, num_heads=%d,"
                                + " num_classes=0, global_pool='%s'",
                        shape.image(),
                        shape.patch(),
                        shape.width(),
                        shape.depth(),
                        shape.heads(),
                        card.pool() == Vit.Pool.CLASS_TOKEN ? "token" : "avg"));
        if (style.normEpsilon() != VitStyle.TIMM.normEpsilon()) {
            call.append(", norm_layer=functools.partial(torch.nn.LayerNorm, eps=")
                    .append(style.normEpsilon())
                    .append(')');
        }
        switch (style.activation()) {
            case GELU -> {}
            case QUICK_GELU -> call.append(", act_layer='quick_gelu'");
        }
        if (style.normFirst()) {
            call.append(", pre_norm=True");
        }
        return call.append(')').toString();
    }

    /// The lines of Python that load a file.
    public static String lines(Card card, Path file) {
        return """
        import functools, safetensors.torch, timm, torch
        model = %s
        model.load_state_dict(safetensors.torch.load_file('%s'))\
        """
                .formatted(call(card), file);
    }
}
