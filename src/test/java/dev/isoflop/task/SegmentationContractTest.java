package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Precision;
import dev.isoflop.task.Segmentation.Average;
import dev.isoflop.task.Segmentation.Config;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.trace.Trace;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.train.Keep;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Masked;
import dev.isoflop.train.NativeMemory;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.FcnHeadShape;
import dev.isoflop.vit.FcnHeadShape.Norm;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Resizing;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/// What segmentation keeps of the contract that the methods keep, at any size.
class SegmentationContractTest {

    private static final long SEED = 20_261_126;
    private static final long STEPS = 3;

    @TempDir private Path folder;

    /// A small instance.
    record Instance(
            Config config,
            VitShape pretrained,
            int image,
            Positions kind,
            int batch,
            int atOnce,
            Precision precision) {

        VitShape shape() {
            return pretrained.at(image);
        }

        Segmentation build() {
            Vit vit = new Vit(pretrained, kind, Vit.Pool.CLASS_TOKEN);
            return new Segmentation(config, vit.at(image, config.positions()));
        }

        Loop<Masked> loop(Segmentation task) {
            Optimisation.Rate rate = Optimisation.Rate.of(1e-3, false, 0.1);
            Optimisation optimisation =
                    Optimisation.of(rate, Tuning.of(java.util.Optional.empty()).optimiser());
            return new Loop<>(
                    task,
                    new Loop.Settings(batch, atOnce, precision, optimisation, 0),
                    Engine.device("cpu"));
        }

        /// A third of the pixels has no label.
        Masked random(int n) {
            Tensor noise = torch.rand(n, image, image); // [B, S, S]
            Tensor classes = Ops.times(torch.rand(n, image, image), config.classes()); // [B, S, S]
            Tensor labels = classes.to(ScalarType.Long); // [B, S, S]
            labels.masked_fill_(
                    noise.ge(new org.bytedeco.pytorch.Scalar(2.0 / 3)),
                    new org.bytedeco.pytorch.Scalar(Masked.IGNORED));
            return new Masked(torch.rand(n, 3, image, image), labels);
        }

        Batches<Masked> batches() {
            return Batches.of(this::random);
        }
    }

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    static List<Instance> corners() {
        VitShape small = new VitShape(64, 2, 4, 8, 32);
        FcnHeadShape plain = new FcnHeadShape(16, 2, false, Norm.NONE);
        FcnHeadShape whole = new FcnHeadShape(24, 1, true, Norm.BATCH);
        Config usual = new Config(5, plain, 0.1, Average.VALID, Resizing.OWN);
        Config other = new Config(9, whole, 0.3, Average.ALL, Resizing.INTERPOLATED);
        return List.of(
                new Instance(usual, small, 48, Positions.SINE_COSINE, 4, 4, Precision.F32),
                new Instance(other, small, 40, Positions.LEARNED, 5, 2, Precision.F32),
                new Instance(usual, small, 40, Positions.LEARNED, 4, 4, Precision.BF16));
    }

