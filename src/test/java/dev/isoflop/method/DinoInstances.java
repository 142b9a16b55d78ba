package dev.isoflop.method;

import dev.isoflop.budget.Precision;
import dev.isoflop.train.Crops;
import dev.isoflop.vit.DinoHeadShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// DINO for the contract: chosen corners, and sizes drawn at random.
final class DinoInstances {

    static final DinoHeadShape HEAD = new DinoHeadShape(40, 16, 96);

    private DinoInstances() {}

    static List<Instance<?>> all(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        for (int locals : new int[] {0, 2, 10}) {
            all.add(of(config(HEAD, locals, 16, true), small, 3, 3, Precision.F32));
        }
        all.add(of(config(HEAD, 2, 16, true), small, 5, 2, Precision.F32));
        all.add(of(config(HEAD, 3, 24, false), small, 5, 2, Precision.BF16));
        all.add(of(config(HEAD, 2, 32, true), small, 1, 1, Precision.F32));
        all.add(of(config(HEAD, 1, 48, true), small, 2, 2, Precision.F32));
        all.add(of(config(HEAD, 0, 3, true), small, 2, 1, Precision.F32));
        all.add(of(Dino.Config.DEFAULT, VitShape.of("Ti/32", 224), 1, 1, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            int heads = 1 + random.nextInt(4);
            VitShape shape = Shapes.random(random, heads);
            int bottleneck = 1 + random.nextInt(20);
            DinoHeadShape head =
                    new DinoHeadShape(8 + random.nextInt(40), bottleneck, 2 + random.nextInt(99));
            int side = shape.patch() * (1 + random.nextInt(5));
            int batch = 1 + random.nextInt(5);
            Dino.Config dino = config(head, random.nextInt(5), side, random.nextBoolean());
            all.add(of(dino, shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    static Dino.Config config(DinoHeadShape head, int locals, int side, boolean teacher) {
        return new Dino.Config(head, locals, side, Distillation.DEFAULT, teacher);
    }

    static Instance<Crops> of(
            Dino.Config dino, VitShape shape, int batch, int atOnce, Precision precision) {
        return new Instance<>(
                dino,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Dino(dino, shape),
                n ->
                        new Crops(
                                random(2, n, shape.image()),
                                random(dino.localViews(), n, dino.localSize())));
    }

    private static List<Tensor> random(int views, int n, int side) {
        return IntStream.range(0, views).mapToObj(_ -> torch.rand(n, 3, side, side)).toList();
    }
}
