package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.concatenated;
import static dev.isoflop.torch.Ops.mean;
import static dev.isoflop.torch.Ops.registered;

import static org.bytedeco.pytorch.global.torch.linear;

import dev.isoflop.fault.Check;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The vision transformer, with a class token and either kind of positions.
///
/// Dosovitskiy et al. 2021, in the form of Kaiming He et al., *Masked Autoencoders Are Scalable
/// Vision Learners*, CVPR 2022, [arXiv:2111.06377](https://arxiv.org/abs/2111.06377), with fixed
/// positions; and of Mathilde Caron et al., *Emerging Properties in Self-Supervised Vision
/// Transformers*, ICCV 2021, [arXiv:2104.14294](https://arxiv.org/abs/2104.14294), with learned
/// ones; and with a {@link VitStyle} that of CLIP's image tower. Names of parameters are those of
/// the authors' code, so that encoders travel.
///
/// Shapes: B images of H x W, or of side S; N patches of side P, G a side of a square; D width.
public final class Vit extends Module {

    /// Which token is the feature of the whole image.
    public enum Pool {
        /// The class token after the last norm.
        CLASS_TOKEN,
        /// The mean of the patch tokens, normed after averaging (`fc_norm`).
        MEAN_OF_PATCHES
    }

    private static final String CLASS_TOKEN_NAME = "cls_token";
    private static final String POSITIONS = "pos_embed";

    /// The names of what is one vector a place rather than a weight: the class token and the
    /// positions. Fine-tuning spares them weight decay; pre-training does not.
    public static final Set<String> TOKENS = Set.of(CLASS_TOKEN_NAME, POSITIONS);

    private final VitShape shape;
    private final Positions kind;
    private final Pool pool;
    private final VitStyle style;
    private final Resizing resizing;
    private final Tensor patchWeight;
    private final Tensor patchBias;
    private final Tensor classToken;
    private final Tensor positions;
    private final Module embedding = new Module("patch_embed");
    private final Module projection = new Module("proj");
    private final Module list = new Module("blocks");
    private final List<Block> blocks = new ArrayList<>();
    private final @Nullable LayerNormImpl normFirst; // before the blocks, in CLIP's style only
    private final LayerNormImpl norm;

    /// The MAE-style transformer: fixed positions, the class token speaks.
    public Vit(VitShape shape) {
        this(shape, Positions.SINE_COSINE, Pool.CLASS_TOKEN);
    }

    public Vit(VitShape shape, Positions kind, Pool pool) {
        this(shape, kind, pool, VitStyle.TIMM);
    }

    /// A transformer in the style of whoever trained it. Learned positions are resized by the rule
    /// of DINO, the only method whose views differ in size.
    public Vit(VitShape shape, Positions kind, Pool pool, VitStyle style) {
        this(
                shape,
                kind,
                pool,
                style,
                kind == Positions.LEARNED ? Resizing.DINO_SCALE : Resizing.BY_SIZE);
    }

    /// The same with a rule of its own for images of another grid than the shape's.
    public Vit(VitShape shape, Positions kind, Pool pool, VitStyle style, Resizing resizing) {
        this.shape = shape;
        this.kind = kind;
        this.pool = pool;
        this.style = style;
        this.resizing = resizing;
        int d = shape.width();
        boolean learned = kind == Positions.LEARNED;
        classToken = registered(this, CLASS_TOKEN_NAME, Init.token(d), true);
        Tensor table =
                learned ? Init.positions(d, shape.grid()) : PositionTable.fixed(d, shape.grid());
        positions = registered(this, POSITIONS, table, learned);
        Tensor weight =
                learned
                        ? Init.convolutionWeight(d, shape.patch())
                        : Init.patchWeight(d, shape.patch());
        patchWeight = registered(projection, "weight", weight, true);
        patchBias = registered(projection, "bias", patchBias(), !style.normFirst());
        register_module("patch_embed", embedding).register_module("proj", projection);
        register_module("blocks", list);
        for (int i = 0; i < shape.depth(); i++) {
            Block block = new Block(d, shape.heads(), learned ? Init::normal : Init::xavier, style);
            blocks.add(list.register_module(Integer.toString(i), block));
        }
        LayerNormImpl first = style.normFirst() ? Init.norm(d, style.normEpsilon()) : null;
        normFirst = first == null ? null : register_module("norm_pre", first);
        String name = pool == Pool.CLASS_TOKEN ? "norm" : "fc_norm";
        norm = register_module(name, Init.norm(d, style.normEpsilon()));
    }

