package dev.isoflop.profile;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.image.Showing;
import dev.isoflop.method.Method;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.trace.Recording;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Clipping;
import dev.isoflop.train.Coupled;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// One real step of a method on random images, under the observer. The images are there before it
/// begins, as a loader has them.
///
/// @param config which method
/// @param shape its encoder
/// @param batch images of the step
/// @param microBatch images of it that are worked on at once
/// @param precision of matrix products
/// @param optimisation how it is updated
record TracedStep(
        Method.Config config,
        VitShape shape,
        int batch,
        int microBatch,
        Precision precision,
        Optimisation optimisation) {

    /// Where in a run a step is that stands for all: no spread is measured, and no layer is held
    /// still.
    static final Progress MID_RUN = new Progress(501, 1000, 0, 0);

    private static final double ALWAYS = 1e-30; // a norm that every gradient exceeds

    /// FLOPs of the step by formula, convention `matmul`: the price of its images.
    public BigInteger price() {
        return times(config.perImage(shape, batch));
    }

    /// FLOPs of forward passes that are recomputed because the batch does not fit at once.
    public BigInteger recomputed() {
        return microBatch < batch ? times(config.recomputed(shape)) : BigInteger.ZERO;
    }

    private BigInteger times(Work perImage) {
        return perImage.flops().multiply(BigInteger.valueOf(batch));
    }

    /// Takes the step.
    ///
    /// @param chakra where its execution trace is kept, if it is
    public Executed executed(Optional<Path> chakra) {
        Recorded taken = recorded();
        chakra.ifPresent(taken.recording::keep);
        return taken.executed();
    }

    /// What a step left behind: the recording of it, and what it holds.
    public record Recorded(Recording recording, Executed.Held held) {

        /// Reads the recording, and does away with it.
        public Executed executed() {
            try (recording) {
                return new Executed(recording.read().bill(), held);
            }
        }
    }

    /// Takes the step; what is made of its recording can wait.
    public Recorded recorded() {
        LibTorch.load(precision);
        try (PointerScope _ = new PointerScope()) {
            return step(config.build(shape));
        }
    }

    private <B> Recorded step(Learner<B> learner) {
        SyntheticExamples examples = new SyntheticExamples(config, shape, precision);
        Loop.Settings settings = new Loop.Settings(batch, microBatch, precision, clipping(), 0);
        Loop<B> loop = new Loop<>(learner, settings, Engine.device("cpu"));
        Map<Integer, B> ready = new HashMap<>();
        ready.put(microBatch, learner.batch(examples.of(microBatch)));
        int rest = batch % microBatch;
        if (rest > 0) {
            ready.put(rest, learner.batch(examples.of(rest)));
        }
        Batches<B> batches = Batches.of(n -> Objects.requireNonNull(ready.get(n)));
        Runnable step = () -> loop.step(batches, MID_RUN);
        boolean compared = learner instanceof Coupled<B> && microBatch < batch;
        return new Recorded(Recording.of(step), held(loop, compared ? batch : microBatch));
    }

    /// The update of a step whose gradients are too long, where the recipe clips: whether random
    /// ones are is chance.
    private Optimisation clipping() {
        return new Optimisation(
                optimisation.rate(),
                optimisation.optimiser(),
                optimisation.endWeightDecay(),
                optimisation.clipping().map(c -> new Clipping(ALWAYS, c.clipEach())));
    }

    /// @param shown images that are there at once: where all are compared, the whole batch
    private <B> Executed.Held held(Loop<B> loop, int shown) {
        long trained = bytes(loop.parameters().named().values());
        long gradients =
                bytes(
                        loop.parameters().named().values().stream()
                                .map(Tensor::grad)
                                .filter(Tensor::defined)
                                .toList());
        long all = 0;
        for (Map.Entry<String, Tensor> entry : loop.state().entrySet()) {
            all += bytes(List.of(entry.getValue()));
        }
        Tensor values = loop.parameters().values(); // flat, with zeros for alignment
        long remembered = loop.optimiserBytes();
        long optimiser = remembered / bytes(List.of(values)) * trained;
        long images = config.views(shape.image()).stream().mapToLong(this::pixelBytes).sum();
        return new Executed.Held(
                trained, all - trained - remembered, gradients, optimiser, images * shown);
    }

    /// Bytes of one image as it is shown.
    private long pixelBytes(Showing showing) {
        long side = showing.view().size();
        return 3L * side * side * showing.times() * (precision == Precision.F64 ? 8L : 4L);
    }

    private static long bytes(Iterable<Tensor> tensors) {
        long bytes = 0;
        for (Tensor tensor : tensors) {
            bytes += tensor.numel() * tensor.element_size();
        }
        return bytes;
    }
}
