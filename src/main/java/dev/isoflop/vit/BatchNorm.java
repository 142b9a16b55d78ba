package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.registered;

import dev.isoflop.fault.Check;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Each column with mean 0 and deviation 1 over the rows of a batch, then scaled and shifted.
///
/// Sergey Ioffe and Christian Szegedy, *Batch Normalization*, ICML 2015,
/// [arXiv:1502.03167](https://arxiv.org/abs/1502.03167), with the settings of SimCLR's and BYOL's
/// authors, which are PyTorch's too. Running statistics are kept, as the authors keep them, and
/// move at each call of {@link #forward}, with gradients or without; heads that are thrown away
/// with the training never use them.
///
/// Shapes: B rows of width D.
public final class BatchNorm extends Module {

    private static final double EPSILON = 1e-5;
    private static final double NEWEST = 0.1; // share of the newest batch; the authors' decay 0.9

    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final Tensor mean;
    private final Tensor variance;

    /// @param shifted whether there is a bias
    public BatchNorm(int width, boolean shifted) {
        weight = registered(this, "weight", torch.ones(width), true);
        bias = shifted ? registered(this, "bias", torch.zeros(width), true) : null;
        mean = torch.zeros(width);
        variance = torch.ones(width);
        register_buffer("running_mean", mean);
        register_buffer("running_var", variance);
    }

    /// The batch, normed by itself; running statistics move.
    ///
    /// @param x `[B, D]`, or a map `[B, D, H, W]`, each of whose places is a row
    /// @return like `x`
    /// @throws IllegalArgumentException for a single row, which has no deviation
    public Tensor forward(Tensor x) {
        long rows = x.numel() / x.size(1);
        Check.that(rows >= 2, "batch is %s; batch norm needs 2 or more", rows);
        return normed(x, true);
    }

    /// The batch, normed by the running statistics: for a network that is judged.
    ///
    /// @param x `[B, D]` or `[B, D, H, W]`
    /// @return like `x`
    public Tensor settled(Tensor x) {
        return normed(x, false);
    }

    private Tensor normed(Tensor x, boolean byTheBatch) {
        return torch.batch_norm(
                x,
                new TensorOptional(weight),
                bias == null ? new TensorOptional() : new TensorOptional(bias),
                new TensorOptional(mean),
                new TensorOptional(variance),
                byTheBatch,
                NEWEST,
                EPSILON,
                false); // no cuDNN: it insists on a bias
    }
}
