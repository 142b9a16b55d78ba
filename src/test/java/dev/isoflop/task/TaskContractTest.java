package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.finetune.FineTuning;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.trace.Trace;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.train.Keep;
import dev.isoflop.train.Loop;
import dev.isoflop.train.NativeMemory;
import dev.isoflop.train.Progress;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// What tasks keep of the contract that the methods keep, at any size.
class TaskContractTest {

    private static final long SEED = 20_261_126;
    private static final long STEPS = 3;
    private static final int CORNERS = 3; // of each task

    @TempDir private Path folder;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    /// The instances of every task: those of the test of its name, the first of which are corners.
    static List<TaskInstance<?>> instances() throws ReflectiveOperationException {
        List<TaskInstance<?>> all = new ArrayList<>();
        for (Class<?> task : Task.class.getPermittedSubclasses()) {
            Method instances =
                    Class.forName(task.getName() + "Test").getDeclaredMethod("instances");
            for (Object instance : (List<?>) instances.invoke(null)) {
                all.add((TaskInstance<?>) instance);
            }
        }
        return all;
    }

    /// The first few of each task.
    static List<TaskInstance<?>> corners() throws ReflectiveOperationException {
        Map<String, Integer> seen = new HashMap<>();
        return instances().stream()
                .filter(i -> seen.merge(i.config().name(), 1, Integer::sum) <= CORNERS)
                .toList();
    }

    @Test
    void everyTaskIsHeldToTheContract() throws ReflectiveOperationException {
        Set<Class<?>> held =
                instances().stream().map(i -> i.config().getClass()).collect(Collectors.toSet());
        assertThat(held)
                .containsExactlyInAnyOrder(Task.Config.class.getPermittedSubclasses())
                .hasSameSizeAs(Task.Config.NAMES);
    }

    @Test
    void everyTaskHasARecipeThatIsShipped() {
        for (String name : Task.Config.NAMES) {
            assertThat(FineTuning.shipped(name).table("task").text("name")).isEqualTo(name);
        }
    }

    @ParameterizedTest
    @MethodSource("instances")
    <B> void itsPriceIsTheWorkItDoes(TaskInstance<B> instance) {
        Loop<B> loop = instance.loop(instance.task());
        Batches<B> batches = instance.batches();
        Progress middle = new Progress(501, 1000, 0, 0);
        long traced = Trace.of(() -> loop.step(batches, middle)).total().matmul();
        long price = instance.config().perImage(instance.shape()).exact();
        assertThat(traced).as("seed %s", SEED).isEqualTo(price * instance.batch());
    }

    @ParameterizedTest
    @MethodSource("instances")
    <B> void itsParametersAreThoseItHas(TaskInstance<B> instance) {
        Task<?> task = instance.task();
        assertThat(count(task.encoder())).isEqualTo(instance.shape().parameters());
        assertThat(count(task.trained())).isEqualTo(instance.config().parameters(instance.shape()));
    }

    private static long count(Module module) {
        return Parameters.named(module).values().stream().mapToLong(Tensor::numel).sum();
    }

    @ParameterizedTest
    @MethodSource("corners")
    <B> void noTensorOutlivesItsStep(TaskInstance<B> instance) {
        Steps<B> steps = new Steps<>(instance);
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
    <B> void memoryStaysFlat(TaskInstance<B> instance) {
        Steps<B> steps = new Steps<>(instance);
        steps.take(10);
        long[] growth = new long[9]; // of some, for the compiler's own memory comes and goes
        for (int i = 0; i < growth.length; i++) {
            long before = NativeMemory.allocated();
            steps.take(6);
            growth[i] = NativeMemory.allocated() - before;
        }
        Arrays.sort(growth);
        long side = instance.image();
        assertThat(growth[growth.length / 4])
                .as("lower quartile of %s bytes over 6 steps", Arrays.toString(growth))
                .isLessThan(6 * 3 * side * side * Float.BYTES); // one image a step
    }

    /// Steps of one loop, one after the other.
    private static final class Steps<B> {

        private final Loop<B> loop;
        private final Batches<B> batches;
        private long next;

        Steps(TaskInstance<B> instance) {
            loop = instance.loop(instance.task());
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
    void aCollapseIsSeen(TaskInstance<?> instance) {
        assertThat(collapsedAtTheStart(instance, false)).as("as it begins").isFalse();
        assertThat(collapsedAtTheStart(instance, true)).as("all zeros").isTrue();
    }

    private static <B> boolean collapsedAtTheStart(TaskInstance<B> instance, boolean zeros) {
        torch.manual_seed(SEED);
        Task<B> task = instance.task();
        Loop<B> loop = instance.loop(task);
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
    <B> void resumeIsBitExact(TaskInstance<B> instance) {
        Loop<B> straight = loop(instance, 1);
        straight.run(numbered(instance, 0, 17), 0, 2 * STEPS, _ -> true);

        Loop<B> stopped = loop(instance, 1);
        stopped.run(numbered(instance, 0, 18), 0, 2 * STEPS, step -> step.at().step() + 1 < STEPS);
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(1, 0));
        Checkpoint saved = checkpoints.write(STEPS, STEPS, Map.of(), stopped.state(), Map.of());
        Loop<B> resumed = loop(instance, 2);
        saved.restore(resumed.state());
        resumed.run(numbered(instance, STEPS, 19), STEPS, 2 * STEPS, _ -> true);

        Map<String, Tensor> expected = straight.state();
        assertThat(resumed.state().keySet()).isEqualTo(expected.keySet());
        assertThat(resumed.state())
                .allSatisfy((name, tensor) ->
                        assertThat(tensor.equal(expected.get(name))).as(name).isTrue());
    }

    private static <B> Loop<B> loop(TaskInstance<B> instance, long seed) {
        torch.manual_seed(seed);
        return instance.loop(instance.task());
    }

    /// Batches that are a function of their place; what else is drawn from libtorch's generator
    /// depends on `other`, and must not matter.
    private static <B> Batches<B> numbered(TaskInstance<B> instance, long step, long other) {
        long cuts = Math.ceilDiv(instance.batch(), instance.atOnce());
        AtomicLong next = new AtomicLong(step * cuts);
        return Batches.of(n -> {
            torch.manual_seed(next.getAndIncrement());
            B batch = instance.random().apply(n);
            torch.manual_seed(SEED * other + next.get());
            return batch;
        });
    }
}
