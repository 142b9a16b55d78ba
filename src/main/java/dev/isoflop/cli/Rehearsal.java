package dev.isoflop.cli;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.image.Showing;
import dev.isoflop.method.Byol;
import dev.isoflop.method.Clip;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Mae;
import dev.isoflop.method.Method;
import dev.isoflop.method.SimClr;
import dev.isoflop.method.Supervised;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Trace;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Captioned;
import dev.isoflop.train.Clipping;
import dev.isoflop.train.Crops;
import dev.isoflop.train.Images;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Pair;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;

/// One real step of a method on random images, under the observer. The images are there before it
/// begins, as a loader has them.
///
/// @param config which method
/// @param shape its encoder
/// @param batch images of the step
/// @param atOnce images of a cut of it
/// @param precision of matrix products
/// @param optimisation how it is updated
record Rehearsal(
        Method.Config config,
        VitShape shape,
        int batch,
        int atOnce,
        Precision precision,
        Optimisation optimisation) {

    /// Where in a run the step is: no spread is measured, and no layer is held still.
    private static final Progress MIDDLE = new Progress(501, 1000, 0, 0);

    private static final double ALWAYS = 1e-30; // a norm that every gradient exceeds

    /// FLOPs of the step by formula, convention `matmul`: the price of its images.
    BigInteger price() {
        return times(config.perImage(shape, batch));
    }

    /// FLOPs of forward passes that run once more because the batch is cut.
    BigInteger again() {
        return atOnce < batch ? times(config.again(shape)) : BigInteger.ZERO;
    }

    private BigInteger times(Work perImage) {
        return perImage.flops().multiply(BigInteger.valueOf(batch));
    }

    /// Takes the step.
    ///
    /// @param chakra where its execution trace is kept, if it is
    Executed executed(Optional<Path> chakra) {
        return rehearsed(chakra).executed();
    }

    /// What a step left behind: the trace of it, and what it holds.
    record Rehearsed(Trace trace, Executed.Held held) {

        Executed executed() {
            return new Executed(trace.bill(), held);
        }
    }

    /// Takes the step; what is made of its trace can wait.
    Rehearsed rehearsed(Optional<Path> chakra) {
        LibTorch.load(precision);
        try (PointerScope _ = new PointerScope()) {
            return switch (config) {
                case Mae.Config mae ->
                        step(new Mae(mae, shape), n -> new Images(images(n)), chakra);
                case Dino.Config dino -> step(new Dino(dino, shape), n -> crops(n, dino), chakra);
                case SimClr.Config simClr -> step(new SimClr(simClr, shape), this::pair, chakra);
                case Byol.Config byol -> step(new Byol(byol, shape), this::pair, chakra);
                case Supervised.Config supervised ->
                        step(new Supervised(supervised, shape), this::labelled, chakra);
                case Clip.Config clip ->
                        step(new Clip(clip, shape), n -> captioned(n, clip.text()), chakra);
            };
        }
    }

    private Tensor images(int n) {
        return pixels(n, shape.image());
    }

    private Tensor pixels(int n, long side) {
        TensorOptions options = Ops.options(new Device("cpu"), Engine.parameterType(precision));
        return torch.rand(new long[] {n, 3, side, side}, options); // [B, 3, s, s]
    }

    private Crops crops(int n, Dino.Config dino) {
        List<Tensor> views = new ArrayList<>();
        for (Showing showing : dino.views(shape.image())) {
            for (int i = 0; i < showing.times(); i++) {
                views.add(pixels(n, showing.view().size()));
            }
        }
        return Crops.of(views);
    }

    private Pair pair(int n) {
        return new Pair(images(n), images(n));
    }

    /// Random images, each of the first class.
    private Labelled labelled(int n) {
        Labelled.Labels first = new Labelled.Labels("random", List.of(0));
        return new Labelled(images(n), Collections.nCopies(n, first));
    }

    /// Random images, each with a caption of random tokens.
    private Captioned captioned(int n, TextShape text) {
        TensorOptions whole = Ops.options(new Device("cpu"), ScalarType.Long);
        long[] tokens = {n, text.maxTokens()};
        Tensor ids = torch.randint(text.vocabulary(), tokens, whole); // [B, T]
        Tensor lengths = torch.randint(1, text.maxTokens() + 1, new long[] {n}, whole); // [B]
        return new Captioned(images(n), ids, lengths);
    }

    private <B> Rehearsed step(Learner<B> learner, IntFunction<B> random, Optional<Path> chakra) {
        Loop.Settings settings = new Loop.Settings(batch, atOnce, precision, clipping(), 0);
        Loop<B> loop = new Loop<>(learner, settings, Engine.device("cpu"));
        Map<Integer, B> ready = new HashMap<>();
        ready.put(atOnce, random.apply(atOnce));
        if (batch % atOnce > 0) {
            ready.put(batch % atOnce, random.apply(batch % atOnce));
        }
        Batches<B> batches = Batches.of(n -> Objects.requireNonNull(ready.get(n)));
        Runnable step = () -> loop.step(batches, MIDDLE);
        Trace trace = chakra.isEmpty() ? Trace.of(step) : Trace.of(step, chakra.get());
        return new Rehearsed(trace, held(loop));
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

    private <B> Executed.Held held(Loop<B> loop) {
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
                trained, all - trained - remembered, gradients, optimiser, images * atOnce);
    }

    /// Bytes of one image as it is shown.
    private long pixelBytes(Showing showing) {
        long side = config instanceof Dino.Config ? showing.view().size() : shape.image();
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
