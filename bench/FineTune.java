import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.method.Supervised;
import dev.isoflop.task.MeanIoU;
import dev.isoflop.task.Segmentation;
import dev.isoflop.task.Tuning;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Masked;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;

/// Which share of this machine's own matrix-product rate a fine-tuning step reaches (segmentation,
/// ViT-B/16, images of 512, 150 classes), beside a pre-training step of the same encoder at 224, in
/// turn; and how long mean IoU over 2,000 maps of 512 x 512 with 150 classes takes.
///
///     java -cp 'target/isoflop.jar:target/lib/*' bench/FineTune.java f32|bf16 [rounds]      # 0: mean IoU alone
final class FineTune {

    private static final int CLASSES = 150;
    private static final int MAPS = 2000;
    private static final int SIDE = 512;
    private static final int WARM = 4; // steps until memory that is freed is enough for the next

    /// A loop, its batches and the price of a step.
    private record Case<B>(String name, Loop<B> loop, Batches<B> batches, double flops) {

        static <B> Case<B> of(
                String name,
                Learner<B> learner,
                Optimisation optimisation,
                Precision precision,
                Work perImage,
                int batch,
                IntFunction<B> random) {
            Loop.Settings settings = new Loop.Settings(batch, batch, precision, optimisation, 0);
            Loop<B> loop = new Loop<>(learner, settings, new Device("cpu"));
            return new Case<>(name, loop, Batches.of(random), perImage.exact() * (double) batch);
        }

        /// The share of the peak that one step reaches.
        double share(Precision precision) {
            double peak = Engine.peak(new Device("cpu"), precision);
            return flops / loop.step(batches, new Progress(1, 100_000, 0, 0)).seconds() / peak;
        }
    }

    public static void main(String[] arguments) {
        Precision precision = Precision.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        LibTorch.load(precision);
        if (rounds > 0) {
            steps(precision, rounds);
        }
        meanIoU();
    }

    private static void steps(Precision precision, int rounds) {
        VitShape small = VitShape.of("B/16", 224);
        VitShape large = small.at(SIDE);
        Supervised.Config classes = Supervised.Config.DEFAULT.withClasses(1000);
        Segmentation.Config pixels = Segmentation.Config.DEFAULT.withClasses(CLASSES);
        Labelled.Labels first = new Labelled.Labels("random", List.of(0));
        List<Case<?>> cases =
                List.of(
                        Case.of(
                                "pre-training, supervised, 224, batch 8",
                                new Supervised(classes, small),
                                classes.optimisation(),
                                precision,
                                classes.perImage(small, 8),
                                8,
                                n ->
                                        new Labelled(
                                                torch.rand(n, 3, 224, 224),
                                                Collections.nCopies(n, first))),
                        Case.of(
                                "fine-tuning, segmentation, 512, batch 1",
                                new Segmentation(
                                        pixels,
                                        new Vit(
                                                large,
                                                Positions.SINE_COSINE,
                                                Vit.Pool.CLASS_TOKEN)),
                                Tuning.of(Optional.of("mae")),
                                precision,
                                pixels.perImage(large),
                                1,
                                n ->
                                        new Masked(
                                                torch.rand(n, 3, SIDE, SIDE),
                                                torch.zeros(n, SIDE, SIDE).to(ScalarType.Long))));
        double[][] shares = new double[cases.size()][rounds];
        for (int step = 0; step < WARM; step++) {
            cases.forEach(c -> c.share(precision));
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < cases.size(); i++) {
                shares[i][round] = cases.get(i).share(precision);
            }
        }
        for (int i = 0; i < cases.size(); i++) {
            Arrays.sort(shares[i]);
            System.out.printf(
                    Locale.ROOT,
                    "%-40s %s: share of peak %.1f%% (%.1f to %.1f)%n",
                    cases.get(i).name,
                    precision.name().toLowerCase(Locale.ROOT),
                    100 * shares[i][rounds / 2],
                    100 * shares[i][0],
                    100 * shares[i][rounds - 1]);
        }
    }

    private static void meanIoU() {
        Random random = new Random(1);
        byte[][] maps = new byte[8][SIDE * SIDE];
        for (byte[] map : maps) {
            for (int i = 0; i < map.length; i++) { // runs, as in real maps
                map[i] = i % 16 != 0 ? map[i - 1] : (byte) random.nextInt(CLASSES);
            }
        }
        long start = System.nanoTime();
        MeanIoU judge = new MeanIoU(CLASSES);
        for (int i = 0; i < MAPS; i++) {
            judge.add(maps[i % 8], maps[(i + 1 + i / 8) % 8]);
        }
        double mean = judge.figures().meanIoU();
        System.out.printf(
                Locale.ROOT,
                "mean IoU of %,d maps of %d x %d, %d classes: %.2f s (%.4f)%n",
                MAPS,
                SIDE,
                SIDE,
                CLASSES,
                (System.nanoTime() - start) / 1e9,
                mean);
    }
}