    static List<Instance> instances() {
        List<Instance> all = new ArrayList<>(corners());
        Random random = new Random(SEED);
        for (int i = 0; i < 5; i++) {
            int heads = 1 + random.nextInt(4);
            int patch = 4 << random.nextInt(2);
            VitShape shape =
                    new VitShape(16 * heads, 1 + random.nextInt(3), heads, patch, 2 * patch);
            Config config =
                    new Config(
                            1 + random.nextInt(30),
                            new FcnHeadShape(
                                    1 + random.nextInt(40),
                                    1 + random.nextInt(3),
                                    random.nextBoolean(),
                                    random.nextBoolean() ? Norm.NONE : Norm.BATCH),
                            0.4 * random.nextDouble(),
                            random.nextBoolean() ? Average.ALL : Average.VALID,
                            random.nextBoolean() ? Resizing.OWN : Resizing.INTERPOLATED);
            int batch = 1 + random.nextInt(4);
            all.add(
                    new Instance(
                            config,
                            shape,
                            patch * (2 + random.nextInt(6)),
                            random.nextBoolean() ? Positions.LEARNED : Positions.SINE_COSINE,
                            batch,
                            1 + random.nextInt(batch),
                            Precision.F32));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("instances")
    void itsPriceIsTheWorkItDoes(Instance instance) {
        Loop<Masked> loop = instance.loop(instance.build());
        Batches<Masked> batches = instance.batches();
        Progress middle = new Progress(501, 1000, 0, 0);
        long traced = Trace.of(() -> loop.step(batches, middle)).total().matmul();
        long price = instance.config.perImage(instance.shape()).exact();
        assertThat(traced).as("seed %s", SEED).isEqualTo(price * instance.batch);
    }

    @ParameterizedTest
    @MethodSource("instances")
    void itsParametersAreThoseItHas(Instance instance) {
        Segmentation task = instance.build();
        assertThat(count(task.encoder())).isEqualTo(instance.shape().parameters());
        assertThat(count(task.trained())).isEqualTo(instance.config.parameters(instance.shape()));
    }

    private static long count(Module module) {
        return Parameters.named(module).values().stream().mapToLong(Tensor::numel).sum();
    }

    @ParameterizedTest
    @MethodSource("corners")
    void noTensorOutlivesItsStep(Instance instance) {
        Steps steps = new Steps(instance);
        steps.take(6);
        System.gc(); // what earlier tests left is not this loop's
        steps.take(4);
        long pointers = Pointer.totalCount();
        for (int i = 0; i < 6; i++) {
            steps.take(1);
            assertThat(Pointer.totalCount()).as("step %s", i).isLessThanOrEqualTo(pointers);
        }
    }

    @ParameterizedTest
    @MethodSource("corners")
    @EnabledOnOs(OS.LINUX)
    void memoryStaysFlat(Instance instance) {
        Steps steps = new Steps(instance);
        steps.take(10);
        long[] growth = new long[9]; // of some, for the compiler's own memory comes and goes
        for (int i = 0; i < growth.length; i++) {
            long before = NativeMemory.allocated();
            steps.take(6);
            growth[i] = NativeMemory.allocated() - before;
        }
        Arrays.sort(growth);
        long side = instance.image;
        assertThat(growth[growth.length / 4])
                .as("lower quartile of %s bytes over 6 steps", Arrays.toString(growth))
                .isLessThan(6 * 3 * side * side * Float.BYTES); // one image a step
    }

    /// Steps of one loop, one after the other.
    private static final class Steps {

        private final Loop<Masked> loop;
        private final Batches<Masked> batches;
        private long next;

        Steps(Instance instance) {
            loop = instance.loop(instance.build());
            batches = instance.batches();
        }

        void take(int n) {
            for (int i = 0; i < n; i++) {
                loop.step(batches, new Progress(next++, 1000, 0, 0));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("corners")
    void aCollapseIsSeen(Instance instance) {
        assertThat(collapsedAtTheStart(instance, false)).as("as it begins").isFalse();
        assertThat(collapsedAtTheStart(instance, true)).as("all zeros").isTrue();
    }

    private static boolean collapsedAtTheStart(Instance instance, boolean zeros) {
        torch.manual_seed(SEED);
        Segmentation task = instance.build();
        Loop<Masked> loop = instance.loop(task);
        if (zeros) {
            try (NoGradGuard _ = new NoGradGuard()) {
                Parameters.named(task.state()).values().forEach(Tensor::zero_);
            }
        }
        Progress measured = new Progress(0, 1000, 0, 0);
        return loop.step(instance.batches(), measured).spread().orElseThrow().collapsed();
    }

    @ParameterizedTest
    @MethodSource("corners")
    void resumeIsBitExact(Instance instance) {
        Loop<Masked> straight = loop(instance, 1);
        straight.run(numbered(instance, 0, 17), 0, 2 * STEPS, _ -> true);

        Loop<Masked> stopped = loop(instance, 1);
        stopped.run(numbered(instance, 0, 18), 0, 2 * STEPS, step -> step.at().step() + 1 < STEPS);
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(1, 0));
        Checkpoint saved = checkpoints.write(STEPS, STEPS, Map.of(), stopped.state(), Map.of());
        Loop<Masked> resumed = loop(instance, 2);
        saved.restore(resumed.state());
        resumed.run(numbered(instance, STEPS, 19), STEPS, 2 * STEPS, _ -> true);

        Map<String, Tensor> expected = straight.state();
        assertThat(resumed.state().keySet()).isEqualTo(expected.keySet());
        assertThat(resumed.state())
                .allSatisfy((name, tensor) ->
                        assertThat(tensor.equal(expected.get(name))).as(name).isTrue());
    }

    private static Loop<Masked> loop(Instance instance, long seed) {
        torch.manual_seed(seed);
        return instance.loop(instance.build());
    }

    /// Batches that are a function of their place; what else is drawn from libtorch's generator
    /// depends on `other`, and must not matter.
    private static Batches<Masked> numbered(Instance instance, long step, long other) {
        long cuts = Math.ceilDiv(instance.batch, instance.atOnce);
        AtomicLong next = new AtomicLong(step * cuts);
        return Batches.of(n -> {
            torch.manual_seed(next.getAndIncrement());
            Masked batch = instance.random(n);
            torch.manual_seed(SEED * other + next.get());
            return batch;
        });
    }
}
