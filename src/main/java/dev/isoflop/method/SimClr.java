package dev.isoflop.method;

import static dev.isoflop.torch.Ops.concatenated;
import static dev.isoflop.torch.Ops.times;
import static dev.isoflop.torch.Ops.unit;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.image.Showing;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Coupled;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Pair;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Init;
import dev.isoflop.vit.Mlp;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;
import java.util.Optional;

/// Contrastive learning: tell an image's other view from all views of all other images.
///
/// Ting Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations*, ICML
/// 2020, [arXiv:2002.05709](https://arxiv.org/abs/2002.05709), equation 1, in the form of the
/// authors' code (SimCLR v2), whose loss is **twice** the paper's: the sum over the two views.
///
/// Differs from the authors: a vision transformer and AdamW, as in Koppula et al. 2022, who leave
/// open temperature, projector, views (here the authors') and which token is the feature (here the
/// class token).
///
/// A batch that is cut has the loss of the whole batch: the projector runs once a step, on all
/// views together, so its batch statistics are those of the whole batch and move once.
///
/// Shapes: B images of side S, two views each; D the encoder's width, d the projector's.
public final class SimClr implements Method<Pair>, Coupled<Pair> {

    private static final int VIEWS = 2;
    private static final double FAR = 1e9; // taken from a view's similarity to itself; the authors'
    private static final double DEVIATION = 0.01; // of the projector at the start; the authors'

    /// What contrastive learning may be asked.
    ///
    /// @param temperature tau in the paper: similarities are divided by it; the authors have 0.1
    /// @param feature which token the projector reads, and what is handed on
    /// @param projector 3 layers to 128, as wide as the encoder, in the authors' code; 2 in the
    ///   paper
    public record Config(double temperature, Vit.Pool feature, MlpShape projector)
            implements Method.Config {

        /// The settings of the authors' code.
        public static final Config DEFAULT =
                new Config(0.1, Vit.Pool.CLASS_TOKEN, MlpShape.simClr(0, 128, 3));

        public Config {
            Check.that(
                    temperature > 0 && Double.isFinite(temperature),
                    "temperature is %s; it must be positive, such as 0.1",
                    temperature);
        }

        /// Reads the `method` of a recipe.
        public static Config from(Table t) {
            MlpShape usual = DEFAULT.projector;
            return t.build(() ->
                    new Config(
                            t.real("temperature", DEFAULT.temperature),
                            t.choice("feature", DEFAULT.feature),
                            MlpShape.simClr(
                                    t.count("projector-hidden", usual.hidden()),
                                    t.count("projector-out", usual.out()),
                                    t.count("projector-layers", usual.layers()))));
        }

        @Override
        public String name() {
            return "simclr";
        }

        @Override
        public Method<?> build(VitShape encoder) {
            return new SimClr(this, encoder);
        }

        @Override
        public Work perImage(VitShape encoder, int batch) {
            checkBatch(batch);
            Work heads = projector.work("heads", encoder.width()).times(VIEWS, "views");
            // two rows an image, compared with all rows of the batch
            Work loss = Work.product("loss", 1, VIEWS, projector.out(), (long) VIEWS * batch);
            Work forward = Work.sum("forward", encoder.forwardWork("encoder", VIEWS), heads, loss);
            Work backward =
                    Work.sum(
                            "backward",
                            encoder.backwardWork("encoder", VIEWS),
                            heads.times(2, "gradients"),
                            loss.times(2, "gradients"));
            return Work.sum("simclr", forward, backward);
        }

        private static void checkBatch(long batch) {
            Check.that(batch >= 2, "batch is %s; simclr compares images: write 2 or more", batch);
        }

        /// The encoder on both views.
        @Override
        public Work recomputed(VitShape encoder) {
            return encoder.forwardWork("again", VIEWS);
        }

        @Override
        public Optional<ScalablePart> scalable() {
            return ScalablePart.of(
                    projector, to -> new Config(temperature, feature, projector.at(to)));
        }

        @Override
        public long parameters(VitShape encoder) {
            return encoder.parameters() + projector.parameters(encoder.width());
        }

        /// Section A.3 of the study: as BYOL, the rate times the batch over 256 included, see
        /// {@link Byol.Config#optimisation}. The authors' own is LARS with classic momentum of 0.9,
        /// base rate 0.3 and weight decay 1e-6.
        @Override
        public Optimisation optimisation() {
            return Optimisation.of(
                    Optimisation.Rate.of(3e-4, true, 0.05),
                    new AdamW.Settings(0.9, 0.999, 1e-8, 0.1));
        }

        @Override
        public List<Showing> views(int image) {
            return List.of(new Showing("view", View.simClr(image), VIEWS));
        }
    }

    private final Config config;
    private final Vit encoder;
    private final Mlp projector;
    private final Module trained = new Module("simclr");

    public SimClr(Config config, VitShape shape) {
        this.config = config;
        Vit vit = new Vit(shape, config.positions(), config.feature);
        encoder = trained.register_module("encoder", vit);
        Mlp head = new Mlp(config.projector, shape.width(), it -> Init.normal(it, DEVIATION));
        projector = trained.register_module("projector", head);
    }

    @Override
    public Pair batch(Examples of) {
        return new Pair(of.views().getFirst(), of.views().getLast());
    }

    @Override
    public List<Tensor> embed(Pair batch, Progress at) {
        return List.of(encoder.forward(batch.first()), encoder.forward(batch.second())); // [B, D]
    }

    @Override
    public Loss loss(List<Tensor> features, List<Tensor> targets, Progress at) {
        Tensor both = concatenated(0, features.getFirst(), features.getLast()); // [2B, D]
        return Loss.of(loss(projected(both)), features.getFirst());
    }

    /// What is compared: `[2B, d]`, of the features of all first views, then of all second views.
    Tensor projected(Tensor features) {
        return projector.forward(features);
    }

    /// NT-Xent: the cross entropy of finding the other view, summed over both views, mean over the
    /// images.
    ///
    /// @param projected first views, then second views in the same order, `[2B, d]`
    Tensor loss(Tensor projected) {
        Tensor logits = logits(projected); // [2B, 2B]
        long rows = logits.size(0);
        Tensor other = Ops.count(rows, logits).to(ScalarType.Long).roll(rows / VIEWS); // [2B]
        return times(cross_entropy_loss(logits, other), VIEWS);
    }

    /// Cosines of each view and each other, divided by the temperature; a view's own is far below:
    /// in 64 bits, which autocast leaves alone; bfloat16 would round what is near 10 to sixteenths.
    Tensor logits(Tensor projected) {
        Config.checkBatch(projected.size(0) / VIEWS);
        Tensor z = unit(projected.to(ScalarType.Double)); // [2B, d]
        Tensor similar = times(z, 1 / config.temperature).matmul(z.t()); // [2B, 2B]
        Tensor itself = torch.eye(similar.size(0), Ops.like(similar)); // [2B, 2B]
        return similar.sub(itself, new Scalar(FAR)); // [2B, 2B]
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
