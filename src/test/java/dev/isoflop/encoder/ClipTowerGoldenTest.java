package dev.isoflop.encoder;

import static dev.isoflop.golden.Golden.assertClose;
import static dev.isoflop.golden.Golden.assertMatches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.SafetensorsHeader;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitStyle;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Case `clip_official_model`: OpenAI's image tower, converted, computes what OpenAI's code does.
///
/// The case holds products of image and text features only; so the text tower is spelt out here.
class ClipTowerGoldenTest {

    private static final JsonNode GOLDEN = Golden.of("clip_official_model");
    private static final JsonNode CONFIG = GOLDEN.get("config");
    private static final double EPSILON = CONFIG.get("ln_eps").asDouble();

    @TempDir private Path folder = Path.of("");

    private final Map<String, Tensor> state = state();

    private static Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (JsonNode row : GOLDEN.get("params")) {
            Tensor zeros = torch.zeros(Golden.longs(row.get(2)), Ops.like(Golden.signed(1, 1, 1)));
            state.put(row.get(1).asString(), zeros);
        }
        Golden.fill(GOLDEN.get("params"), Golden.seed(GOLDEN), state, name -> name, Map.of());
        state.put("logit_scale", Ops.tensor(new double[] {Math.log(1 / 0.07)}));
        return state;
    }

    private Tensor of(String name) {
        return Objects.requireNonNull(state.get(name), name);
    }

    private Path saved() throws IOException {
        TorchZip zip = new TorchZip();
        return zip.write(folder.resolve("clip.pt"), zip.state(state));
    }

    private Vit converted(Path file, Conversion.As as) {
        Path to = folder.resolve(as + ".safetensors");
        try (Conversion conversion = Conversion.of(file, Choices.NONE)) {
            conversion.write(to, as);
        }
        return Encoders.read(to, ScalarType.Double);
    }

    @Test
    void theImageTowerComputesWhatOpenAisDoes() throws IOException {
        assertHolds(converted(saved(), Conversion.As.ISOFLOP));
    }

    @Test
    void andDoesSoAfterAJourneyThroughTimmsNaming() throws IOException {
        converted(saved(), Conversion.As.TIMM);
        Path timm = folder.resolve("TIMM.safetensors");
        assertThat(SafetensorsHeader.read(timm).tensors())
                .containsKey("norm_pre.weight")
                .doesNotContainKey("patch_embed.proj.bias");
        assertHolds(converted(timm, Conversion.As.ISOFLOP));
    }

    @Test
    void aTorchScriptArchiveIsReadAsItsAttributes() throws IOException {
        TorchZip zip = new TorchZip().entry("constants.pkl", "none").entry("code/x.py", "exit()");
        Map<String, Object> root = new LinkedHashMap<>();
        Map<String, Object> tree = new LinkedHashMap<>();
        zip.state(state).forEach((name, value) -> put(tree, name.split("\\."), 0, value));
        tree.forEach((name, value) -> root.put(name, module(value)));
        Object whole = new PickleBytes.Built("__torch__.clip.model", "CLIP", root);
        Path file = zip.write(folder.resolve("script.pt"), whole);
        try (Conversion conversion = Conversion.of(file, Choices.NONE)) {
            assertThat(conversion.kind()).isEqualTo("TorchScript archive");
        }
        assertHolds(converted(file, Conversion.As.ISOFLOP));
    }

    @SuppressWarnings("unchecked") // the tree is made here
    private static void put(Map<String, Object> tree, String[] path, int at, Object value) {
        if (at == path.length - 1) {
            tree.put(path[at], value);
        } else {
            Object below = tree.computeIfAbsent(path[at], _ -> new LinkedHashMap<>());
            put((Map<String, Object>) below, path, at + 1, value);
        }
    }

    private static Object module(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        Map<String, Object> attributes = new LinkedHashMap<>();
        map.forEach((name, below) -> attributes.put((String) name, module(below)));
        return new PickleBytes.Built("__torch__.clip.model.___torch_mangle_7", "Part", attributes);
    }

    private void assertHolds(Vit vit) {
        assertThat(vit.style()).isEqualTo(VitStyle.CLIP);
        assertThat(vit.shape().heads()).isEqualTo(CONFIG.get("vision_heads").asInt());
        long b = GOLDEN.get("tokens").size();
        long side = CONFIG.get("img").asLong();
        Tensor images =
                Golden.signed(
                        Golden.seed(GOLDEN), CONFIG.get("image_t").asLong(), b, 3, side, side);
        Tensor seen = vit.forward(images).matmul(of("visual.proj")); // [B, E]
        Tensor read = texts().matmul(of("text_projection")); // [B, E]
        Tensor logits = unit(seen).matmul(unit(read).t()).mul(of("logit_scale").exp()); // [B, B]
        assertMatches("logits", logits, GOLDEN.get("logits_per_image"));
        Tensor targets = torch.arange(new Scalar(b)).to(ScalarType.Long);
        Tensor loss =
                Ops.times(
                        torch.cross_entropy_loss(logits, targets)
                                .add(torch.cross_entropy_loss(logits.t(), targets)),
                        0.5);
        assertClose("loss", loss.item_double(), GOLDEN.get("loss"));
        loss.backward();
        Tensor patches =
                Objects.requireNonNull(Parameters.named(vit).get("patch_embed.proj.weight"));
        JsonNode gradients = GOLDEN.get("grads");
        assertMatches("gradient", patches.grad(), gradients.get("visual.conv1.weight"));
        Tensor bias = Objects.requireNonNull(Parameters.named(vit).get("patch_embed.proj.bias"));
        assertThat(bias.requires_grad()).isFalse();
    }

    /// The text tower of OpenAI's code at the last token of each text, `[B, W]`.
    private Tensor texts() {
        JsonNode tokens = GOLDEN.get("tokens");
        int heads = CONFIG.get("text_heads").asInt();
        long length = CONFIG.get("context").asLong();
        Tensor ones = torch.ones(length, length).to(ScalarType.Double);
        Tensor mask = ones.triu(1).mul(new Scalar(-1e300)); // what comes later is not seen
        TensorVector all = new TensorVector();
        for (JsonNode text : tokens) {
            double[] ids = Golden.array(text);
            int end = 0;
            for (int i = 0; i < ids.length; i++) {
                end = ids[i] > ids[end] ? i : end;
            }
            Tensor index = Ops.tensor(ids, ids.length).to(ScalarType.Long);
            Tensor x = of("token_embedding.weight").index_select(0, index); // [T, W]
            x = x.add(of("positional_embedding"));
            for (int i = 0; i < CONFIG.get("text_layers").asInt(); i++) {
                x = block("transformer.resblocks." + i + ".", x, heads, mask);
            }
            all.push_back(normed("ln_final", x).select(0, end)); // [W]
        }
        return torch.stack(all);
    }

    private Tensor block(String at, Tensor x, int heads, Tensor mask) {
        Tensor y = normed(at + "ln_1", x);
        Tensor three = linear(at + "attn.in_proj_", y); // [T, 3 W]
        long w = x.size(1) / heads;
        TensorVector mixed = new TensorVector();
        for (int h = 0; h < heads; h++) {
            Tensor q = three.narrow(1, h * w, w);
            Tensor k = three.narrow(1, x.size(1) + h * w, w);
            Tensor v = three.narrow(1, 2 * x.size(1) + h * w, w);
            Tensor scores = Ops.times(q.matmul(k.t()), 1 / Math.sqrt((double) w)).add(mask);
            mixed.push_back(torch.softmax(scores, -1).matmul(v));
        }
        Tensor seen = x.add(linear(at + "attn.out_proj.", torch.cat(mixed, 1)));
        Tensor hidden = linear(at + "mlp.c_fc.", normed(at + "ln_2", seen));
        Tensor quick = hidden.mul(Ops.times(hidden, 1.702).sigmoid());
        return seen.add(linear(at + "mlp.c_proj.", quick));
    }

    private Tensor linear(String at, Tensor x) {
        return x.matmul(of(at + "weight").t()).add(of(at + "bias"));
    }

    private Tensor normed(String at, Tensor x) {
        Tensor centred = x.sub(Ops.keptMean(x, -1));
        Tensor variance = Ops.keptMean(centred.mul(centred), -1);
        return centred.div(Ops.plus(variance, EPSILON).sqrt())
                .mul(of(at + ".weight"))
                .add(of(at + ".bias"));
    }

    private static Tensor unit(Tensor x) {
        return x.div(Ops.keptMean(x.mul(x), -1).mul(new Scalar(x.size(-1))).sqrt());
    }
}
