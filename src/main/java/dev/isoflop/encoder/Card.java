package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsLayout.Form;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What must be known of an encoder beside its numbers, to make the network that they belong to.
///
/// Stands in the metadata of a file of ours. Pure: holds no tensor.
///
/// @param shape its size, and that of the images it was trained on
/// @param positions fixed or learned
/// @param pool which token is the feature of an image
/// @param style what it computes differently from timm's
/// @param source where it comes from, for people
public record Card(
        VitShape shape, Positions positions, Vit.Pool pool, VitStyle style, String source) {

    private static final String WIDTH = "vit.width";
    private static final String DEPTH = "vit.depth";
    private static final String HEADS = "vit.heads";
    private static final String PATCH = "vit.patch";
    private static final String IMAGE = "vit.image";
    private static final String POSITIONS = "vit.positions";
    private static final String POOL = "vit.pool";
    private static final String EPSILON = "vit.norm-epsilon";
    private static final String ACTIVATION = "vit.activation";
    private static final String NORM_FIRST = "vit.norm-first";
    private static final String SOURCE = "source";

    /// That of a network at hand.
    public static Card of(Vit vit, String source) {
        return new Card(vit.shape(), vit.kind(), vit.pool(), vit.style(), source);
    }

    /// The network, with weights as they begin. Draws from libtorch's generator.
    public Vit network() {
        return new Vit(shape, positions, pool, style);
    }

    /// As text by key.
    public Map<String, String> metadata() {
        Map<String, String> text = new LinkedHashMap<>();
        text.put(WIDTH, Integer.toString(shape.width()));
        text.put(DEPTH, Integer.toString(shape.depth()));
        text.put(HEADS, Integer.toString(shape.heads()));
        text.put(PATCH, Integer.toString(shape.patch()));
        text.put(IMAGE, Integer.toString(shape.image()));
        text.put(POSITIONS, word(positions));
        text.put(POOL, word(pool));
        text.put(EPSILON, Double.toString(style.normEpsilon()));
        text.put(ACTIVATION, word(style.activation()));
        text.put(NORM_FIRST, Boolean.toString(style.normFirst()));
        text.put(SOURCE, source);
        return text;
    }

    /// The card in a file's metadata, if there is one.
    ///
    /// @throws InputException if there is one that cannot be understood
    public static Optional<Card> in(Path file, Map<String, String> metadata) {
        if (!metadata.containsKey(WIDTH)) {
            return Optional.empty();
        }
        try {
            VitShape shape =
                    new VitShape(
                            whole(metadata, WIDTH),
                            whole(metadata, DEPTH),
                            whole(metadata, HEADS),
                            whole(metadata, PATCH),
                            whole(metadata, IMAGE));
            VitStyle style =
                    new VitStyle(
                            Double.parseDouble(text(metadata, EPSILON)),
                            choice(VitStyle.Activation.class, metadata, ACTIVATION),
                            Boolean.parseBoolean(text(metadata, NORM_FIRST)));
            return Optional.of(
                    new Card(
                            shape,
                            choice(Positions.class, metadata, POSITIONS),
                            choice(Vit.Pool.class, metadata, POOL),
                            style,
                            text(metadata, SOURCE)));
        } catch (IllegalArgumentException e) {
            throw new InputException(file + ": its metadata do not fit: " + e.getMessage(), e);
        }
    }

    /// The parameters of the network by name, in its own order, with their shapes.
    ///
    /// @param dtype of all of them
    Map<String, Form> forms(Dtype dtype) {
        long d = shape.width();
        long p = shape.patch();
        Map<String, Form> forms = new LinkedHashMap<>();
        forms.put("cls_token", new Form(dtype, List.of(1L, 1L, d)));
        forms.put("pos_embed", new Form(dtype, List.of(1L, 1L + shape.patches(), d)));
        forms.put("patch_embed.proj.weight", new Form(dtype, List.of(d, 3L, p, p)));
        forms.put("patch_embed.proj.bias", new Form(dtype, List.of(d)));
        for (int i = 0; i < shape.depth(); i++) {
            String block = "blocks." + i + ".";
            norm(forms, block + "norm1", dtype);
            linear(forms, block + "attn.qkv", dtype, d, 3 * d);
            linear(forms, block + "attn.proj", dtype, d, d);
            norm(forms, block + "norm2", dtype);
            linear(forms, block + "mlp.fc1", dtype, d, VitShape.MLP_RATIO * d);
            linear(forms, block + "mlp.fc2", dtype, VitShape.MLP_RATIO * d, d);
        }
        if (style.normFirst()) {
            norm(forms, "norm_pre", dtype);
        }
        norm(forms, pool == Vit.Pool.CLASS_TOKEN ? "norm" : "fc_norm", dtype);
        return forms;
    }

    private void norm(Map<String, Form> forms, String name, Dtype dtype) {
        forms.put(name + ".weight", new Form(dtype, List.of((long) shape.width())));
        forms.put(name + ".bias", new Form(dtype, List.of((long) shape.width())));
    }

    private static void linear(
            Map<String, Form> forms, String name, Dtype dtype, long in, long out) {
        forms.put(name + ".weight", new Form(dtype, List.of(out, in)));
        forms.put(name + ".bias", new Form(dtype, List.of(out)));
    }

    /// A constant as files and options write it: `sine-cosine`.
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String text(Map<String, String> metadata, String key) {
        String text = metadata.get(key);
        if (text == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return text;
    }

    private static int whole(Map<String, String> metadata, String key) {
        try {
            return Integer.parseInt(text(metadata, key));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " is " + metadata.get(key), e);
        }
    }

    private static <E extends Enum<E>> E choice(
            Class<E> type, Map<String, String> metadata, String key) {
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text(metadata, key))) {
                return constant;
            }
        }
        throw new IllegalArgumentException(key + " is " + metadata.get(key));
    }
}
