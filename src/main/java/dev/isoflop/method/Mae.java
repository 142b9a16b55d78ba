package dev.isoflop.method;

import static dev.isoflop.torch.Ops.keptMean;
import static dev.isoflop.torch.Ops.keptVariance;
import static dev.isoflop.torch.Ops.plus;
import static dev.isoflop.torch.Ops.tensor;

import dev.isoflop.budget.Work;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Images;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Decoder;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Masked autoencoder: see a quarter of an image's patches, paint the rest.
///
/// Kaiming He et al., *Masked Autoencoders Are Scalable Vision Learners*, CVPR 2022,
/// [arXiv:2111.06377](https://arxiv.org/abs/2111.06377), sections 3 and A.1, and the authors' code.
///
/// Differs from Koppula et al. 2022: nothing known; they state neither whether pixels are
/// normalised nor the optimiser's settings, so the authors' published recipe is the default and a
/// recipe may change it.
///
/// Shapes: B images of side S, N patches of V = 3 P P values, K of them kept, D width, E decoder's
/// width.
public final class Mae implements Method<Images> {

    private static final double PIXEL_EPSILON = 1e-6; // of the authors, inside the root
    private static final int MASKING = 1; // stream of random numbers

    /// What a masked autoencoder may be asked.
    ///
    /// @param maskRatio share of patches removed; the paper's study: 0.55, 0.65, 0.75, 0.85
    /// @param decoderDepth blocks; 8 by default, 1 is the study's "tiny"
    /// @param decoderWidth E
    /// @param decoderHeads of attention in the decoder; 16 in the authors' code
    /// @param normalisePixels targets with mean 0 and deviation 1 in each patch: the authors'
    ///   published recipe; their code's default and the study leave it open
    public record Config(
            double maskRatio,
            int decoderDepth,
            int decoderWidth,
            int decoderHeads,
            boolean normalisePixels)
            implements Method.Config {

        /// The authors' settings.
        public static final Config DEFAULT = new Config(0.75, 8, 512, 16, true);

        public Config {
            if (!(maskRatio > 0 && maskRatio < 1)) {
                throw new IllegalArgumentException(
                        "maskRatio is "
                                + maskRatio
                                + "; write a share between 0 and 1, such as 0.75");
            }
            if (decoderDepth < 1) {
                throw new IllegalArgumentException(
                        "decoderDepth is " + decoderDepth + "; it must be at least 1");
            }
            if (decoderWidth < 4 || decoderWidth % 4 != 0) {
                throw new IllegalArgumentException(
                        "decoderWidth is " + decoderWidth + "; it must be a multiple of 4");
            }
            if (decoderHeads < 1 || decoderWidth % decoderHeads != 0) {
                throw new IllegalArgumentException(
                        "decoderHeads is "
                                + decoderHeads
                                + "; it must divide the decoder's width, "
                                + decoderWidth);
            }
        }

        /// Reads the `method` of a recipe.
        public static Config from(Table t) {
            return t.build(() ->
                    new Config(
                            t.real("mask-ratio", DEFAULT.maskRatio),
                            t.count("decoder-depth", DEFAULT.decoderDepth),
                            t.count("decoder-width", DEFAULT.decoderWidth),
                            t.count("decoder-heads", DEFAULT.decoderHeads),
                            t.flag("normalise-pixels", DEFAULT.normalisePixels)));
        }

        @Override
        public String name() {
            return "mae";
        }

        /// Patches of an image that the encoder sees, K: rounded down as the authors do, in IEEE
        /// doubles.
        public int kept(int patches) {
            return (int) (patches * (1 - maskRatio));
        }

        @Override
        public Work perImage(VitShape encoder) {
            int n = encoder.patches();
            int seen = kept(n) + 1;
            Work embedding = encoder.embeddingWork();
            Work blocks = encoder.blocksWork(seen);
            Work decoder =
                    Work.sum(
                            "decoder",
                            Work.product("from encoder", 1, seen, encoder.width(), decoderWidth),
                            VitShape.blocksWork(n + 1, decoderWidth, decoderDepth, decoderHeads),
                            Work.product(
                                    "to pixels", 1, n + 1, decoderWidth, encoder.patchValues()));
            // the images need no gradient, so the embedding has one product backward, not two
            Work forward = Work.sum("forward", Work.sum("encoder", embedding, blocks), decoder);
            Work backward =
                    Work.sum(
                            "backward",
                            Work.sum("encoder", embedding, blocks.times(2, "gradients")),
                            decoder.times(2, "gradients"));
            return Work.sum("mae", forward, backward);
        }

        @Override
        public long parameters(VitShape encoder) {
            long e = decoderWidth;
            long in = encoder.width() * e + e;
            long positions = (encoder.patches() + 1) * e;
            long blocks = decoderDepth * VitShape.blockParameters(decoderWidth);
            long out = 2 * e + e * encoder.patchValues() + encoder.patchValues();
            return encoder.parameters() + in + e + positions + blocks + out;
        }
    }

