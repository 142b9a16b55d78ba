package dev.isoflop.cli;

import dev.isoflop.budget.Precision;
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
import dev.isoflop.train.Crops;
import dev.isoflop.train.Images;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Pair;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;

/// One real step of a method on random images, under the observer.
///
/// @param config which method
/// @param shape its encoder
/// @param batch images of the step
/// @param precision of matrix products
/// @param chakra where the execution trace is kept, if it is
record Rehearsal(
        Method.Config config,
        VitShape shape,
        int batch,
        Precision precision,
        @Nullable Path chakra) {

    private static final int AT_ONCE = 8;

    /// Images at once.
    int atOnce() {
        return Math.min(batch, AT_ONCE);
    }

    /// Takes the step.
    Trace trace() {
        LibTorch.load(precision);
        return switch (config) {
            case Mae.Config mae -> trace(new Mae(mae, shape), n -> new Images(images(n)));
            case Dino.Config dino -> trace(new Dino(dino, shape), n -> crops(n, dino));
            case SimClr.Config simClr -> trace(new SimClr(simClr, shape), this::pair);
            case Byol.Config byol -> trace(new Byol(byol, shape), this::pair);
            case Supervised.Config supervised ->
                    trace(new Supervised(supervised, shape), this::labelled);
            case Clip.Config clip -> trace(new Clip(clip, shape), n -> captioned(n, clip.text()));
        };
    }

    private Tensor images(int n) {
        return torch.rand(n, 3, shape.image(), shape.image());
    }

    private Crops crops(int n, Dino.Config dino) {
        List<Tensor> views = new ArrayList<>();
        for (Showing showing : dino.views(shape.image())) {
            for (int i = 0; i < showing.times(); i++) {
                long side = showing.view().size();
                views.add(torch.rand(n, 3, side, side)); // [B, 3, s, s]
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

    private <B> Trace trace(Learner<B> learner, IntFunction<B> random) {
        Loop.Settings settings =
                new Loop.Settings(batch, atOnce(), precision, config.optimisation(), 0);
        Loop<B> loop = new Loop<>(learner, settings, Engine.device("cpu"));
        Batches<B> batches = Batches.of(random);
        Progress middle = new Progress(1, 1000, 0, 0); // where no spread is measured
        Runnable step = () -> loop.step(batches, middle);
        return chakra == null ? Trace.of(step) : Trace.of(step, chakra);
    }
}