    /// CLIP's patches have no bias: one of zeros that is never trained is the same network.
    private Tensor patchBias() {
        return style.normFirst()
                ? torch.zeros(shape.width())
                : Init.patchBias(shape.width(), shape.patch());
    }

    /// The same encoder for images of another size: a copy, whose positions are resized once, by a
    /// rule that the copy keeps. What was learned goes on learning.
    ///
    /// @param image side in pixels, a multiple of the patch
    public Vit at(int image, Resizing resizing) {
        return at(image, resizing, kind);
    }

    /// The same, with another kind of positions from then on: fixed ones that are said to be
    /// learned begin as the fixed table and are trained.
    public Vit at(int image, Resizing resizing, Positions kind) {
        Vit copy = new Vit(shape.at(image), kind, pool, style, resizing);
        int grid = copy.shape.grid();
        Map<String, Tensor> own = Parameters.named(this);
        try (NoGradGuard _ = new NoGradGuard()) {
            Tensor token = positions.narrow(1, 0, 1); // [1, 1, D]
            Tensor table =
                    concatenated(1, token, patchPositions(grid, grid, resizing)); // [1,1+N,D]
            Parameters.named(copy)
                    .forEach((name, tensor) ->
                            tensor.copy_(
                                    name.equals(POSITIONS)
                                            ? table
                                            : Objects.requireNonNull(own.get(name))));
        }
        return copy;
    }

    public VitShape shape() {
        return shape;
    }

    /// Fixed positions or learned ones.
    public Positions kind() {
        return kind;
    }

    /// Which token is the feature of the whole image.
    public Pool pool() {
        return pool;
    }

    /// What it computes differently from timm's, if anything.
    public VitStyle style() {
        return style;
    }

    /// How its positions are resized.
    public Resizing resizing() {
        return resizing;
    }

    /// Patches of an image, each as a row of numbers in the order (channel, row, column).
    ///
    /// @param images `[B, 3, H, W]`
    /// @return `[B, N, 3 P P]`, row by row of the image
    private Tensor patches(Tensor images) {
        long p = shape.patch();
        long g = images.size(2) / p;
        long w = images.size(3) / p;
        Check.that(
                g >= 1 && w >= 1 && g * p == images.size(2) && w * p == images.size(3),
                "images are of %s x %s pixels; both sides must be multiples of the patch, %s",
                images.size(2),
                images.size(3),
                p);
        Tensor split = images.view(images.size(0), 3, g, p, w, p); // [B, 3, G, P, W, P]
        return split.permute(0, 2, 4, 1, 3, 5).reshape(images.size(0), g * w, 3 * p * p);
    }

    /// Patch embeddings with their positions, without the class token.
    ///
    /// Of images that have another grid than the shape's, positions are resized for this call.
    ///
    /// @param images `[B, 3, H, W]`, both sides multiples of the patch
    /// @return `[B, N, D]`, row by row of the image
    public Tensor embed(Tensor images) {
        return Part.ENCODER.of(() -> embedded(images));
    }

    /// The same of some patches only; all are embedded first.
    ///
    /// @param images `[B, 3, H, W]`
    /// @param keep which patches of each image, `[B, K]`
    /// @return `[B, K, D]`
    public Tensor embed(Tensor images, Tensor keep) {
        return Part.ENCODER.of(() -> Patches.selected(embedded(images), keep));
    }

    private Tensor embedded(Tensor images) {
        Tensor weight = patchWeight.view(shape.width(), -1); // [D, 3 P P]
        Tensor embedded = linear(patches(images), weight, new TensorOptional(patchBias)); // [B,N,D]
        int p = shape.patch();
        int rows = Math.toIntExact(images.size(2) / p);
        int columns = Math.toIntExact(images.size(3) / p);
        return embedded.add(patchPositions(rows, columns, resizing)); // [B, N, D]
    }

