package dev.isoflop.profile;

import dev.isoflop.method.Byol;
import dev.isoflop.method.Clip;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Mae;
import dev.isoflop.method.Method;
import dev.isoflop.method.SimClr;
import dev.isoflop.method.Supervised;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.DinoHeadShape;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.VitShape;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The sizes of a step that its bill is a polynomial in, and the steps of other sizes that are
/// otherwise alike.
///
/// Everything else stays as it is: image, patch, views, settings, optimiser, precision.
///
/// @param step whose sizes they are
record Sizes(TracedStep step) {

    /// What varies. A step's bill has at most the degree that is said.
    public enum Size {
        /// Cuts of the batch, degree 1.
        CUTS,
        /// Images of the largest cut: in place of the number of cuts where memory is concerned.
        AT_ONCE,
        /// Images, degree 1; 2 in the loss of methods that compare them.
        BATCH,
        /// Heads of the encoder: degree 1 by themselves, 2 with their width.
        HEADS,
        /// Width of each of them; the encoder's width is the product: degree 2.
        HEAD_WIDTH,
        /// Blocks of the encoder, degree 1.
        DEPTH,
        /// Blocks of the decoder or of the text tower, degree 1.
        SECOND_DEPTH,
        /// Heads of the decoder, at constant width a head: degree 2.
        SECOND_HEADS,
        /// Width of a head's hidden layers: degree 2 if there are several, else 1.
        HIDDEN,
        /// Prototypes of DINO, or the vocabulary of captions: degree 1.
        WORDS
    }

    /// The value of every size; 1 where the method has no such size.
    public Map<Size, Long> values() {
        Map<Size, Long> values = new EnumMap<>(Size.class);
        for (Size size : Size.values()) {
            values.put(size, 1L);
        }
        values.put(Size.CUTS, (long) Math.ceilDiv(step.batch(), step.atOnce()));
        values.put(Size.AT_ONCE, (long) step.atOnce());
        values.put(Size.BATCH, (long) step.batch());
        values.put(Size.HEADS, (long) step.shape().heads());
        values.put(Size.HEAD_WIDTH, (long) step.shape().width() / step.shape().heads());
        values.put(Size.DEPTH, (long) step.shape().depth());
        switch (step.config()) {
            case Mae.Config mae -> {
                values.put(Size.SECOND_DEPTH, (long) mae.decoder().depth());
                values.put(Size.SECOND_HEADS, (long) mae.decoder().heads());
            }
            case Clip.Config clip -> {
                values.put(Size.SECOND_DEPTH, (long) clip.text().depth());
                values.put(Size.WORDS, (long) clip.text().vocabulary());
            }
            case Dino.Config dino -> {
                values.put(Size.HIDDEN, (long) dino.head().headWidth());
                values.put(Size.WORDS, (long) dino.head().prototypes());
            }
            case Byol.Config byol -> values.put(Size.HIDDEN, (long) byol.projector().hidden());
            case SimClr.Config simClr ->
                    values.put(Size.HIDDEN, (long) simClr.projector().hidden());
            case Supervised.Config _ -> {}
        }
        return values;
    }

    /// The same step at other sizes.
    ///
    /// @param v as from {@link #values}
    public TracedStep at(Map<Size, Long> v) {
        VitShape old = step.shape();
        int heads = of(v, Size.HEADS);
        int width = of(v, Size.HEAD_WIDTH) * heads;
        VitShape shape = new VitShape(width, of(v, Size.DEPTH), heads, old.patch(), old.image());
        return new TracedStep(
                config(v),
                shape,
                of(v, Size.BATCH),
                of(v, Size.AT_ONCE),
                step.precision(),
                step.optimisation());
    }

