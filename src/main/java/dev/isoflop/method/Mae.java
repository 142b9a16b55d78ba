package dev.isoflop.method;

import static dev.isoflop.torch.Ops.tensor;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.image.Showing;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Images;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Panel;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Decoder;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.Mask;
import dev.isoflop.vit.Patches;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Optional;

/// Masked autoencoder: see a quarter of an image's patches, paint the rest.
///
/// Kaiming He et al., *Masked Autoencoders Are Scalable Vision Learners*, CVPR 2022,
/// [arXiv:2111.06377](https://arxiv.org/abs/2111.06377), sections 3 and A.1, and the authors' code.
///
/// Differs from Koppula et al. 2022 in nothing that they state, which is mask ratios, decoders,
/// batch and steps: neither whether pixels are normalised, nor the crop, nor the optimiser's
/// settings. The authors' published ones are the defaults.
///
/// Shapes: B images of side S, N patches of V = 3 P P values, K of them kept, D width, E decoder's
/// width.
public final class Mae implements Method<Images> {

    private static final int MASKING = 1; // stream of random numbers

    /// What a masked autoencoder may be asked.
    ///
    /// @param maskRatio share of patches removed; the study: 0.55, 0.65, 0.75, 0.85
    /// @param decoder 8 blocks of 512 with 16 heads by default; 1 block is the study's "tiny"
    /// @param normalisePixels targets with mean 0 and deviation 1 in each patch: the authors'
    ///   published recipe; their code's default and the study leave it open
    public record Config(double maskRatio, DecoderShape decoder, boolean normalisePixels)
            implements Method.Config {

        /// The authors' settings.
        public static final Config DEFAULT = new Config(0.75, new DecoderShape(512, 8, 16), true);

        public Config {
            Check.that(
                    maskRatio > 0 && maskRatio < 1,
                    "maskRatio is %s; write a share between 0 and 1, such as 0.75",
                    maskRatio);
        }

        /// Reads the `method` of a recipe.
        public static Config from(Table t) {
            DecoderShape usual = DEFAULT.decoder;
            return t.build(() ->
                    new Config(
                            t.real("mask-ratio", DEFAULT.maskRatio),
                            new DecoderShape(
                                    t.count("decoder-width", usual.width()),
                                    t.count("decoder-depth", usual.depth()),
                                    t.count("decoder-heads", usual.heads())),
                            t.flag("normalise-pixels", DEFAULT.normalisePixels)));
        }

        @Override
        public String name() {
            return "mae";
        }

        @Override
        public Method<?> build(VitShape encoder) {
            return new Mae(this, encoder);
        }

        /// Patches of an image that the encoder sees, K: rounded down in IEEE doubles.
        public int kept(int patches) {
            return (int) (patches * (1 - maskRatio));
        }

        @Override
        public Work perImage(VitShape encoder, int batch) {
            int seen = kept(encoder.patches()) + 1;
            Check.that(
                    seen > 1,
                    "maskRatio is %s; it leaves none of the %s patches to see",
                    maskRatio,
                    encoder.patches());
            Work embedding = encoder.embeddingWork();
            Work blocks = encoder.blocksWork(seen);
            Work painting = decoder.work(encoder, seen);
            // the images need no gradient, so the embedding has one product backward, not two
            Work forward = Work.sum("forward", Work.sum("encoder", embedding, blocks), painting);
            Work gradients = Work.sum("encoder", embedding, blocks.times(2, "gradients"));
            Work backward = Work.sum("backward", gradients, painting.times(2, "gradients"));
            return Work.sum("mae", forward, backward);
        }

        @Override
        public Optional<ScalablePart> scalable() {
            return ScalablePart.of(
                    decoder, to -> new Config(maskRatio, decoder.at(to), normalisePixels));
        }

        @Override
        public long parameters(VitShape encoder) {
            return encoder.parameters() + decoder.parameters(encoder);
        }

        /// The mean of the patches: nothing trains the class token to speak for an image. The
        /// authors' linear probe reads the class token all the same (`--cls_token`), their
        /// fine-tuning the mean (`--global_pool`); docs/concepts/what-a-score-means.md compares.
        @Override
        public Vit.Pool probed() {
            return Vit.Pool.MEAN_OF_PATCHES;
        }

        /// Section A.1, table 8. (The study does not state its own.)
        @Override
        public Optimisation optimisation() {
            Optimisation.Rate rate = Optimisation.Rate.of(1.5e-4, true, 0.05);
            return Optimisation.of(rate, new AdamW.Settings(0.9, 0.95, 1e-8, 0.05));
        }

        @Override
        public List<Showing> views(int image) {
            return List.of(Showing.once("image", View.mae(image)));
        }
    }

    /// What a forward pass saw and painted: the encoder's tokens `[B, 1 + K, D]`, every patch as
    /// the decoder sees it `[B, N, V]`, and which of them were hidden.
    public record Reconstruction(Tensor latent, Tensor painted, Mask mask) {}

    private final Config config;
    private final VitShape shape;
    private final Vit encoder;
    private final Decoder decoder;
    private final Module trained = new Module("mae");

    public Mae(Config config, VitShape shape) {
        this.config = config;
        this.shape = shape;
        encoder = trained.register_module("encoder", new Vit(shape));
        decoder = trained.register_module("decoder", new Decoder(config.decoder, shape));
    }

    @Override
    public Images batch(Examples of) {
        return new Images(of.views().getFirst());
    }

    @Override
    public Loss loss(Images batch, Progress at) {
        int b = (int) batch.pixels().size(0);
        int n = shape.patches();
        Tensor noise = tensor(at.uniform(MASKING, b, n), batch.pixels(), b, n); // [B, N]
        Reconstruction seen = reconstruct(batch.pixels(), noise);
        return Loss.of(loss(batch.pixels(), seen), Ops.mean(seen.latent().detach(), 1));
    }

    /// The mean squared error over the patches that were hidden.
    ///
    /// @param images `[B, 3, S, S]`
    public Tensor loss(Tensor images, Reconstruction seen) {
        Tensor difference = seen.painted().sub(target(images)); // [B, N, V]
        Tensor perPatch = Ops.mean(difference.mul(difference), -1); // [B, N]
        return perPatch.mul(seen.mask().removed()).sum().div(seen.mask().removed().sum());
    }

    /// Hides the patches with the most noise and paints them from the rest.
    ///
    /// @param images `[B, 3, S, S]`
    /// @param noise `[B, N]`
    public Reconstruction reconstruct(Tensor images, Tensor noise) {
        Mask mask = Mask.of(noise, config.kept(shape.patches()));
        Tensor seen = encoder.embed(images, mask.keep()); // [B, K, D]
        Tensor latent = encoder.tokens(seen); // [B, 1 + K, D]
        Tensor painted = decoder.forward(latent, mask.restore()); // [B, N, V]
        return new Reconstruction(latent, painted, mask);
    }

    /// Patches as rows of values in the order (row, column, channel), normalised if so configured.
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, N, V]`
    Tensor target(Tensor images) {
        Tensor patches = Patches.of(images, shape.patch()); // [B, N, V]
        return config.normalisePixels ? Patches.normalised(patches) : patches;
    }

    @Override
    public Optional<Panel> panel(Tensor images) {
        return Optional.of(MaePanel.of(this, images, shape.patch(), config.normalisePixels));
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
