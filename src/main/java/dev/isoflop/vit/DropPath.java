package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.plus;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

import java.util.Arrays;

/// Stochastic depth: a block's branch is left out, image by image, and made up for when it is kept.
///
/// Gao Huang et al., *Deep Networks with Stochastic Depth*, ECCV 2016,
/// [arXiv:1603.09382](https://arxiv.org/abs/1603.09382); the form is that of timm.
public interface DropPath {

    /// Nothing is left out.
    DropPath NONE = (_, _, branch) -> branch;

    /// One branch of one block, thinned.
    ///
    /// @param block its number, from 0
    /// @param half 0 for attention, 1 for the MLP
    /// @param branch `[B, ...]`
    Tensor thinned(int block, int half, Tensor branch);

    /// Random numbers that one image needs: two a block.
    static int draws(int depth) {
        return 2 * depth;
    }

    /// Rates that rise linearly from 0 at the first block to `last` at the last.
    ///
    /// @param uniform numbers in `[0, 1)`, `[B, draws(depth)]`
    static DropPath rising(double last, int depth, Tensor uniform) {
        double[] rates = rates(depth, last);
        return (block, half, branch) ->
                rates[block] == 0
                        ? branch
                        : drop(branch, 1 - rates[block], uniform.select(1, 2L * block + half));
    }

    /// The rate of each block: rising linearly from 0 at the first to `last` at the last.
    static double[] rates(int depth, double last) {
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
    static Tensor drop(Tensor branch, double keep, Tensor uniform) {
        long[] column = new long[(int) branch.dim()];
        Arrays.fill(column, 1);
        column[0] = branch.size(0);
        Tensor kept = plus(uniform, keep).floor_().reshape(column); // [B, 1, ...], 0 or 1
        return branch.div(new Scalar(keep)).mul(kept);
    }

    /// What happens to the two branches of one block.
    default InBlock inBlock(int block) {
        return new InBlock(this, block);
    }

    /// Stochastic depth in one block.
    record InBlock(DropPath drop, int block) {

        Tensor attention(Tensor branch) {
            return drop.thinned(block, 0, branch);
        }

        Tensor mlp(Tensor branch) {
            return drop.thinned(block, 1, branch);
        }
    }
}
