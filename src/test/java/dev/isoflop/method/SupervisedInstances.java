package dev.isoflop.method;

import dev.isoflop.budget.Precision;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Labelled.Labels;
import dev.isoflop.train.Labelled.Unlabelled;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Classifiers for the contract: chosen corners, and sizes drawn at random.
final class SupervisedInstances {

    private SupervisedInstances() {}

    static List<Instance<?>> all(long seed) {
        List<Instance<?>> all = new ArrayList<>();
        VitShape small = new VitShape(64, 3, 4, 8, 32);
        Supervised.Config ten = Supervised.Config.DEFAULT.withClasses(10);
        all.add(of(ten, small, 4, 4, Precision.F32));
        all.add(of(ten, small, 5, 2, Precision.BF16));
        all.add(of(Supervised.Config.DEFAULT.withClasses(1), small, 1, 1, Precision.F32));
        all.add(
                of(
                        Supervised.Config.DEFAULT.withClasses(1000),
                        VitShape.of("Ti/16", 96),
                        2,
                        2,
                        Precision.F32));
        all.add(of(new Supervised.Config(7, 1, 0, 0, Unlabelled.SKIP), small, 6, 4, Precision.F32));
        Random random = new Random(seed);
        for (int i = 0; i < 6; i++) {
            VitShape shape = Shapes.random(random, 1 + random.nextInt(4));
            int batch = 1 + random.nextInt(6);
            Supervised.Config config =
                    new Supervised.Config(
                            1 + random.nextInt(50),
                            1 + random.nextInt(8),
                            0.2 * random.nextDouble(),
                            0.3 * random.nextDouble(),
                            Unlabelled.REFUSE);
            all.add(of(config, shape, batch, 1 + random.nextInt(batch), Precision.F32));
        }
        return all;
    }

    private static Instance<Labelled> of(
            Supervised.Config config, VitShape shape, int batch, int atOnce, Precision precision) {
        int side = shape.image();
        return new Instance<>(
                config,
                shape,
                batch,
                atOnce,
                precision,
                () -> new Supervised(config, shape),
                n -> new Labelled(torch.rand(n, 3, side, side), labels(config, n)));
    }

    /// One label, two, three and none but where that is refused, and so on.
    private static List<Labels> labels(Supervised.Config config, int images) {
        int least = config.unlabelled() == Unlabelled.REFUSE ? 1 : 0;
        List<Labels> all = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            List<Integer> classes = new ArrayList<>();
            for (int j = 0; j < Math.max(least, (i + 1) % 4); j++) {
                classes.add((5 * i + 3 * j) % config.classes());
            }
            all.add(new Labels("image " + i, classes));
        }
        return all;
    }
}
