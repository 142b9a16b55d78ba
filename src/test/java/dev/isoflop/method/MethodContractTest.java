package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Work;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Part;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.trace.Bill;
import dev.isoflop.trace.Trace;
import dev.isoflop.trace.Usage;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.train.Keep;
import dev.isoflop.train.Loop;
import dev.isoflop.train.NativeMemory;
import dev.isoflop.train.Progress;
import dev.isoflop.train.Spread;
import dev.isoflop.vit.Vit;

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

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/// What every method keeps, whichever paper it is from.
class MethodContractTest {

    private static final long SEED = 20_220_930;
    private static final int ENOUGH_FOR_A_SPREAD = 4; // images
    private static final long STEPS = 3;

    @TempDir private Path folder;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    /// The instances that each method's own test has, as `MaeTest.instances`.
    static List<Instance<?>> everyMethod() throws ReflectiveOperationException {
        List<Instance<?>> all = new ArrayList<>();
        for (Class<?> method : Method.class.getPermittedSubclasses()) {
            Class<?> test = Class.forName(method.getName() + "Test");
            var instances = test.getDeclaredMethod("instances", long.class).invoke(null, SEED);
            ((List<?>) instances).forEach(it -> all.add((Instance<?>) it));
        }
        return all;
    }

    @Test
    void everyMethodIsHeldToTheContract() throws ReflectiveOperationException {
        Set<Class<?>> held =
                everyMethod().stream().map(i -> i.config().getClass()).collect(Collectors.toSet());
        assertThat(held)
                .containsExactlyInAnyOrder(Method.Config.class.getPermittedSubclasses())
                .hasSameSizeAs(Arrays.asList(Method.class.getPermittedSubclasses()));
    }

    @ParameterizedTest
    @MethodSource("everyMethod")
    void itsPriceIsTheWorkItDoes(Instance<?> instance) {
        Bill bill = executed(instance);
        assertThat(bill.total().cost().matmul()).as("seed %s", SEED).isEqualTo(formula(instance));
        assertThat(products(bill, Bill.Pass.FORWARD))
                .as("forward, seed %s", SEED)
                .isEqualTo(formula(instance, "forward"));
        assertThat(products(bill, Bill.Pass.BACKWARD))
                .as("backward, seed %s", SEED)
                .isEqualTo(formula(instance, "backward"));
        assertThat(bill.byPart().values().stream().reduce(Usage.NOTHING, Usage::plus))
                .isEqualTo(bill.total());
        assertThat(bill.byPart().getOrDefault(Part.OTHER, Usage.NOTHING).bytes()).isLessThan(64);
    }

    private static <B> Bill executed(Instance<B> instance) {
        Loop<B> loop = instance.loop();
        B whole = instance.random().apply(instance.atOnce());
        int last = instance.batch() % instance.atOnce();
        B rest = last == 0 ? whole : instance.random().apply(last);
        Batches<B> batches = Batches.of(n -> n == instance.atOnce() ? whole : rest);
        Progress inTheMiddle = new Progress(501, 1000, 0, 0);
        return Trace.of(() -> loop.step(batches, inTheMiddle)).bill();
    }

    /// FLOPs of matrix products by part, where there are any.
    private static Map<Part, Long> products(Bill bill, Bill.Pass pass) {
        Map<Part, Long> products = new TreeMap<>();
        for (Part part : Part.values()) {
            long flops = bill.of(part, pass).cost().matmul();
            if (flops > 0) {
                products.put(part, flops);
            }
        }
        return products;
    }

    /// The same of a step by formula, forward passes that run again included.
    private static Map<Part, Long> formula(Instance<?> instance, String direction) {
        Map<Part, Long> products = new TreeMap<>();
        Method.Config config = instance.config();
        for (Work way : config.perImage(instance.shape(), instance.batch()).parts()) {
            if (way.name().equals(direction)) {
                way.parts().forEach(part -> add(products, part, instance.batch()));
            }
        }
        if (direction.equals("forward") && instance.atOnce() < instance.batch()) {
            Work again = config.recomputed(instance.shape());
            boolean towers = again.parts().stream().anyMatch(it -> it.name().equals("encoder"));
            (towers ? again.parts() : List.of(again.named("encoder")))
                    .forEach(part -> add(products, part, instance.batch()));
        }
        return products;
    }

    private static void add(Map<Part, Long> products, Work work, long images) {
        Part part =
                switch (work.name()) {
                    case "encoder", "local views" -> Part.ENCODER;
                    case "decoder" -> Part.DECODER;
                    case "teacher" -> Part.TEACHER;
                    case "head", "heads", "projections" -> Part.HEADS;
                    case "text tower" -> Part.TEXT_TOWER;
                    case "loss" -> Part.LOSS;
                    default -> throw new AssertionError("which part is " + work.name() + "?");
                };
        if (work.exact() > 0) {
            products.merge(part, work.exact() * images, Long::sum);
        }
    }

    private static long formula(Instance<?> instance) {
        long price = instance.config().perImage(instance.shape(), instance.batch()).exact();
        boolean cut = instance.atOnce() < instance.batch();
        long again = cut ? instance.config().recomputed(instance.shape()).exact() : 0;
        return (price + again) * instance.batch();
    }

    @ParameterizedTest
    @MethodSource("everyMethod")
    void itsParametersAreThoseItHas(Instance<?> instance) {
        Method<?> method = instance.build().method();
        assertThat(count(method.encoder())).isEqualTo(instance.shape().parameters());
        assertThat(count(method.trained()))
                .isEqualTo(instance.config().parameters(instance.shape()));
    }

