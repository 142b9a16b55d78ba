import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.method.Byol;
import dev.isoflop.method.Clip;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Mae;
import dev.isoflop.method.Method;
import dev.isoflop.method.SimClr;
import dev.isoflop.method.Supervised;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Captioned;
import dev.isoflop.train.Crops;
import dev.isoflop.train.Images;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Pair;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Which share of this machine's own matrix-product rate a whole step of each method reaches at
/// ViT-S/16, 224, beside that of the encoder alone (a class token and a linear head). All are taken
/// in turn, each paired with a peak measured just before it.
///
///     java -cp 'target/isoflop.jar:target/lib/*' bench/Methods.java f32|bf16 [rounds] [batch]
final class Methods {

    private static final VitShape SHAPE = VitShape.of("S/16", 224);

    /// A step to be measured, and what was measured.
    private record Case(
            String name, double flops, Runnable step, List<Double> shares, List<Double> seconds) {}

    private static Precision precision = Precision.F32;
    private static int batch = 8;

    public static void main(String[] arguments) {
        precision = Precision.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        batch = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 8;
        LibTorch.load(precision);
        Device cpu = Engine.device("cpu");
        List<Case> cases = new ArrayList<>();
        cases.add(
                of(
                        "encoder only",
                        new Step.Classifier(SHAPE),
                        new Images(images()),
                        Step.Classifier.perImage(SHAPE)));
        cases.add(of(new Mae(Mae.Config.DEFAULT, SHAPE), new Images(images()), Mae.Config.DEFAULT));
        cases.add(of(new Dino(Dino.Config.DEFAULT, SHAPE), crops(), Dino.Config.DEFAULT));
        cases.add(of(new SimClr(SimClr.Config.DEFAULT, SHAPE), pair(), SimClr.Config.DEFAULT));
        cases.add(of(new Byol(Byol.Config.DEFAULT, SHAPE), pair(), Byol.Config.DEFAULT));
        cases.add(of(new Clip(Clip.Config.DEFAULT, SHAPE), captioned(), Clip.Config.DEFAULT));
        Supervised.Config supervised = Supervised.Config.DEFAULT.withClasses(1000);
        cases.add(of(new Supervised(supervised, SHAPE), labelled(), supervised));
        cases.forEach(c -> c.step.run());
        for (int round = 0; round < rounds; round++) {
            for (Case c : cases) {
                double peak = Engine.peak(cpu, precision);
                long start = System.nanoTime();
                c.step.run();
                double seconds = (System.nanoTime() - start) / 1e9;
                c.seconds.add(seconds);
                c.shares.add(c.flops / seconds / peak);
            }
        }
        double alone = median(cases.getFirst().shares);
        System.out.printf(
                "ViT-S/16, 224, %s, %d threads, batch %d, %d rounds, medians%n",
                precision, Engine.threads(), batch, rounds);
        for (Case c : cases) {
            System.out.printf(
                    Locale.ROOT,
                    "%-12s %6.1f GFLOP an image  step %6.3f s  %5.1f%% of peak  %5.1f%% of the"
                            + " encoder alone%n",
                    c.name,
                    c.flops / batch / 1e9,
                    median(c.seconds),
                    100 * median(c.shares),
                    100 * median(c.shares) / alone);
        }
    }

    private static <B> Case of(Method<B> method, B data, Method.Config config) {
        return of(config.name(), method, data, config.perImage(SHAPE, batch));
    }

    private static <B> Case of(String name, Learner<B> learner, B data, Work perImage) {
        AdamW.Settings adam = new AdamW.Settings(0.9, 0.95, 1e-8, 0.05);
        Loop<B> loop =
                new Loop<>(
                        learner,
                        new Loop.Settings(
                                batch,
                                batch,
                                precision,
                                Optimisation.of(Optimisation.Rate.constant(1e-5), adam),
                                0),
                        Engine.device("cpu"));
        Batches<B> batches = Batches.of(_ -> data);
        double flops = perImage.flops().doubleValue() * batch;
        Runnable step = () -> loop.step(batches, new Progress(501, 1000, 0, 0));
        return new Case(name, flops, step, new ArrayList<>(), new ArrayList<>());
    }

    private static Tensor images() {
        return torch.rand(batch, 3, 224, 224);
    }

    private static Pair pair() {
        return new Pair(images(), images());
    }

    private static Crops crops() {
        Stream<Tensor> local = Stream.generate(() -> torch.rand(batch, 3, 96, 96));
        return new Crops(
                List.of(images(), images()),
                local.limit(Dino.Config.DEFAULT.localViews()).toList());
    }

    private static Captioned captioned() {
        int tokens = Clip.Config.DEFAULT.text().maxTokens();
        int[][] ids = new int[batch][tokens];
        int[] lengths = new int[batch];
        Arrays.fill(lengths, tokens);
        for (int i = 0; i < batch; i++) {
            for (int j = 0; j < tokens; j++) {
                ids[i][j] = (31 * i + 7 * j) % 1000;
            }
        }
        return Captioned.of(images(), ids, lengths);
    }

    private static Labelled labelled() {
        return new Labelled(
                images(), Collections.nCopies(batch, new Labelled.Labels("random", List.of(0))));
    }

    private static double median(List<Double> values) {
        return Step.median(values.stream().mapToDouble(x -> x).toArray());
    }
}