    private Method.Config config(Map<Size, Long> v) {
        return switch (step.config()) {
            case Mae.Config mae -> {
                DecoderShape old = mae.decoder();
                int heads = of(v, Size.SECOND_HEADS);
                int width = old.width() / old.heads() * heads;
                DecoderShape decoder = new DecoderShape(width, of(v, Size.SECOND_DEPTH), heads);
                yield new Mae.Config(mae.maskRatio(), decoder, mae.normalisePixels());
            }
            case Clip.Config clip -> {
                TextShape old = clip.text();
                TextShape text =
                        new TextShape(
                                old.width(),
                                of(v, Size.SECOND_DEPTH),
                                old.heads(),
                                old.hidden(),
                                of(v, Size.WORDS),
                                old.positions(),
                                old.maxTokens(),
                                old.pool());
                yield new Clip.Config(text, clip.jointWidth(), clip.feature(), clip.temperature());
            }
            case Dino.Config dino ->
                    new Dino.Config(
                            new DinoHeadShape(
                                    of(v, Size.HIDDEN),
                                    dino.head().bottleneck(),
                                    of(v, Size.WORDS)),
                            dino.localViews(),
                            dino.localSize(),
                            dino.distillation(),
                            dino.handsOnTeacher());
            case Byol.Config byol ->
                    new Byol.Config(
                            byol.targetDecay(),
                            byol.targetDecayRises(),
                            byol.feature(),
                            hidden(byol.projector(), v));
            case SimClr.Config simClr ->
                    new SimClr.Config(
                            simClr.temperature(), simClr.feature(), hidden(simClr.projector(), v));
            case Supervised.Config supervised -> supervised;
        };
    }

    private static MlpShape hidden(MlpShape old, Map<Size, Long> v) {
        return new MlpShape(
                of(v, Size.HIDDEN), old.out(), old.layers(), old.biased(), old.normed());
    }

    private static int of(Map<Size, Long> values, Size size) {
        return Math.toIntExact(Objects.requireNonNull(values.get(size)));
    }

    /// Whether every image is compared with every other.
    public boolean compares() {
        return switch (step.config()) {
            case Clip.Config _, SimClr.Config _ -> true;
            case Mae.Config _, Dino.Config _, Byol.Config _, Supervised.Config _ -> false;
        };
    }

    /// The monomials that may occur in a bill beside cuts and batch, each as a list of sizes: those
    /// of the encoder, alone, and of what else the method has, with what it is connected to.
    public List<List<Size>> monomials() {
        List<List<Size>> all = new ArrayList<>();
        for (List<Size> blocks : List.of(List.<Size>of(), List.of(Size.DEPTH))) {
            all.add(blocks);
            all.add(with(blocks, Size.HEADS));
            all.add(with(blocks, Size.HEADS, Size.HEAD_WIDTH));
            all.add(with(blocks, Size.HEADS, Size.HEAD_WIDTH, Size.HEADS, Size.HEAD_WIDTH));
        }
        switch (step.config()) {
            case Mae.Config _ -> {
                all.add(List.of(Size.SECOND_HEADS));
                all.add(List.of(Size.SECOND_HEADS, Size.SECOND_HEADS));
                all.add(List.of(Size.SECOND_HEADS, Size.HEADS, Size.HEAD_WIDTH));
                all.add(List.of(Size.SECOND_DEPTH));
                all.add(List.of(Size.SECOND_DEPTH, Size.SECOND_HEADS));
                all.add(List.of(Size.SECOND_DEPTH, Size.SECOND_HEADS, Size.SECOND_HEADS));
            }
            case Clip.Config _ -> {
                all.add(List.of(Size.SECOND_DEPTH));
                all.add(List.of(Size.WORDS));
            }
            case Dino.Config _ -> {
                all.add(List.of(Size.HIDDEN));
                all.add(List.of(Size.HIDDEN, Size.HIDDEN));
                all.add(List.of(Size.HIDDEN, Size.HEADS, Size.HEAD_WIDTH));
                all.add(List.of(Size.WORDS));
            }
            case Byol.Config _, SimClr.Config _ -> {
                all.add(List.of(Size.HIDDEN));
                all.add(List.of(Size.HIDDEN, Size.HIDDEN));
                all.add(List.of(Size.HIDDEN, Size.HEADS, Size.HEAD_WIDTH));
            }
            case Supervised.Config _ -> {}
        }
        return all;
    }

    private static List<Size> with(List<Size> some, Size... more) {
        List<Size> all = new ArrayList<>(some);
        all.addAll(List.of(more));
        return all;
    }
}
