package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Trace;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Progress;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What every method keeps, whichever paper it is from.
class MethodContractTest {

    private static final long SEED = 20_220_930;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    static List<Instance<?>> everyMethod() {
        List<Instance<?>> all = new ArrayList<>();
        all.addAll(MaeInstances.all(SEED));
        all.addAll(DinoInstances.all(SEED));
        return all;
    }

    @Test
    void everyMethodIsHeldToTheContract() {
        Set<Class<?>> held =
                everyMethod().stream().map(i -> i.config().getClass()).collect(Collectors.toSet());
        assertThat(held)
                .containsExactlyInAnyOrder(Method.Config.class.getPermittedSubclasses())
                .hasSameSizeAs(Arrays.asList(Method.class.getPermittedSubclasses()));
    }

    @ParameterizedTest
    @MethodSource("everyMethod")
    void itsPriceIsTheWorkItDoes(Instance<?> instance) {
        assertThat(traced(instance)).as("seed %s", SEED).isEqualTo(formula(instance));
    }

    private static <B> long traced(Instance<B> instance) {
        Loop<B> loop = instance.loop();
        Batches<B> batches = instance.batches();
        Progress inTheMiddle = new Progress(501, 1000, 0, 0);
        return Trace.of(() -> loop.step(batches, inTheMiddle)).total().matmul();
    }

    private static long formula(Instance<?> instance) {
        long price = instance.config().perImage(instance.shape(), instance.batch()).exact();
        boolean cut = instance.atOnce() < instance.batch();
        long again = cut ? instance.config().again(instance.shape()).exact() : 0;
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
}
