package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.softmax;

import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

import java.util.function.UnaryOperator;

/// One pre-norm transformer block: attention, then an MLP, each added to what it read.
///
/// Vision transformer of Dosovitskiy et al. 2021 as timm 0.3.2 writes it: exact GELU, biases
/// everywhere, layer norm with epsilon 1e-6; or with what a {@link VitStyle} has otherwise. Names
/// of parameters are the authors'.
///
/// Each module of ours is a field of its parent: libtorch calls back into the Java object, which
/// must not be collected while the network lives.
///
/// Shapes: B images, N tokens, D width, H heads, C = D / H.
public final class Block extends Module {

    /// Of every layer norm of a vision transformer.
    static final double NORM_EPSILON = VitStyle.TIMM.normEpsilon();

    private static final double QUICK = 1.702; // OpenAI's CLIP, model.py

    private final int width;
    private final int heads;
    private final VitStyle.Activation activation;
    private final Module attention = new Module("attn");
    private final Module mlp = new Module("mlp");
    private final LayerNormImpl norm1;
    private final LinearImpl qkv;
    private final LinearImpl projection;
    private final LayerNormImpl norm2;
    private final LinearImpl fc1;
    private final LinearImpl fc2;

    /// @param init how its linear layers begin
    public Block(int width, int heads, UnaryOperator<LinearImpl> init) {
        this(width, heads, init, VitStyle.TIMM);
    }

    Block(int width, int heads, UnaryOperator<LinearImpl> init, VitStyle style) {
        this.width = width;
        this.heads = heads;
        activation = style.activation();
        norm1 = register_module("norm1", Init.norm(width, style.normEpsilon()));
        register_module("attn", attention);
        qkv = attention.register_module("qkv", init.apply(new LinearImpl(width, 3L * width)));
        projection = attention.register_module("proj", init.apply(new LinearImpl(width, width)));
        norm2 = register_module("norm2", Init.norm(width, style.normEpsilon()));
        register_module("mlp", mlp);
        long hidden = (long) VitShape.MLP_RATIO * width;
        fc1 = mlp.register_module("fc1", init.apply(new LinearImpl(width, hidden)));
        fc2 = mlp.register_module("fc2", init.apply(new LinearImpl(hidden, width)));
    }

    /// The block without stochastic depth.
    public Tensor forward(Tensor x) {
        return forward(x, DropPath.NONE.inBlock(0));
    }

    /// The block, with its two branches thinned.
    ///
    /// @param x `[B, N, D]`
    /// @param drop what happens to each of the two branches before it is added
    /// @return `[B, N, D]`
    public Tensor forward(Tensor x, DropPath.InBlock drop) {
        Tensor seen = x.add(drop.attention(attention(norm1.forward(x)))); // [B, N, D]
        Tensor hidden = activated(fc1.forward(norm2.forward(seen))); // [B, N, 4 D]
        Tensor thought = fc2.forward(hidden); // [B, N, D]
        return seen.add(drop.mlp(thought)); // [B, N, D]
    }

    private Tensor activated(Tensor x) {
        return switch (activation) {
            case GELU -> gelu(x);
            case QUICK_GELU -> x.mul(times(x, QUICK).sigmoid());
        };
    }

    private Tensor attention(Tensor x) {
        long b = x.size(0);
        long n = x.size(1);
        long perHead = width / heads;
        Tensor three = qkv.forward(x).view(b, n, 3, heads, perHead); // [B, N, 3, H, C]
        TensorVector parts = three.permute(2, 0, 3, 1, 4).unbind(0); // one copy backward, not three
        Tensor q = parts.get(0); // [B, H, N, C]
        Tensor k = parts.get(1); // [B, H, N, C]
        Tensor v = parts.get(2); // [B, H, N, C]
        Tensor mixed = mixed(q, k, v); // [B, H, N, C]
        return projection.forward(mixed.transpose(1, 2).reshape(b, n, width)); // [B, N, D]
    }

    /// `softmax(q k' / sqrt(C)) v`: fused on a GPU; spelt out on a CPU, where the fused operator
    /// has no fast bfloat16 and its single-precision products fight OpenBLAS's threads
    /// (`bench/README.md` has the figures).
    private Tensor mixed(Tensor q, Tensor k, Tensor v) {
        if (q.is_cuda()) {
            return scaled_dot_product_attention(q, k, v);
        }
        double scale = 1 / Math.sqrt((double) width / heads);
        Tensor scores = times(q, scale).matmul(k.transpose(-2, -1)); // [B, H, N, N]
        return softmax(scores, -1).matmul(v); // [B, H, N, C]
    }
}
