package dev.isoflop.method;

import dev.isoflop.budget.Precision;
import dev.isoflop.train.Pair;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Contrastive learners for the contract: chosen corners, and sizes drawn at random.
final class SimClrInstances {

    private SimClrInstances() {}

    static List<Instance<?>> all(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        MlpShape three = MlpShape.simClr(0, 16, 3);
        all.add(of(token(three), small, 4, 4, Precision.F32));
        all.add(of(token(three), small, 6, 2, Precision.F32));
        all.add(of(token(MlpShape.simClr(40, 24, 2)), small, 5, 1, Precision.F32));
        all.add(of(token(MlpShape.simClr(40, 24, 1)), small, 2, 2, Precision.F32));
        all.add(of(token(three), small, 5, 5, Precision.BF16));
        all.add(of(token(three), small, 5, 2, Precision.BF16));
        all.add(
                of(
                        new SimClr.Config(0.5, Vit.Pool.MEAN_OF_PATCHES, three),
                        small,
                        3,
                        2,
                        Precision.F32));
        all.add(of(SimClr.Config.DEFAULT, VitShape.of("Ti/16", 64), 3, 3, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            VitShape shape = Shapes.random(random, 1 + random.nextInt(4));
            int hidden = random.nextInt(50);
            int out = 4 + random.nextInt(40);
            MlpShape projector = MlpShape.simClr(hidden, out, 1 + random.nextInt(3));
            int batch = 2 + random.nextInt(6);
            all.add(of(token(projector), shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    private static SimClr.Config token(MlpShape projector) {
        return new SimClr.Config(0.1, Vit.Pool.CLASS_TOKEN, projector);
    }

    private static Instance<Pair> of(
            SimClr.Config simClr, VitShape shape, int batch, int atOnce, Precision precision) {
        return new Instance<>(
                simClr,
                shape,
                batch,
                atOnce,
                precision,
                () -> new SimClr(simClr, shape),
                n -> Pairs.random(n, shape));
    }
}
