package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.concatenated;
import static dev.isoflop.torch.Ops.mean;
import static dev.isoflop.torch.Ops.registered;

import static org.bytedeco.pytorch.global.torch.linear;

import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

import java.util.ArrayList;
import java.util.List;

/// The MAE-style vision transformer: fixed sine-cosine positions and a class token.
///
/// Dosovitskiy et al. 2021, in the form of Kaiming He et al., *Masked Autoencoders Are Scalable
/// Vision Learners*, CVPR 2022, [arXiv:2111.06377](https://arxiv.org/abs/2111.06377). Names of
/// parameters are those of the authors' code, so that encoders travel.
///
/// Shapes: B images of side S, N patches of side P, D width.
public final class Vit extends Module {

    /// Which token speaks for the whole image.
    public enum Pool {
        /// The class token after the last norm.
        CLASS_TOKEN,
        /// The mean of the patch tokens, normed after averaging (`fc_norm`).
        MEAN_OF_PATCHES
    }

    private final VitShape shape;
    private final Pool pool;
    private final Tensor patchWeight;
    private final Tensor patchBias;
    private final Tensor classToken;
    private final Tensor positions;
    private final Module embedding = new Module("patch_embed");
    private final Module projection = new Module("proj");
    private final Module list = new Module("blocks");
    private final List<Block> blocks = new ArrayList<>();
    private final LayerNormImpl norm;

    public Vit(VitShape shape) {
        this(shape, Pool.CLASS_TOKEN);
    }

    public Vit(VitShape shape, Pool pool) {
        this.shape = shape;
        this.pool = pool;
        int d = shape.width();
        classToken = registered(this, "cls_token", Init.token(d), true);
        positions = registered(this, "pos_embed", positions(d, shape.grid()), false);
        patchWeight = registered(projection, "weight", Init.patchWeight(d, shape.patch()), true);
        patchBias = registered(projection, "bias", Init.patchBias(d, shape.patch()), true);
        register_module("patch_embed", embedding).register_module("proj", projection);
        register_module("blocks", list);
        for (int i = 0; i < shape.depth(); i++) {
            Block block = new Block(d, shape.heads());
            blocks.add(list.register_module(Integer.toString(i), block));
        }
        String name = pool == Pool.CLASS_TOKEN ? "norm" : "fc_norm";
        norm = register_module(name, Init.norm(d, Block.NORM_EPSILON));
    }

    /// The fixed table `[1, 1 + grid * grid, width]`, in single precision as the authors store it.
    public static Tensor positions(int width, int grid) {
        double[] table = SinCos.table(width, grid);
        float[] rounded = new float[table.length];
        for (int i = 0; i < table.length; i++) {
            rounded[i] = (float) table[i];
        }
        return Ops.tensor(rounded, 1, 1 + (long) grid * grid, width);
    }

    public VitShape shape() {
        return shape;
    }

    /// Patches of an image, each as a row of numbers in the order (channel, row, column).
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, N, 3 P P]`
    private Tensor patches(Tensor images) {
        long g = shape.grid();
        long p = shape.patch();
        Tensor split = images.view(images.size(0), 3, g, p, g, p); // [B, 3, G, P, G, P]
        return split.permute(0, 2, 4, 1, 3, 5).reshape(images.size(0), g * g, 3 * p * p);
    }

    /// Patch embeddings with their positions, without the class token.
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, N, D]`
    public Tensor embed(Tensor images) {
        Tensor weight = patchWeight.view(shape.width(), -1); // [D, 3 P P]
        Tensor embedded = linear(patches(images), weight, new TensorOptional(patchBias)); // [B,N,D]
        return embedded.add(positions.narrow(1, 1, shape.patches())); // [B, N, D]
    }

    /// The blocks over the class token and whichever patches are given, before the last norm.
    ///
    /// @param patches `[B, K, D]`, positions added
    /// @return `[B, 1 + K, D]`
    public Tensor blocks(Tensor patches) {
        Tensor start = classToken.add(positions.narrow(1, 0, 1)); // [1, 1, D]
        Tensor x =
                concatenated(
                        1,
                        start.to(patches.scalar_type()).expand(patches.size(0), 1, shape.width()),
                        patches); // [B, 1 + K, D]
        for (Block block : blocks) {
            x = block.forward(x); // [B, 1 + K, D]
        }
        return x;
    }

    /// Tokens after the last norm, the class token first.
    ///
    /// @param patches `[B, K, D]`, positions added
    /// @return `[B, 1 + K, D]`
    public Tensor tokens(Tensor patches) {
        return norm.forward(blocks(patches)); // [B, 1 + K, D]
    }

    /// One vector an image.
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, D]`
    public Tensor forward(Tensor images) {
        Tensor embedded = embed(images); // [B, N, D]
        return switch (pool) {
            case CLASS_TOKEN -> tokens(embedded).select(1, 0);
            case MEAN_OF_PATCHES -> {
                Tensor patches = blocks(embedded).narrow(1, 1, shape.patches()); // [B, N, D]
                yield norm.forward(mean(patches, 1)); // [B, D]
            }
        };
    }
}
