package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.registered;

import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.norm_except_dim;

import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The head of DINO: an MLP, a direction, and how close that is to each prototype's direction.
///
/// Mathilde Caron et al., *Emerging Properties in Self-Supervised Vision Transformers*, ICCV 2021,
/// [arXiv:2104.14294](https://arxiv.org/abs/2104.14294), section 3.1 and the authors' code. Names
/// of parameters are theirs: the prototypes' directions are `last_layer.weight_v`; their lengths,
/// `last_layer.weight_g`, stay 1, as they do for the authors' ViT-B.
///
/// Shapes: R rows, D width of a token, H hidden, E bottleneck, K prototypes.
public final class DinoHead extends Module {

    private static final double LEAST_LENGTH = 1e-12; // PyTorch's when it normalises a vector

    private final Module mlp = new Module("mlp");
    private final Module last = new Module("last_layer");
    private final LinearImpl first;
    private final LinearImpl second;
    private final LinearImpl third;
    private final Tensor lengths;
    private final Tensor prototypes;

    /// A head for class tokens of a width.
    public DinoHead(DinoHeadShape shape, int width) {
        int h = shape.headWidth();
        int e = shape.bottleneck();
        int k = shape.prototypes();
        register_module("mlp", mlp);
        first = mlp.register_module("0", Init.normal(new LinearImpl(width, h)));
        second = mlp.register_module("2", Init.normal(new LinearImpl(h, h)));
        third = mlp.register_module("4", Init.normal(new LinearImpl(h, e)));
        register_module("last_layer", last);
        lengths = registered(last, "weight_g", torch.ones(k, 1), false);
        prototypes = registered(last, "weight_v", Init.linearWeight(e, k), true);
    }

    /// How close each row comes to each prototype, a cosine.
    ///
    /// @param tokens `[R, D]`
    /// @return `[R, K]`
    public Tensor forward(Tensor tokens) {
        return Part.HEADS.of(() -> cosines(tokens));
    }

    private Tensor cosines(Tensor tokens) {
        Tensor hidden = gelu(second.forward(gelu(first.forward(tokens)))); // [R, H]
        Tensor seen = third.forward(hidden).to(prototypes.scalar_type()); // [R, E]
        Tensor weight = lengths.mul(directions(prototypes)); // [K, E]
        return linear(directions(seen), weight); // [R, K]
    }

    /// What the prototypes are, for whoever holds them still.
    public Tensor prototypes() {
        return prototypes;
    }

    /// Every row at length 1.
    private static Tensor directions(Tensor rows) {
        return rows.div(norm_except_dim(rows, 2, 0).clamp_min(new Scalar(LEAST_LENGTH)));
    }
}
