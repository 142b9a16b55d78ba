package dev.isoflop.method;

import static dev.isoflop.torch.Ops.registered;
import static dev.isoflop.torch.Ops.tensor;
import static dev.isoflop.torch.Ops.times;
import static dev.isoflop.torch.Part.HEADS;

import static org.bytedeco.pytorch.global.torch.cross_entropy;
import static org.bytedeco.pytorch.global.torch.normalize;

import dev.isoflop.budget.Work;
import dev.isoflop.data.Field;
import dev.isoflop.fault.Check;
import dev.isoflop.image.Showing;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Captioned;
import dev.isoflop.train.Coupled;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.train.Span;
import dev.isoflop.vit.Init;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.TextTower;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Contrastive language-image pre-training: of all captions of a batch, find each image's own.
///
/// Alec Radford et al., *Learning Transferable Visual Models From Natural Language Supervision*,
/// ICML 2021, [arXiv:2103.00020](https://arxiv.org/abs/2103.00020), figure 3, and their model's
/// code; with the towers of Koppula et al. 2022: a ViT in MAE's style and BERT.
///
/// Differs from Koppula et al. 2022: captions have 55 tokens, not characters ({@link TextShape}).
/// They leave open which tokens are features, the temperature, and COCO's captions (its own here).
///
/// Shapes: B images of side S with captions of T tokens, D width, W text tower's, J joint width.
public final class Clip implements Method<Captioned>, Coupled<Captioned> {

    private static final double COLDEST = 0.01; // section 2.5: logits are at most 100 cosines
    private static final String TEXT = "text"; // names in a checkpoint
    private static final String FROM_IMAGE = "visual_projection";
    private static final String FROM_TEXT = "text_projection";

    /// What CLIP may be asked.
    ///
    /// @param text the text tower
    /// @param jointWidth of the space where images and captions meet; the study: 768
    /// @param feature which token is the feature of an image
    /// @param temperature of the softmax at first, learned from there on; the CLIP paper: 0.07
    public record Config(TextShape text, int jointWidth, Vit.Pool feature, double temperature)
            implements Method.Config {

        /// The study's, with the smaller text tower.
        public static final Config DEFAULT =
                new Config(TextShape.of("mini"), 768, Vit.Pool.CLASS_TOKEN, 0.07);

        public Config {
            Check.that(jointWidth >= 1, "jointWidth is %s; it must be at least 1", jointWidth);
            Check.that(
                    temperature >= COLDEST, "temperature is %s; write 0.01 or more", temperature);
        }

        /// Reads the `method` of a recipe.
        public static Config from(Table t) {
            TextShape usual = TextShape.of(t.choice("text-tower", TextShape.SIZES, "mini"));
            return t.build(() ->
                    new Config(
                            new TextShape(
                                    t.count("text-width", usual.width()),
                                    t.count("text-depth", usual.depth()),
                                    t.count("text-heads", usual.heads()),
                                    t.count("text-hidden", usual.hidden()),
                                    t.count("vocabulary", usual.vocabulary()),
                                    t.count("text-positions", usual.positions()),
                                    t.count("max-tokens", usual.maxTokens()),
                                    t.count("max-characters", usual.maxCharacters()),
                                    t.choice("text-pool", usual.pool())),
                            t.count("joint-width", DEFAULT.jointWidth),
                            t.choice("feature", DEFAULT.feature),
                            t.real("temperature", DEFAULT.temperature)));
        }

        @Override
        public String name() {
            return "clip";
        }

        @Override
        public Method<?> build(VitShape encoder) {
            return new Clip(this, encoder);
        }

        @Override
        public Optional<Field> needs() {
            return Optional.of(Field.CAPTIONS);
        }

        @Override
        public Optional<JointEmbedding> jointEmbedding() {
            return Optional.of(
                    new JointEmbedding(text, jointWidth, TEXT + ".", FROM_IMAGE, FROM_TEXT));
        }

        @Override
        public Work perImage(VitShape encoder, int batch) {
            Work logits = Work.product("loss", 1, 1, jointWidth, batch);
            Work forward = work("forward", encoder, logits, UnaryOperator.identity());
            Work backward = work("backward", encoder, logits, it -> it.times(2, "gradients"));
            return Work.sum("clip", forward, backward);
        }

        /// Both towers with their projections; all is compared with all only once.
        @Override
        public Work recomputed(VitShape encoder) {
            return work("again", encoder, Work.none("loss"), UnaryOperator.identity());
        }

        /// @param products what becomes of all but the embedding of patches: the images need no
        ///   gradient, so that it has one product in either direction
        private Work work(
                String name, VitShape encoder, Work logits, UnaryOperator<Work> products) {
            Work blocks = products.apply(encoder.blocksWork(encoder.patches() + 1));
            Work image = Work.sum("encoder", encoder.embeddingWork(), blocks);
            Work caption = products.apply(text.work());
            long widths = (long) encoder.width() + text.width();
            Work joint = products.apply(Work.product("projections", 1, 1, widths, jointWidth));
            return Work.sum(name, image, caption, joint, products.apply(logits));
        }

        @Override
        public Optional<ScalablePart> scalable() {
            return ScalablePart.of(
                    text, to -> new Config(text.at(to), jointWidth, feature, temperature));
        }

        @Override
        public long parameters(VitShape encoder) {
            long projections = ((long) encoder.width() + text.width()) * jointWidth;
            return encoder.parameters() + text.parameters() + projections + 1;
        }

        /// Koppula et al. 2022, section A.3: 10,000 steps of warm-up are 0.04 of their 250,000. The
        /// rate is as it is, as Radford et al. take theirs, not times the batch over 256: 0.016.
        @Override
        public Optimisation optimisation() {
            var rate = new Optimisation.Rate(1e-3, false, 1e-7, 0, new Span.Share(0.04), false);
            return Optimisation.of(rate, new AdamW.Settings(0.9, 0.95, 1e-8, 0.02)).clipped(1);
        }

        @Override
        public List<Showing> views(int image) {
            return List.of(Showing.once("image", View.clip(image)));
        }
    }

