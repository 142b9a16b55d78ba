package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.softmax;

import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

/// One block of BERT: attention, then an MLP, each added to what it read and normed after that.
///
/// Names of parameters are those of pytorch-pretrained-bert, whose weights Google's are.
///
/// Shapes: B texts, T tokens, W width, H heads, C = W / H.
final class TextBlock extends Module {

    private final int width;
    private final int heads;
    private final Module attention = new Module("attention");
    private final Module self = new Module("self");
    private final Module afterSelf = new Module("output");
    private final Module intermediate = new Module("intermediate");
    private final Module output = new Module("output");
    private final LinearImpl query;
    private final LinearImpl key;
    private final LinearImpl value;
    private final LinearImpl projection;
    private final LayerNormImpl norm1;
    private final LinearImpl fc1;
    private final LinearImpl fc2;
    private final LayerNormImpl norm2;

    TextBlock(TextShape shape) {
        width = shape.width();
        heads = shape.heads();
        register_module("attention", attention);
        attention.register_module("self", self);
        query = self.register_module("query", linear(width, width));
        key = self.register_module("key", linear(width, width));
        value = self.register_module("value", linear(width, width));
        attention.register_module("output", afterSelf);
        projection = afterSelf.register_module("dense", linear(width, width));
        norm1 = afterSelf.register_module("LayerNorm", Init.norm(width, TextTower.NORM_EPSILON));
        register_module("intermediate", intermediate);
        fc1 = intermediate.register_module("dense", linear(width, shape.hidden()));
        register_module("output", output);
        fc2 = output.register_module("dense", linear(shape.hidden(), width));
        norm2 = output.register_module("LayerNorm", Init.norm(width, TextTower.NORM_EPSILON));
    }

    private static LinearImpl linear(long in, long out) {
        return Init.normal(new LinearImpl(in, out));
    }

    /// The block.
    ///
    /// @param x `[B, T, W]`
    /// @param mask what is added to the scores of each token, `[B, 1, 1, T]`
    /// @return `[B, T, W]`
    Tensor forward(Tensor x, Tensor mask) {
        Tensor seen = norm1.forward(x.add(attention(x, mask))); // [B, T, W]
        Tensor thought = fc2.forward(gelu(fc1.forward(seen))); // [B, T, W]
        return norm2.forward(seen.add(thought)); // [B, T, W]
    }

    /// Spelt out on every device: a text is short.
    private Tensor attention(Tensor x, Tensor mask) {
        double scale = 1 / Math.sqrt((double) width / heads);
        Tensor q = times(inHeads(query.forward(x)), scale); // [B, H, T, C]
        Tensor k = inHeads(key.forward(x)); // [B, H, T, C]
        Tensor v = inHeads(value.forward(x)); // [B, H, T, C]
        Tensor scores = q.matmul(k.transpose(-2, -1)).add(mask); // [B, H, T, T]
        Tensor mixed = softmax(scores, -1).matmul(v); // [B, H, T, C]
        return projection.forward(mixed.transpose(1, 2).reshape(x.size(0), x.size(1), width));
    }

    private Tensor inHeads(Tensor x) {
        return x.view(x.size(0), x.size(1), heads, width / heads).transpose(1, 2);
    }
}