    /// What a forward pass saw and painted.
    ///
    /// @param latent the encoder's tokens, `[B, 1 + K, D]`
    /// @param painted every patch as the decoder sees it, `[B, N, V]`
    /// @param removed 1 where a patch was hidden, 0 where it was kept, `[B, N]`
    /// @param keep which patches were kept, in the order of their noise, `[B, K]`
    /// @param restore where each patch stands in the shuffled order, `[B, N]`
    public record Reconstruction(
            Tensor latent, Tensor painted, Tensor removed, Tensor keep, Tensor restore) {}

    private final Config config;
    private final VitShape shape;
    private final Vit encoder;
    private final Decoder decoder;
    private final Module trained = new Module("mae");

    public Mae(Config config, VitShape shape) {
        this.config = config;
        this.shape = shape;
        if (config.kept(shape.patches()) < 1) {
            throw new IllegalArgumentException(
                    "maskRatio is "
                            + config.maskRatio
                            + "; it leaves none of the "
                            + shape.patches()
                            + " patches to see");
        }
        encoder = trained.register_module("encoder", new Vit(shape));
        decoder =
                trained.register_module(
                        "decoder",
                        new Decoder(
                                shape,
                                config.decoderWidth,
                                config.decoderDepth,
                                config.decoderHeads));
    }

    @Override
    public Loss loss(Images batch, Progress at) {
        int b = (int) batch.pixels().size(0);
        int n = shape.patches();
        Tensor noise = tensor(at.uniform(MASKING, b, n), batch.pixels(), b, n); // [B, N]
        return Loss.of(loss(batch.pixels(), reconstruct(batch.pixels(), noise)));
    }

    /// The mean squared error over the patches that were hidden.
    ///
    /// @param images `[B, 3, S, S]`
    public Tensor loss(Tensor images, Reconstruction seen) {
        Tensor difference = seen.painted().sub(target(images)); // [B, N, V]
        Tensor perPatch = Ops.mean(difference.mul(difference), -1); // [B, N]
        return perPatch.mul(seen.removed()).sum().div(seen.removed().sum());
    }

    /// Hides the patches with the most noise and paints them from the rest.
    ///
    /// @param images `[B, 3, S, S]`
    /// @param noise `[B, N]`
    public Reconstruction reconstruct(Tensor images, Tensor noise) {
        long b = images.size(0);
        int n = shape.patches();
        int k = config.kept(n);
        Tensor order = noise.argsort(1, false); // [B, N]
        Tensor keep = order.narrow(1, 0, k); // [B, K]
        Tensor places = torch.arange(new Scalar(n), Ops.like(order)).expand(b, n); // [B, N]
        Tensor restore = torch.empty_like(order).scatter_(1, order, places); // [B, N]
        Tensor removed = restore.ge(new Scalar(k)).to(images.scalar_type()); // [B, N]

        Tensor embedded = encoder.embed(images); // [B, N, D]
        Tensor latent = encoder.tokens(Decoder.rows(embedded, keep)); // [B, 1 + K, D]
        Tensor painted = decoder.forward(latent, restore); // [B, N, V]
        return new Reconstruction(latent, painted, removed, keep, restore);
    }

    /// Patches as rows of values in the order (row, column, channel), normalised if so configured.
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, N, V]`
    Tensor target(Tensor images) {
        Tensor patches = patchify(images); // [B, N, V]
        if (!config.normalisePixels) {
            return patches;
        }
        Tensor deviation = plus(keptVariance(patches, -1), PIXEL_EPSILON).sqrt(); // [B, N, 1]
        return patches.sub(keptMean(patches, -1)).div(deviation);
    }

    /// Patches as rows of values in the order (row, column, channel).
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, N, V]`
    public Tensor patchify(Tensor images) {
        long g = shape.grid();
        long p = shape.patch();
        Tensor split = images.view(images.size(0), 3, g, p, g, p); // [B, 3, G, P, G, P]
        return split.permute(0, 2, 4, 3, 5, 1).reshape(images.size(0), g * g, 3 * p * p);
    }

    @Override
    public Module trained() {
        return trained;
    }

    @Override
    public Vit encoder() {
        return encoder;
    }
}