    private final Vit encoder;
    private final TextTower text;
    private final Tensor visualProjection;
    private final Tensor textProjection;
    private final Tensor logitScale; // the logarithm of 1 / temperature
    private final Module trained = new Module("clip");

    public Clip(Config config, VitShape shape) {
        Tensor fromImage = Init.projection(shape.width(), config.jointWidth); // [D, J]
        Tensor fromText = Init.projection(config.text.width(), config.jointWidth); // [W, J]
        encoder = new Vit(shape, config.positions(), config.feature);
        trained.register_module("encoder", encoder);
        text = trained.register_module(TEXT, new TextTower(config.text));
        visualProjection = registered(trained, FROM_IMAGE, fromImage, true);
        textProjection = registered(trained, FROM_TEXT, fromText, true);
        Tensor scale = tensor(new double[] {-Math.log(config.temperature)}); // []
        logitScale = registered(trained, "logit_scale", scale, true);
    }

    @Override
    public Captioned batch(Examples of) {
        return Captioned.of(of.views().getFirst(), of.captions());
    }

    @Override
    public List<Tensor> embed(Captioned batch, Progress at) {
        Tensor image = encoder.forward(batch.pixels()); // [B, D]
        Tensor said = text.forward(batch.ids(), batch.lengths()); // [B, W]
        return HEADS.of(() -> List.of(image.matmul(visualProjection), said.matmul(textProjection)));
    }

    /// Image i belongs to caption i: the mean of the cross-entropies of rows and of columns.
    @Override
    public Loss loss(List<Tensor> embeddings, List<Tensor> targets, Progress at) {
        Tensor image = embeddings.getFirst(); // [B, J]
        Tensor logits = logits(image, embeddings.getLast()); // [B, B]
        Tensor own = Ops.count(logits.size(0), logits).to(ScalarType.Long); // [B]
        Tensor both = cross_entropy(logits, own).add(cross_entropy(logits.t(), own)); // []
        return new Loss(times(both, 0.5), Map.of("logit scale", logitScale.exp()), image);
    }

    /// Scaled cosines of each image, a row, and each caption: in 64 bits, which autocast leaves
    /// alone; bfloat16 would round what is near 100 to halves.
    Tensor logits(Tensor image, Tensor caption) {
        Tensor i = normalize(image.to(ScalarType.Double)); // [B, J]
        Tensor t = normalize(caption.to(ScalarType.Double)); // [B, J]
        return i.matmul(t.t()).mul(logitScale.exp()); // [B, B]
    }

    @Override
    public void afterUpdate(Progress at) {
        logitScale.detach().clamp_max_(new Scalar(-Math.log(COLDEST)));
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
