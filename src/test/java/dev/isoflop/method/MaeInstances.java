package dev.isoflop.method;

import dev.isoflop.budget.Precision;
import dev.isoflop.train.Images;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Masked autoencoders for the contract: chosen corners, and sizes drawn at random.
final class MaeInstances {

    private MaeInstances() {}

    static List<Instance<?>> all(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        DecoderShape tiny = new DecoderShape(32, 1, 4);
        DecoderShape deep = new DecoderShape(48, 3, 6);
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        for (double ratio : new double[] {0.55, 0.65, 0.75, 0.85}) {
            all.add(of(new Mae.Config(ratio, tiny, true), small, 4, 4, Precision.F32));
        }
        all.add(of(new Mae.Config(0.75, deep, false), small, 6, 2, Precision.F32));
        all.add(of(new Mae.Config(0.75, deep, true), small, 5, 2, Precision.BF16));
        all.add(of(new Mae.Config(0.75, deep, true), small, 1, 1, Precision.F32));
        all.add(of(Mae.Config.DEFAULT, VitShape.of("Ti/16", 96), 2, 2, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            int heads = 1 + random.nextInt(4);
            VitShape shape = Shapes.random(random, heads);
            DecoderShape decoder = new DecoderShape(24 * heads, 1 + random.nextInt(3), heads);
            double ratio = 0.3 + 0.4 * random.nextDouble();
            int batch = 1 + random.nextInt(6);
            Mae.Config mae = new Mae.Config(ratio, decoder, random.nextBoolean());
            all.add(of(mae, shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    private static Instance<Images> of(
            Mae.Config mae, VitShape shape, int batch, int atOnce, Precision precision) {
        int side = shape.image();
        return new Instance<>(
                mae,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Mae(mae, shape),
                n -> new Images(torch.rand(n, 3, side, side)));
    }
}
