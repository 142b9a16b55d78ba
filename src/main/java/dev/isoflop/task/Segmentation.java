package dev.isoflop.task;

import static dev.isoflop.torch.Ops.bilinear;
import static dev.isoflop.torch.Part.HEADS;
import static dev.isoflop.torch.Part.LOSS;

import dev.isoflop.budget.Work;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Field;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.fault.Check;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Masked;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.FcnHead;
import dev.isoflop.vit.FcnHeadShape;
import dev.isoflop.vit.FcnHeadShape.Norm;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Semantic segmentation: say of every pixel what it belongs to.
///
/// Skanda Koppula et al., *Where Should I Spend My FLOPS?*, 2022, section A.4: the encoder's last
/// tokens as a grid, a fully convolutional head, and cross-entropy at the image's own size.
///
/// The head is mmsegmentation's as it comes (A.4); `recipes/ade20k/segmentation.yaml` gives it the
/// norm and dilation of MoCo's (2.3). {@link Transfer} says what becomes of the encoder. Ours where
/// the paper is silent: the encoder's last norm before the head, which mmsegmentation's recipe has
/// not; its dropout of whole channels, 0.1, without its second draw of windows that a class fills
/// (`cat_max_ratio`); the mean over labelled pixels, of the cut at hand where a batch is cut.
///
/// Shapes: B images of H x W, G x U patches, N = G U, D width, C channels, K classes.
public final class Segmentation implements Task<Masked> {

    private static final int DROPOUT = 1; // stream of random numbers

    /// What the loss is divided by.
    public enum Average {
        /// The pixels that are labelled, but at least 1.
        VALID,
        /// All pixels, as mmsegmentation has it: the fewer are labelled, the smaller the loss.
        ALL
    }

    /// What segmentation may be asked.
    ///
    /// @param classes K; 0 stands for those of the dataset, which {@link #withClasses} then sets
    /// @param head on the tokens
    /// @param dropout how often a channel of an image is left out before the classifier
    /// @param average what the loss is divided by
    /// @param transfer what becomes of the encoder
    /// @param protocol by which it is evaluated
    public record Config(
            int classes,
            FcnHeadShape head,
            double dropout,
            Average average,
            Transfer transfer,
            Protocol protocol)
            implements Task.Config {

        /// Two convolutions of 256, as section A.4 has it; the rest as mmsegmentation.
        public static final Config DEFAULT =
                new Config(
                        0,
                        new FcnHeadShape(256, 2, 1, false, Norm.NONE),
                        0.1,
                        Average.VALID,
                        Transfer.DEFAULT,
                        new Protocol.Centre(512, 512));

        public Config {
            Check.that(
                    classes >= 0 && classes <= Masked.IGNORED,
                    "classes is %s; write 0 for those of the data, or 1 to %s",
                    classes,
                    Masked.IGNORED);
            Check.that(
                    dropout >= 0 && dropout < 1,
                    "dropout is %s; write a share of at least 0 and below 1, such as 0.1",
                    dropout);
        }

        /// Reads the `task` of a recipe, and its `evaluation`.
        static Config from(Table t, Optional<Table> evaluation, VitShape encoder) {
            Protocol protocol = Protocol.from(evaluation, encoder.image(), encoder.patch());
            return t.build(() ->
                    new Config(
                            t.count("classes", DEFAULT.classes),
                            FcnHeadShape.from(t, DEFAULT.head),
                            t.real("dropout", DEFAULT.dropout),
                            t.choice("average", DEFAULT.average),
                            Transfer.from(t),
                            protocol));
        }

        @Override
        public Segmentation build(Vit encoder) {
            return new Segmentation(this, encoder);
        }

        @Override
        public String name() {
            return "segmentation";
        }

        @Override
        public Field needs() {
            return Field.MASKS;
        }

        @Override
        public List<String> classNames(Dataset data) {
            return MaskLabels.of(data).names();
        }

        @Override
        public Config withClasses(int k) {
            return new Config(k, head, dropout, average, transfer, protocol);
        }

        @Override
        public Work perImage(VitShape encoder) {
            Work scores = head.work(encoder.patches(), encoder.width(), known());
            Work forward = Work.sum("forward", encoder.forwardWork("encoder", 1), scores);
            Work gradients = encoder.backwardWork("encoder", 1);
            Work backward = Work.sum("backward", gradients, scores.times(2, "gradients"));
            return Work.sum("segmentation", forward, backward);
        }

        @Override
        public long parameters(VitShape encoder) {
            return encoder.parameters() + head.parameters(encoder.width(), known());
        }

        @Override
        public View view(int image) {
            return View.segmentation(image);
        }

        @Override
        public String evaluatedBy() {
            return protocol.describe();
        }

        private int known() {
            Check.that(classes > 0, "classes is 0, those of the dataset, which is not known here");
            return classes;
        }
    }

    private final Config config;
    private final Vit encoder;
    private final FcnHead head;
    private final Module trained = new Module("segmentation");

    /// @param encoder for images of the size at hand
    public Segmentation(Config config, Vit encoder) {
        this.config = config;
        this.encoder = trained.register_module("encoder", encoder);
        FcnHead fresh = new FcnHead(config.head, encoder.shape().width(), config.known());
        head = trained.register_module("head", fresh);
    }

    @Override
    public Masked batch(Examples of) {
        return new Masked(of.views().getFirst(), of.masks().getFirst());
    }

    @Override
    public Loss loss(Masked batch, Progress at) {
        Tensor map = encoder.map(batch.pixels()); // [B, D, G, U]
        ChannelDropout dropout = new ChannelDropout(config.dropout, DROPOUT, at);
        Tensor scores = HEADS.of(() -> head.forward(map, dropout::of)); // [B, K, G, U]
        return LOSS.of(() -> loss(scores.to(batch.pixels().scalar_type()), batch.labels(), map));
    }

    /// Of scores `[B, K, G, U]`, labels `[B, H, W]` and features `[B, D, G, U]`.
    private Loss loss(Tensor scores, Tensor labels, Tensor map) {
        PixelLoss pixels = PixelLoss.of(scores, labels, config.average);
        Tensor middle = map.select(3, map.size(3) / 2).select(2, map.size(2) / 2); // [B, D]
        return new Loss(pixels.mean(), Map.of("accuracy", pixels.accuracy()), middle);
    }

    /// A score for each class at each pixel, without dropout, batch norm by what it saw.
    ///
    /// @param pixels `[B, 3, H, W]`, normalised; both sides are multiples of the patch
    /// @return `[B, K, H, W]`
    public Tensor predict(Tensor pixels) {
        Tensor map = encoder.map(pixels); // [B, D, G, U]
        Tensor scores = head.predict(map).to(pixels.scalar_type()); // [B, K, G, U]
        return bilinear(scores, pixels.size(2), pixels.size(3)); // [B, K, H, W]
    }

    @Override
    public Evaluation evaluation(Evaluation.Data on) {
        return new SegmentationEvaluation(this, config, on);
    }

    @Override
    public Module trained() {
        return trained;
    }

    @Override
    public boolean decays(String parameter, long dimensions) {
        return config.transfer.decays(parameter, dimensions);
    }

    @Override
    public Vit encoder() {
        return encoder;
    }
}
