package dev.isoflop.method;

import static dev.isoflop.torch.Ops.unit;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.image.Showing;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.train.Coupled;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Pair;
import dev.isoflop.train.Progress;
import dev.isoflop.train.Schedule;
import dev.isoflop.vit.ByolNetwork;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Optional;

/// Bootstrap your own latent: predict what a slow copy of the network makes of the other view.
///
/// Jean-Bastien Grill et al., *Bootstrap Your Own Latent*, NeurIPS 2020,
/// [arXiv:2006.07733](https://arxiv.org/abs/2006.07733), equation 2, and the authors' code.
///
/// Differs from the authors: a vision transformer and AdamW, as in Koppula et al. 2022, who leave
/// open the feature (here the class token) and whether the target's decay rises (here it does, as
/// the authors'). Their linear classifier on the stopped feature teaches the encoder nothing and
/// needs labels: it is left out.
///
/// A batch that is cut has the loss of the whole batch: heads run once a step on each view, the
/// first view first, so batch statistics are those of a whole view and move twice a step, as the
/// authors'. The target has its own, taken of its own batches.
///
/// Shapes: B images of side S, two views each; D the encoder's width, d the projector's.
public final class Byol implements Method<Pair>, Coupled<Pair> {

    private static final int VIEWS = 2;

    /// What BYOL may be asked.
    ///
    /// @param targetDecay tau in the paper: what the target keeps of itself at the first step; the
    ///   study has 0.996 on ImageNet, 0.99 on JFT and ALIGN, 0.97 on COCO
    /// @param targetDecayRises to 1 along half a cosine over the budget, else it stays
    /// @param feature which token the projector reads, and what is handed on
    /// @param projector and predictor: 4096 between, 256 out
    public record Config(
            double targetDecay, boolean targetDecayRises, Vit.Pool feature, MlpShape projector)
            implements Method.Config {

        /// The authors' settings for a thousand epochs of ImageNet.
        public static final Config DEFAULT =
                new Config(0.996, true, Vit.Pool.CLASS_TOKEN, MlpShape.byol(4096, 256));

        public Config {
            Check.that(
                    targetDecay >= 0 && targetDecay <= 1,
                    "targetDecay is %s; write a share from 0 to 1, such as 0.996",
                    targetDecay);
        }

        /// Reads the `method` of a recipe.
        public static Config from(Table t) {
            MlpShape usual = DEFAULT.projector;
            return t.build(() ->
                    new Config(
                            t.real("target-decay", DEFAULT.targetDecay),
                            t.flag("target-decay-rises", DEFAULT.targetDecayRises),
                            t.choice("feature", DEFAULT.feature),
                            MlpShape.byol(
                                    t.count("projector-hidden", usual.hidden()),
                                    t.count("projector-out", usual.out()))));
        }

        @Override
        public String name() {
            return "byol";
        }

        @Override
        public Method<?> build(VitShape encoder) {
            return new Byol(this, encoder);
        }

        @Override
        public Work perImage(VitShape encoder, int batch) {
            Check.that(batch >= 2, "batch is %s; byol's batch norm needs 2 or more", batch);
            Work projected = projector.work("projector", encoder.width()).times(VIEWS, "views");
            Work predicted = projector.work("predictor", projector.out()).times(VIEWS, "views");
            Work heads = Work.sum("heads", projected, predicted);
            Work seen = encoder.forwardWork("encoder", VIEWS);
            Work target = Work.sum("teacher", seen.named("target encoder"), projected);
            Work forward = Work.sum("forward", seen, heads, target);
            Work gradients = encoder.backwardWork("encoder", VIEWS);
            Work backward = Work.sum("backward", gradients, heads.times(2, "gradients"));
            return Work.sum("byol", forward, backward);
        }

        /// The online encoder on both views.
        @Override
        public Work recomputed(VitShape encoder) {
            return encoder.forwardWork("again", VIEWS);
        }

        @Override
        public Optional<ScalablePart> scalable() {
            return ScalablePart.of(
                    projector,
                    to -> new Config(targetDecay, targetDecayRises, feature, projector.at(to)));
        }

        /// Those of the online network; the target has no predictor, and is not trained.
        @Override
        public long parameters(VitShape encoder) {
            return encoder.parameters()
                    + projector.parameters(encoder.width())
                    + projector.parameters(projector.out());
        }

        /// Section A.3 of the study: Adam, base rate 3e-4 and weight decay 0.1 (1e-6 on COCO), a
        /// rise over 5% of the steps. It leaves open the rate on ImageNet (here the same), whether
        /// the "base learning rate" is multiplied by the batch over 256, which is 16 in the study
        /// (here it is, as the authors'; on COCO the study says "learning rate", and it is here
        /// too), whether decay is decoupled (here it is) and epsilon (here PyTorch's). The authors'
        /// own is LARS with momentum 0.9, base rate 0.2 and weight decay 1.5e-6.
        @Override
        public Optimisation optimisation() {
            return Optimisation.of(
                    Optimisation.Rate.of(3e-4, true, 0.05),
                    new AdamW.Settings(0.9, 0.999, 1e-8, 0.1));
        }

        @Override
        public List<Showing> views(int image) {
            return List.of(
                    Showing.once("first", View.byolFirst(image)),
                    Showing.once("second", View.byolSecond(image)));
        }
    }

    private final Schedule decay;
    private final ByolNetwork online;
    private final ByolNetwork target;
    private final Module state = new Module("byol");

    public Byol(Config config, VitShape shape) {
        double end = config.targetDecayRises ? 1 : config.targetDecay;
        decay = Schedule.cosine(config.targetDecay, end);
        online = new ByolNetwork(shape, config.feature, config.projector, true);
        target = Ema.frozen(new ByolNetwork(shape, config.feature, config.projector, false));
        state.register_module("online", online);
        state.register_module("target", target);
    }

    @Override
    public Pair batch(Examples of) {
        return new Pair(of.views().getFirst(), of.views().getLast());
    }

    @Override
    public List<Tensor> embed(Pair batch, Progress at) {
        return List.of(online.feature(batch.first()), online.feature(batch.second())); // [B, D]
    }

    /// Without a gradient: the target has none.
    @Override
    public List<Tensor> targets(Pair batch, Progress at) {
        return List.of(target.feature(batch.first()), target.feature(batch.second())); // [B, D]
    }

    @Override
    public Loss loss(List<Tensor> features, List<Tensor> targets, Progress at) {
        Tensor first = online.head(features.getFirst()); // [B, d]
        Tensor second = online.head(features.getLast()); // [B, d]
        Tensor firstTarget = target.head(targets.getFirst()); // [B, d]
        Tensor secondTarget = target.head(targets.getLast()); // [B, d]
        Tensor both = distance(first, secondTarget).add(distance(second, firstTarget)); // [B]
        return Loss.of(both.mean(), features.getFirst());
    }

    /// The squared distance of directions, 2 - 2 cos: `[B]` of `[B, d]` each.
    static Tensor distance(Tensor x, Tensor y) {
        Tensor difference = unit(x).sub(unit(y)); // [B, d]
        return difference.mul(difference).sum(-1); // [B]
    }

    @Override
    public void afterUpdate(Progress at) {
        Ema.drift(target, online, decay.at(at.share()));
    }

    @Override
    public ByolNetwork trained() {
        return online;
    }

    ByolNetwork target() {
        return target;
    }

    @Override
    public Module state() {
        return state;
    }

    @Override
    public Vit encoder() {
        return online.encoder();
    }
}
