package dev.isoflop.method;

import static dev.isoflop.torch.Ops.tensor;
import static dev.isoflop.torch.Ops.times;
import static dev.isoflop.torch.Ops.wide;
import static dev.isoflop.torch.Part.HEADS;

import static org.bytedeco.pytorch.global.torch.log_softmax;

import dev.isoflop.budget.Work;
import dev.isoflop.data.Field;
import dev.isoflop.fault.Check;
import dev.isoflop.image.Showing;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Labelled.Unlabelled;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.DropPath;
import dev.isoflop.vit.Init;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Supervised classification: say what an image shows, be it one thing or several.
///
/// Alexey Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021,
/// [arXiv:2010.11929](https://arxiv.org/abs/2010.11929), with the loss over several labels of
/// Skanda Koppula et al., *Where Should I Spend My FLOPS?*, 2022, section A.3.
///
/// Differs from Koppula et al. 2022: an image without labels, for which their target is 0 / 0, is
/// refused or skipped. Their "initial range within 0.02" is taken as normal weights of deviation
/// 0.02. The head's bias begins at -10 as theirs does, though to a softmax a constant makes no
/// difference: no gradient and no prediction depends on it.
///
/// Shapes: B images of side S, D width, K classes.
public final class Supervised implements Method<Labelled> {

    private static final int DEPTH = 1; // stream of random numbers; stochastic depth
    private static final double HEAD_BIAS = -10; // of section A.3; a softmax does not notice

    /// What a classifier may be asked.
    ///
    /// @param classes K; 0 stands for those of the dataset, which {@link #withClasses} then sets
    /// @param maxLabels labels of an image that count: its first; 8 in section A.3, of JFT
    /// @param smoothing share of the target that is spread evenly over all classes
    /// @param dropPath how often a branch of the last block is left out; linear from 0 at the first
    /// @param unlabelled what becomes of an image without labels; section A.3 does not say
    public record Config(
            int classes, int maxLabels, double smoothing, double dropPath, Unlabelled unlabelled)
            implements Method.Config {

        /// The settings of section A.3.
        public static final Config DEFAULT = new Config(0, 8, 0.1, 0.1, Unlabelled.REFUSE);

        public Config {
            Check.that(classes >= 0, "classes is %s; it must not be negative", classes);
            Check.that(maxLabels >= 1, "maxLabels is %s; it must be at least 1", maxLabels);
            String share = " is %s; write a share of at least 0 and below 1, such as 0.1";
            Check.that(smoothing >= 0 && smoothing < 1, "smoothing" + share, smoothing);
            Check.that(dropPath >= 0 && dropPath < 1, "dropPath" + share, dropPath);
        }

        /// Reads the `method` of a recipe.
        public static Config from(Table t) {
            return t.build(() ->
                    new Config(
                            t.count("classes", DEFAULT.classes),
                            t.count("max-labels", DEFAULT.maxLabels),
                            t.real("smoothing", DEFAULT.smoothing),
                            t.real("drop-path", DEFAULT.dropPath),
                            t.choice("unlabelled", DEFAULT.unlabelled)));
        }

        @Override
        public Config withClasses(int k) {
            return classes > 0 ? this : new Config(k, maxLabels, smoothing, dropPath, unlabelled);
        }

        @Override
        public String name() {
            return "supervised";
        }

        @Override
        public Method<?> build(VitShape encoder) {
            return new Supervised(this, encoder);
        }

        @Override
        public Optional<Field> needs() {
            return Optional.of(Field.LABELS);
        }

        @Override
        public Unfit unfit() {
            return new Unfit(
                    unlabelled == Unlabelled.SKIP, Optional.of("set method.unlabelled=skip"));
        }

        @Override
        public Positions positions() {
            return Positions.LEARNED;
        }

        @Override
        public Work perImage(VitShape encoder, int batch) {
            Work head = Work.product("head", 1, 1, encoder.width(), known());
            Work forward = Work.sum("forward", encoder.forwardWork("encoder", 1), head);
            Work backward =
                    Work.sum(
                            "backward",
                            encoder.backwardWork("encoder", 1),
                            head.times(2, "gradients"));
            return Work.sum("supervised", forward, backward);
        }

        @Override
        public long parameters(VitShape encoder) {
            return encoder.parameters() + (encoder.width() + 1L) * known();
        }

        private int known() {
            Check.that(classes > 0, "classes is 0, those of the dataset, which is not known here");
            return classes;
        }

        /// Section A.3; 6,000 steps of warm-up are 0.024 of its 250,000. It states no epsilon. Its
        /// "base value LR of 1e-4" is taken as it is, as in Dosovitskiy et al., not times the batch
        /// over 256.
        @Override
        public Optimisation optimisation() {
            return Optimisation.of(
                            Optimisation.Rate.of(1e-4, false, 0.024),
                            new AdamW.Settings(0.9, 0.95, 1e-8, 0.3))
                    .clipped(1);
        }

        @Override
        public List<Showing> views(int image) {
            return List.of(Showing.once("image", View.supervised(image)));
        }
    }

    private final Config config;
    private final Vit encoder;
    private final LinearImpl head;
    private final Module trained = new Module("supervised");

    public Supervised(Config config, VitShape shape) {
        this.config = config;
        Vit vit = new Vit(shape, Positions.LEARNED, Vit.Pool.CLASS_TOKEN);
        encoder = trained.register_module("encoder", vit);
        LinearImpl linear = Init.normal(new LinearImpl(shape.width(), config.known()));
        try (NoGradGuard _ = new NoGradGuard()) {
            linear.bias().fill_(new Scalar(HEAD_BIAS));
        }
        head = trained.register_module("head", linear);
    }

    @Override
    public Labelled batch(Examples of) {
        return Labelled.of(of.views().getFirst(), of.items());
    }

    @Override
    public Loss loss(Labelled batch, Progress at) {
        int b = batch.labels().size();
        int depth = encoder.shape().depth();
        int n = DropPath.draws(depth);
        Tensor uniform = tensor(at.uniform(DEPTH, b, n), batch.pixels(), b, n); // [B, n]
        DropPath drop = DropPath.rising(config.dropPath, depth, uniform);
        Tensor features = encoder.forward(batch.pixels(), drop); // [B, D]
        Tensor shown = batch.shown(config.classes, config.maxLabels, config.unlabelled); // [B, K]
        Tensor logits = HEADS.of(() -> head.forward(features)); // [B, K]
        Tensor top = logits.argmax(new LongOptional(1), true); // [B, 1]
        Tensor right = shown.gather(1, top).count_nonzero().div(labelled(shown)); // []
        return new Loss(loss(logits, targets(shown)), Map.of("accuracy", right), features);
    }

    /// What the softmax should be: the labels, smoothed; all zeros where there is none.
    ///
    /// @param shown `[B, K]`
    /// @return `[B, K]`
    Tensor targets(Tensor shown) {
        Tensor any = shown.sum(new long[] {1}, true, new ScalarTypeOptional()); // [B, 1]; 1 or 0
        double rest = config.smoothing / config.classes;
        return times(shown, 1 - config.smoothing).add(times(any, rest)); // [B, K]
    }

    /// Cross-entropy of `[B, K]` with targets `[B, K]`: the mean over the images that have any.
    static Tensor loss(Tensor logits, Tensor targets) {
        Tensor each = targets.mul(log_softmax(wide(logits), 1)); // [B, K]
        return each.sum().neg().div(labelled(targets)); // []
    }

    /// How many rows have a label, but at least 1; each such row sums to 1.
    private static Tensor labelled(Tensor rows) {
        return rows.sum().clamp_min(new Scalar(1)); // []
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
