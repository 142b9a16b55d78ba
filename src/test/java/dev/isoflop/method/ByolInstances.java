package dev.isoflop.method;

import dev.isoflop.budget.Precision;
import dev.isoflop.train.Pair;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Bootstrapping learners for the contract: chosen corners, and sizes drawn at random.
final class ByolInstances {

    private ByolInstances() {}

    static List<Instance<?>> all(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        MlpShape head = MlpShape.byol(40, 12);
        all.add(of(token(head), small, 4, 4, Precision.F32));
        all.add(of(token(head), small, 6, 2, Precision.F32));
        all.add(of(token(head), small, 5, 1, Precision.F32));
        all.add(of(token(MlpShape.byol(0, 12)), small, 2, 2, Precision.F32));
        all.add(of(token(head), small, 5, 5, Precision.BF16));
        all.add(of(token(head), small, 5, 2, Precision.BF16));
        all.add(
                of(
                        new Byol.Config(0.9, false, Vit.Pool.MEAN_OF_PATCHES, head),
                        small,
                        3,
                        2,
                        Precision.F32));
        all.add(of(Byol.Config.DEFAULT, VitShape.of("Ti/16", 64), 3, 3, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            VitShape shape = Shapes.random(random, 1 + random.nextInt(4));
            MlpShape drawn = MlpShape.byol(random.nextInt(50), 4 + random.nextInt(40));
            int batch = 2 + random.nextInt(6);
            all.add(of(token(drawn), shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    private static Byol.Config token(MlpShape projector) {
        return new Byol.Config(0.99, true, Vit.Pool.CLASS_TOKEN, projector);
    }

    private static Instance<Pair> of(
            Byol.Config byol, VitShape shape, int batch, int atOnce, Precision precision) {
        return new Instance<>(
                byol,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Byol(byol, shape),
                n -> Pairs.random(n, shape));
    }
}
