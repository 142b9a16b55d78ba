package dev.isoflop.profile;

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
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Captioned;
import dev.isoflop.train.Crops;
import dev.isoflop.train.Images;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Pair;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;

/// A method with random batches that it can learn from: what a step costs does not depend on what
/// the images show.
///
/// @param <B> what its batches are made of
/// @param learner of random weights
/// @param batch of so many random images
record SyntheticExamples<B>(Learner<B> learner, IntFunction<B> batch) {

    /// The method that these settings describe.
    ///
    /// @param precision whose format the images have
    public static SyntheticExamples<?> of(
            Method.Config config, VitShape shape, Precision precision) {
        Random random = new Random(shape.image(), precision);
        return switch (config) {
            case Mae.Config mae ->
                    new SyntheticExamples<>(new Mae(mae, shape), n -> new Images(random.images(n)));
            case Dino.Config dino ->
                    new SyntheticExamples<>(new Dino(dino, shape), n -> random.crops(n, dino));
            case SimClr.Config simClr ->
                    new SyntheticExamples<>(new SimClr(simClr, shape), random::pair);
            case Byol.Config byol -> new SyntheticExamples<>(new Byol(byol, shape), random::pair);
            case Supervised.Config supervised ->
                    new SyntheticExamples<>(new Supervised(supervised, shape), random::labelled);
            case Clip.Config clip ->
                    new SyntheticExamples<>(
                            new Clip(clip, shape), n -> random.captioned(n, clip.text()));
        };
    }

    /// Noise in the shape of batches.
    ///
    /// @param image side in pixels
    private record Random(int image, Precision precision) {

        public Tensor images(int n) {
            return pixels(n, image);
        }

        private Tensor pixels(int n, long side) {
            TensorOptions format = Ops.options(new Device("cpu"), Engine.parameterType(precision));
            return torch.rand(new long[] {n, 3, side, side}, format); // [B, 3, s, s]
        }

        public Crops crops(int n, Dino.Config dino) {
            List<Tensor> views = new ArrayList<>();
            for (Showing showing : dino.views(image)) {
                for (int i = 0; i < showing.times(); i++) {
                    views.add(pixels(n, showing.view().size()));
                }
            }
            return Crops.of(views);
        }

        public Pair pair(int n) {
            return new Pair(images(n), images(n));
        }

        /// Each of the first class.
        public Labelled labelled(int n) {
            Labelled.Labels first = new Labelled.Labels("random", List.of(0));
            return new Labelled(images(n), Collections.nCopies(n, first));
        }

        /// Each with a caption of random tokens.
        public Captioned captioned(int n, TextShape text) {
            TensorOptions whole = Ops.options(new Device("cpu"), ScalarType.Long);
            long[] tokens = {n, text.maxTokens()};
            Tensor ids = torch.randint(text.vocabulary(), tokens, whole); // [B, T]
            Tensor lengths = torch.randint(1, text.maxTokens() + 1, new long[] {n}, whole); // [B]
            return new Captioned(images(n), ids, lengths);
        }
    }
}
