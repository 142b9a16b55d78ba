import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.method.Mae;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Examples;
import dev.isoflop.train.Images;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Loss;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Init;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Arrays;
import java.util.Locale;

/// Which share of this machine's own matrix-product rate a whole training step reaches, and what the
/// loop adds to the bare calls. Every figure is paired with a peak measured just before it.
///
///     java -cp 'target/isoflop.jar:target/lib/*' bench/Step.java f32|bf16 [rounds] [batch]
final class Step {

    private static final long CLASSES = 1000;

    /// The plainest learner there is: a class token, a linear head, cross-entropy.
    static final class Classifier implements Learner<Images> {

        private final Module root = new Module("classifier");
        private final Vit encoder;
        private final LinearImpl head;

        Classifier(VitShape shape) {
            encoder = root.register_module("encoder", new Vit(shape));
            head =
                    root.register_module(
                            "head", Init.xavier(new LinearImpl(shape.width(), CLASSES)));
        }

        @Override
        public Images batch(Examples of) {
            return new Images(of.views().getFirst());
        }

        @Override
        public Loss loss(Images batch, Progress at) {
            Tensor feature = encoder.forward(batch.pixels()); // [B, D]
            Tensor logits = head.forward(feature);
            Tensor labels = torch.zeros(batch.pixels().size(0)).to(ScalarType.Long);
            return Loss.of(torch.cross_entropy_loss(logits.to(ScalarType.Float), labels), feature);
        }

        @Override
        public Module trained() {
            return root;
        }

        @Override
        public Vit encoder() {
            return encoder;
        }

        static Work perImage(VitShape shape) {
            Work embedding = shape.embeddingWork();
            Work blocks = shape.blocksWork(shape.patches() + 1);
            Work head = Work.product("head", 1, 1, shape.width(), CLASSES);
            return Work.sum("step", embedding.times(2, ""), blocks.times(3, ""), head.times(3, ""));
        }
    }

    public static void main(String[] arguments) {
        Precision precision = Precision.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        int batch = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 8;
        LibTorch.load(precision);
        VitShape base = VitShape.of("B/16", 224);
        System.out.printf(
                "threads %d, batch %d, %d rounds, medians%n", Engine.threads(), batch, rounds);
        Mae.Config mae = Mae.Config.DEFAULT;
        measure(
                "ViT-B/16",
                new Classifier(base),
                Classifier.perImage(base),
                precision,
                batch,
                rounds);
        measure(
                "MAE B/16 75%",
                new Mae(mae, base), mae.perImage(base, batch), precision, batch, rounds);
    }

    private static void measure(
            String name,
            Learner<Images> learner,
            Work perImage,
            Precision precision,
            int batch,
            int rounds) {
        Device cpu = Engine.device("cpu");
        Tensor pixels = torch.rand(batch, 3, 224, 224);
        Images images = new Images(pixels);
        Batches<Images> batches = Batches.of(_ -> images);
        AdamW.Settings adam = new AdamW.Settings(0.9, 0.95, 1e-8, 0.05);
        Loop<Images> loop =
                new Loop<>(
                        learner,
                        new Loop.Settings(
                                batch,
                                batch,
                                precision,
                                Optimisation.of(Optimisation.Rate.constant(1e-5), adam),
                                0),
                        cpu);
        AdamW bareOptimiser = new AdamW(loop.parameters(), adam);
        double flops = perImage.flops().doubleValue() * batch;
        double[] shares = new double[rounds];
        double[] rates = new double[rounds];
        double[] peaks = new double[rounds];
        double[] overheads = new double[rounds];
        double[] update = new double[rounds];
        loop.step(batches, new Progress(0, 1000, 0, 0));
        for (int i = 0; i < rounds; i++) {
            peaks[i] = Engine.peak(cpu, precision);
            double seconds = loop.step(batches, new Progress(1 + i, 1000, 0, 0)).seconds();
            double[] bare = bare(learner, loop.parameters(), bareOptimiser, images, cpu, precision);
            rates[i] = flops / seconds;
            shares[i] = rates[i] / peaks[i];
            overheads[i] = seconds / bare[0] - 1;
            update[i] = bare[1];
        }
        System.out.printf(
                Locale.ROOT,
                "%-14s %-4s peak %6.1f GFLOP/s  step %6.1f GFLOP/s = %5.1f%% of peak (%.1f to %.1f)"
                        + "  loop adds %+.1f%%  update %.0f ms%n",
                name,
                precision,
                median(peaks) / 1e9,
                median(rates) / 1e9,
                100 * median(shares),
                100 * Arrays.stream(shares).min().orElseThrow(),
                100 * Arrays.stream(shares).max().orElseThrow(),
                100 * median(overheads),
                1000 * median(update));
    }

    /// The same calls without the loop: clear, forward, backward, update.
    private static double[] bare(
            Learner<Images> learner,
            Parameters parameters,
            AdamW optimiser,
            Images images,
            Device cpu,
            Precision precision) {
        long start = System.nanoTime();
        long beforeUpdate;
        try (PointerScope _ = new PointerScope()) {
            parameters.clearGradients();
            Loss loss;
            try (Engine.Autocast _ = Engine.autocast(cpu, precision)) {
                loss = learner.loss(images, new Progress(1, 1000, 0, 0));
            }
            loss.total().backward();
            beforeUpdate = System.nanoTime();
            optimiser.step(1e-5, 0.05);
        }
        long end = System.nanoTime();
        return new double[] {(end - start) / 1e9, (end - beforeUpdate) / 1e9};
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
