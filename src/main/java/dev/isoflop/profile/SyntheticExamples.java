package dev.isoflop.profile;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.loader.Item;
import dev.isoflop.image.Showing;
import dev.isoflop.method.Method;
import dev.isoflop.text.Tokens;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Examples;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Random examples that a method can learn from: what a step costs does not depend on what the
/// images show.
///
/// Each shows noise, is of the first class, and has a caption of random tokens if the method reads
/// any.
///
/// @param config of the method
/// @param shape of its encoder
/// @param precision whose format the images have
record SyntheticExamples(Method.Config config, VitShape shape, Precision precision) {

    private static final long SEED = 0; // of the captions

    /// So many of them, on the CPU.
    public Examples of(int n) {
        TensorOptions format = Ops.options(new Device("cpu"), Engine.parameterType(precision));
        List<Tensor> views = new ArrayList<>();
        for (Showing showing : config.views(shape.image())) {
            long side = showing.view().size();
            for (int i = 0; i < showing.times(); i++) {
                views.add(torch.rand(new long[] {n, 3, side, side}, format)); // [B, 3, s, s]
            }
        }
        Item first = new Item(0, "random", List.of(0), List.of(), List.of(), Optional.empty());
        Random random = new Random(SEED);
        List<Tokens> captions = new ArrayList<>();
        config.textTower()
                .ifPresent(text -> {
                    for (int i = 0; i < n; i++) {
                        captions.add(caption(text, random));
                    }
                });
        return new Examples(views, List.of(), Collections.nCopies(n, first), captions);
    }

    private static Tokens caption(TextShape text, Random random) {
        int[] ids = random.ints(text.maxTokens(), 0, text.vocabulary()).toArray();
        return new Tokens(ids, random.nextInt(1, text.maxTokens() + 1));
    }
}
