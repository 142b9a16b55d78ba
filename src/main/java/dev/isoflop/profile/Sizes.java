package dev.isoflop.profile;

import dev.isoflop.method.Method;
import dev.isoflop.method.ScalablePart;
import dev.isoflop.vit.Scalable;
import dev.isoflop.vit.Scalable.Size;
import dev.isoflop.vit.VitShape;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The sizes of a step that its bill is a polynomial in, and the steps of other sizes that are
/// otherwise alike: those of the batch and of the encoder, and of what else the method has.
///
/// Everything else stays as it is: image, patch, views, settings, optimiser, precision.
///
/// @param step whose sizes they are
record Sizes(TracedStep step) {

    private Optional<Scalable> part() {
        return step.config().scalable().map(ScalablePart::shape);
    }

    /// The value of every size; 1 where the method has no such size.
    public Map<Size, Long> values() {
        Map<Size, Long> values = new EnumMap<>(Size.class);
        for (Size size : Size.values()) {
            values.put(size, 1L);
        }
        values.put(Size.MICRO_BATCHES, (long) Math.ceilDiv(step.batch(), step.microBatch()));
        values.put(Size.MICRO_BATCH, (long) step.microBatch());
        values.put(Size.BATCH, (long) step.batch());
        values.put(Size.HEADS, (long) step.shape().heads());
        values.put(Size.HEAD_WIDTH, (long) step.shape().width() / step.shape().heads());
        values.put(Size.DEPTH, (long) step.shape().depth());
        part().ifPresent(part -> values.putAll(part.sizes()));
        return values;
    }

    /// The same step at other sizes.
    ///
    /// @param v as from {@link #values}
    public TracedStep at(Map<Size, Long> v) {
        VitShape old = step.shape();
        int heads = Scalable.count(v, Size.HEADS);
        int width = Scalable.count(v, Size.HEAD_WIDTH) * heads;
        int depth = Scalable.count(v, Size.DEPTH);
        Method.Config config =
                step.config().scalable().map(part -> part.at().apply(v)).orElse(step.config());
        return new TracedStep(
                config,
                new VitShape(width, depth, heads, old.patch(), old.image()),
                Scalable.count(v, Size.BATCH),
                Scalable.count(v, Size.MICRO_BATCH),
                step.precision(),
                step.optimisation());
    }

    /// The width of each head of a decoder.
    public int widthPerSecondHead() {
        return part().map(Scalable::widthPerHead).orElse(1);
    }

    /// Whether every image is compared with every other: its price then depends on the batch.
    public boolean compares() {
        return !step.config()
                .perImage(step.shape(), 2)
                .flops()
                .equals(step.config().perImage(step.shape(), 3).flops());
    }

    /// The monomials that may occur in a bill beside micro-batches and batch, each as a list of
    /// sizes: those of the encoder, alone, and of what else the method has.
    public List<List<Size>> monomials() {
        List<List<Size>> all = new ArrayList<>();
        for (List<Size> blocks : List.of(List.<Size>of(), List.of(Size.DEPTH))) {
            all.add(blocks);
            all.add(with(blocks, Size.HEADS));
            all.add(with(blocks, Size.HEADS, Size.HEAD_WIDTH));
            all.add(with(blocks, Size.HEADS, Size.HEAD_WIDTH, Size.HEADS, Size.HEAD_WIDTH));
        }
        part().ifPresent(part -> all.addAll(part.monomials()));
        return all;
    }

    private static List<Size> with(List<Size> some, Size... more) {
        List<Size> all = new ArrayList<>(some);
        all.addAll(List.of(more));
        return all;
    }
}
