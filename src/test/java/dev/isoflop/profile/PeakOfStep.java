package dev.isoflop.profile;

import dev.isoflop.budget.Precision;
import dev.isoflop.method.Byol;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Mae;
import dev.isoflop.method.Method;
import dev.isoflop.method.SimClr;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.NativeMemory;
import dev.isoflop.vit.DecoderShape;
import dev.isoflop.vit.DinoHeadShape;
import dev.isoflop.vit.MlpShape;
import dev.isoflop.vit.Scalable.Size;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// A program for a JVM of its own: takes a step as a run does, unobserved, and prints by how much
/// the resident set grew and what memory the step is said to need, in bytes.
///
/// What costs memory only the first time (libtorch's code, the work space of its libraries, classes
/// of the JVM) is there before: a tiny step of the same kind goes first. The estimate is of another
/// step, a traced one, after the measurement.
final class PeakOfStep {

    private static final Path STATUS = Path.of("/proc/self/status");

    private PeakOfStep() {}

    /// Takes the step and prints the two figures, a line each.
    ///
    /// @param arguments the name of a {@link Case}
    public static void main(String[] arguments) throws IOException {
        TracedStep step = Case.valueOf(arguments[0]).step();
        LibTorch.load(step.precision());
        Engine.threads(1); // no figure depends on how many cores there are
        Map<Size, Long> all = new Sizes(step).values();
        Map<Size, Long> few = new EnumMap<>(all);
        few.replaceAll((size, _) -> size == Size.HIDDEN || size == Size.WORDS ? 32L : 1L);
        few.put(Size.HEAD_WIDTH, all.get(Size.HEAD_WIDTH));
        few.put(Size.MICRO_BATCH, 2L);
        few.put(Size.BATCH, step.microBatch() < step.batch() ? 4L : 2L);
        take(new Sizes(step).at(few));
        NativeMemory.giveBack();
        long before = kilobytes("VmRSS");
        take(step);
        System.out.println((kilobytes("VmHWM") - before) * 1024);
        System.out.println(step.executed(Optional.empty()).peak());
    }

    private static void take(TracedStep step) {
        try (PointerScope _ = new PointerScope()) {
            take(step, step.config().build(step.shape()));
        }
    }

    private static <B> void take(TracedStep step, Learner<B> learner) {
        SyntheticExamples examples =
                new SyntheticExamples(step.config(), step.shape(), step.precision());
        Loop.Settings settings =
                new Loop.Settings(
                        step.batch(), step.microBatch(), step.precision(), step.optimisation(), 0);
        Loop<B> loop = new Loop<>(learner, settings, Engine.device("cpu"));
        loop.step(Batches.of(n -> learner.batch(examples.of(n))), TracedStep.MID_RUN);
    }

    private static long kilobytes(String field) throws IOException {
        String line =
                Files.readAllLines(STATUS).stream()
                        .filter(it -> it.startsWith(field + ":"))
                        .findFirst()
                        .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
    }

    /// A step of some hundred megabytes.
    enum Case {
        /// All images at once.
        MAE,
        /// In micro-batches, in bfloat16.
        MAE_CUT_BF16,
        /// In micro-batches; all images are embedded twice.
        SIMCLR_CUT,
        /// With a teacher, in bfloat16.
        BYOL_BF16,
        /// With a teacher, and views of two sizes.
        DINO;

        private static final VitShape SHAPE = new VitShape(192, 6, 3, 16, 224);

        private TracedStep step() {
            return switch (this) {
                case MAE -> of(mae(), 8, 8, Precision.F32);
                case MAE_CUT_BF16 -> of(mae(), 16, 8, Precision.BF16);
                case SIMCLR_CUT -> of(SimClr.Config.DEFAULT, 6, 3, Precision.F32);
                case BYOL_BF16 -> of(byol(), 4, 4, Precision.BF16);
                case DINO -> of(dino(), 2, 2, Precision.F32);
            };
        }

        private static TracedStep of(
                Method.Config config, int batch, int microBatch, Precision precision) {
            return new TracedStep(
                    config, SHAPE, batch, microBatch, precision, config.optimisation());
        }

        private static Mae.Config mae() {
            return new Mae.Config(0.75, new DecoderShape(256, 4, 8), true);
        }

        private static Byol.Config byol() {
            return new Byol.Config(0.99, true, Vit.Pool.CLASS_TOKEN, MlpShape.byol(1024, 128));
        }

        private static Dino.Config dino() {
            DinoHeadShape head = new DinoHeadShape(512, 128, 8192);
            return new Dino.Config(head, 6, 96, Dino.Config.DEFAULT.distillation(), true);
        }
    }
}