    private static long count(Module module) {
        return Parameters.named(module).values().stream().mapToLong(Tensor::numel).sum();
    }

    /// Of each method its first instance of enough images, and its first whose batch is cut.
    static List<Instance<?>> aFewOfEachMethod() throws ReflectiveOperationException {
        Map<String, Instance<?>> few = new TreeMap<>();
        for (Instance<?> instance : everyMethod()) {
            boolean cut = instance.atOnce() < instance.batch();
            if (instance.batch() >= ENOUGH_FOR_A_SPREAD) {
                few.putIfAbsent(instance.config().name() + (cut ? " cut" : ""), instance);
            }
        }
        return List.copyOf(few.values());
    }

    @ParameterizedTest
    @MethodSource("aFewOfEachMethod")
    void noTensorOutlivesItsStep(Instance<?> instance) {
        Steps steps = Steps.of(instance);
        steps.take(20);
        System.gc(); // what earlier tests left is not this loop's
        steps.take(10);
        long pointers = Pointer.totalCount();
        for (int i = 0; i < 10; i++) {
            steps.take(1);
            assertThat(Pointer.totalCount()).as("step %s", i).isLessThanOrEqualTo(pointers);
        }
    }

    @ParameterizedTest
    @MethodSource("aFewOfEachMethod")
    @EnabledOnOs(OS.LINUX)
    void memoryStaysFlat(Instance<?> instance) {
        Steps steps = Steps.of(instance);
        steps.take(20);
        long[] growth = new long[9]; // of some, for the compiler's own memory comes and goes
        for (int i = 0; i < growth.length; i++) {
            long before = NativeMemory.allocated();
            steps.take(6);
            growth[i] = NativeMemory.allocated() - before;
        }
        Arrays.sort(growth);
        long side = instance.shape().image();
        assertThat(growth[growth.length / 4])
                .as("lower quartile of %s bytes over 6 steps", Arrays.toString(growth))
                .isLessThan(6 * 3 * side * side * Float.BYTES); // one image a step
    }

    /// Steps of one loop, one after the other.
    private record Steps(IntConsumer take) {

        static <B> Steps of(Instance<B> instance) {
            Loop<B> loop = instance.loop();
            Batches<B> batches = instance.batches();
            AtomicLong next = new AtomicLong();
            return new Steps(n -> {
                for (int i = 0; i < n; i++) {
                    loop.step(batches, new Progress(next.getAndIncrement(), 1000, 0, 0));
                }
            });
        }

        void take(int n) {
            take.accept(n);
        }
    }

    @ParameterizedTest
    @MethodSource("aFewOfEachMethod")
    void aCollapseIsSeen(Instance<?> instance) {
        assertThat(spreadAtTheStart(instance, false).collapsed()).as("as it begins").isFalse();
        assertThat(spreadAtTheStart(instance, true).collapsed()).as("all zeros").isTrue();
    }

    private static <B> Spread spreadAtTheStart(Instance<B> instance, boolean zeros) {
        torch.manual_seed(SEED);
        Method<B> method = instance.build().method();
        Loop<B> loop = instance.loop(method);
        if (zeros) {
            try (NoGradGuard _ = new NoGradGuard()) {
                Parameters.named(method.state()).values().forEach(Tensor::zero_);
            }
        }
        Progress measured = new Progress(0, 1000, 0, 0);
        return loop.step(instance.batches(), measured).spread().orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("aFewOfEachMethod")
    void theEncoderItHandsOnLoads(Instance<?> instance) throws IOException {
        assertEncoderLoads(instance);
    }

    private <B> void assertEncoderLoads(Instance<B> instance) throws IOException {
        Method<B> method = instance.build().method();
        instance.loop(method).step(instance.batches(), new Progress(1, 10, 0, 0));
        Map<String, Tensor> trained = Parameters.named(method.encoder());
        Path file = folder.resolve("encoder.safetensors");
        Safetensors.write(file, trained, Map.of());
        Vit.Pool pool =
                trained.containsKey("fc_norm.weight")
                        ? Vit.Pool.MEAN_OF_PATCHES
                        : Vit.Pool.CLASS_TOKEN;
        Vit fresh = new Vit(instance.shape(), instance.config().positions(), pool);
        Safetensors.readInto(file, Parameters.named(fresh));
        int side = instance.shape().image();
        Tensor images = torch.rand(3, 3, side, side); // [3, 3, S, S]
        Tensor features = method.encoder().forward(images); // [3, D]
        assertThat(fresh.forward(images).equal(features)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("aFewOfEachMethod")
    void resumeIsBitExact(Instance<?> instance) {
        assertResumes(instance);
    }

    private <B> void assertResumes(Instance<B> instance) {
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
        Map<String, Tensor> actual = resumed.state();
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        assertThat(actual)
                .allSatisfy((name, tensor) ->
                        assertThat(tensor.equal(expected.get(name))).as(name).isTrue());
    }

    /// A loop over a network that begins with the random numbers of a seed.
    private static <B> Loop<B> loop(Instance<B> instance, long seed) {
        torch.manual_seed(seed);
        return instance.loop();
    }

    /// Batches that are a function of their place in the run. Whatever the method draws from
    /// libtorch's generator beside them depends on `other`: it must not draw any.
    private static <B> Batches<B> numbered(Instance<B> instance, long step, long other) {
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
