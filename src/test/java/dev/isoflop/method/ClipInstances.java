package dev.isoflop.method;

import dev.isoflop.budget.Precision;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Captioned;
import dev.isoflop.vit.TextShape;
import dev.isoflop.vit.TextShape.Pool;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// CLIP for the contract: chosen corners, and sizes drawn at random.
final class ClipInstances {

    private ClipInstances() {}

    static List<Instance<?>> all(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        Clip.Config usual = config(text(Pool.MEAN), Vit.Pool.CLASS_TOKEN);
        for (Pool pool : Pool.values()) {
            all.add(of(config(text(pool), Vit.Pool.CLASS_TOKEN), small, 4, 4, Precision.F32));
        }
        all.add(of(config(text(Pool.MEAN), Vit.Pool.MEAN_OF_PATCHES), small, 4, 3, Precision.F32));
        all.add(of(usual, small, 6, 2, Precision.F32));
        all.add(of(usual, small, 5, 2, Precision.BF16));
        all.add(of(usual, small, 5, 5, Precision.BF16));
        all.add(of(usual, small, 1, 1, Precision.F32));
        all.add(of(Clip.Config.DEFAULT, VitShape.of("Ti/16", 64), 2, 2, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            int heads = 1 + random.nextInt(4);
            int tokens = 2 + random.nextInt(12);
            TextShape text =
                    new TextShape(
                            heads * (4 + random.nextInt(20)),
                            1 + random.nextInt(3),
                            heads,
                            1 + random.nextInt(90),
                            2 + random.nextInt(300),
                            tokens + random.nextInt(9),
                            tokens,
                            List.of(Pool.values()).get(random.nextInt(3)));
            Vit.Pool pool = List.of(Vit.Pool.values()).get(random.nextInt(2));
            Clip.Config clip = new Clip.Config(text, 1 + random.nextInt(70), pool, 0.07);
            int batch = 1 + random.nextInt(6);
            VitShape shape = Shapes.random(random, 1 + random.nextInt(4));
            all.add(of(clip, shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    /// A small tower of the odd kind: no two of its sizes are alike.
    static TextShape text(Pool pool) {
        return new TextShape(24, 2, 3, 80, 40, 16, 11, pool);
    }

    static Clip.Config config(TextShape text, Vit.Pool pool) {
        return new Clip.Config(text, 36, pool, 0.07);
    }

    /// Random images with captions of random lengths.
    static Captioned captioned(int n, TextShape text, int side) {
        TensorOptions whole = Ops.options(new Device("cpu"), ScalarType.Long);
        Tensor ids = torch.randint(text.vocabulary(), new long[] {n, text.maxTokens()}, whole);
        Tensor lengths = torch.randint(1, text.maxTokens() + 1, new long[] {n}, whole);
        return new Captioned(torch.rand(n, 3, side, side), ids, lengths);
    }

    private static Instance<Captioned> of(
            Clip.Config clip, VitShape shape, int batch, int atOnce, Precision precision) {
        return new Instance<>(
                clip,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Clip(clip, shape),
                n -> captioned(n, clip.text(), shape.image()));
    }
}
