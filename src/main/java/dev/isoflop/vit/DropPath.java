package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.plus;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// Stochastic depth: a block's branch is left out, image by image, and made up for when it is kept.
///
/// Gao Huang et al., *Deep Networks with Stochastic Depth*, ECCV 2016,
/// [arXiv:1603.09382](https://arxiv.org/abs/1603.09382); the form is that of timm.
public final class DropPath {

    private DropPath() {}

    /// The rate of each block: rising linearly from 0 at the first to `last` at the last.
    public static double[] rates(int depth, double last) {
        double[] rates = new double[depth];
        for (int i = 1; i < depth; i++) {
            rates[i] = last * i / (depth - 1);
        }
        return rates;
    }

    /// `branch / keep * floor(keep + u)`.
    ///
    /// @param branch `[B, ...]`
    /// @param keep probability of keeping, above 0
    /// @param uniform one number a row in `[0, 1)`, `[B]`
    public static Tensor drop(Tensor branch, double keep, Tensor uniform) {
        long[] column = new long[(int) branch.dim()];
        java.util.Arrays.fill(column, 1);
        column[0] = branch.size(0);
        Tensor kept = plus(uniform, keep).floor_().reshape(column); // [B, 1, ...], 0 or 1
        return branch.div(new Scalar(keep)).mul(kept);
    }
}