    /// The positions of the patches of an image: the table, or the table resized.
    ///
    /// @return `[1, rows * columns, D]`
    Tensor patchPositions(int rows, int columns, Resizing resizing) {
        Tensor own = positions.narrow(1, 1, shape.patches()); // [1, N, D]
        int g = shape.grid();
        return rows == g && columns == g
                ? own
                : PositionTable.resized(own, kind, rows, columns, resizing);
    }

    /// The blocks over the class token and whichever patches are given, before the last norm.
    ///
    /// @param patches `[B, K, D]`, positions added
    /// @param drop stochastic depth
    /// @return `[B, 1 + K, D]`
    private Tensor blocks(Tensor patches, DropPath drop) {
        return blocks(patches, drop, blocks.size());
    }

    /// The first few of the blocks.
    private Tensor blocks(Tensor patches, DropPath drop, int count) {
        Tensor start = classToken.add(positions.narrow(1, 0, 1)); // [1, 1, D]
        Tensor x =
                concatenated(
                        1,
                        start.to(patches.scalar_type()).expand(patches.size(0), 1, shape.width()),
                        patches); // [B, 1 + K, D]
        if (normFirst != null) {
            x = normFirst.forward(x); // [B, 1 + K, D]
        }
        for (int i = 0; i < count; i++) {
            x = blocks.get(i).forward(x, drop.inBlock(i)); // [B, 1 + K, D]
        }
        return x;
    }

    /// Tokens after the last norm, the class token first.
    ///
    /// @param patches `[B, K, D]`, positions added
    /// @return `[B, 1 + K, D]`
    public Tensor tokens(Tensor patches) {
        return Part.ENCODER.of(() -> norm.forward(blocks(patches, DropPath.NONE)));
    }

    /// Patch tokens after the last norm, where their patches are.
    ///
    /// @param images `[B, 3, H, W]`, both sides multiples of the patch
    /// @return `[B, D, H / P, W / P]`
    public Tensor map(Tensor images) {
        Tensor tokens = tokens(embed(images)); // [B, 1 + N, D]
        long p = shape.patch();
        Tensor patches = tokens.narrow(1, 1, tokens.size(1) - 1).transpose(1, 2); // [B, D, N]
        return patches.reshape(images.size(0), -1, images.size(2) / p, images.size(3) / p);
    }

    /// One vector an image.
    ///
    /// @param images `[B, 3, H, W]`, both sides multiples of the patch
    /// @return `[B, D]`
    public Tensor forward(Tensor images) {
        return forward(images, DropPath.NONE);
    }

    /// One vector an image, with stochastic depth.
    ///
    /// @param images `[B, 3, H, W]`, both sides multiples of the patch
    /// @return `[B, D]`
    public Tensor forward(Tensor images, DropPath drop) {
        return Part.ENCODER.of(() -> pooled(images, drop));
    }

    /// One vector an image, read elsewhere than where the network itself reads it.
    ///
    /// After a block before the last, tokens are normed by the last norm all the same, as DINO's
    /// authors do it in their linear evaluation (`get_intermediate_layers`).
    ///
    /// @param images `[B, 3, H, W]`, both sides multiples of the patch
    /// @param feature which tokens, after which block
    /// @return `[B, D]`
    public Tensor forward(Tensor images, Feature feature) {
        Check.that(
                feature.block() <= shape.depth(),
                "block is %s; the encoder has %s",
                feature.block(),
                shape.depth());
        return Part.ENCODER.of(() -> read(images, feature));
    }

    private Tensor read(Tensor images, Feature feature) {
        Tensor tokens = blocks(embed(images), DropPath.NONE, feature.block()); // [B, 1 + N, D]
        return pooled(tokens, feature.pool());
    }

    private Tensor pooled(Tensor images, DropPath drop) {
        return pooled(blocks(embed(images), drop), pool);
    }

    /// @param tokens `[B, 1 + N, D]`
    /// @return `[B, D]`
    private Tensor pooled(Tensor tokens, Pool wanted) {
        return switch (wanted) {
            case CLASS_TOKEN -> norm.forward(tokens).select(1, 0); // [B, D]
            case MEAN_OF_PATCHES -> {
                Tensor patches = tokens.narrow(1, 1, tokens.size(1) - 1); // [B, N, D]
                yield norm.forward(mean(patches, 1)); // [B, D]
            }
        };
    }
}
