package dev.isoflop.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Precision;
import dev.isoflop.golden.Golden;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.train.Batches;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Optimisation;
import dev.isoflop.train.Pair;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Two views that mean nothing, and what training on them gives.
final class Pairs {

    private static final double SAME = 1e-12; // in double precision, of the largest number
    private static final int STEPS = 3;

    private Pairs() {}

    /// Different at each call, in single precision.
    static Pair random(int images, VitShape shape) {
        int side = shape.image();
        return new Pair(torch.rand(images, 3, side, side), torch.rand(images, 3, side, side));
    }

    /// The same at each call, in double precision.
    static Pair fixed(int images, VitShape shape) {
        int side = shape.image();
        return new Pair(
                Golden.signed(5, 1, images, 3, side, side),
                Golden.signed(5, 2, images, 3, side, side));
    }

    /// The same images at every step, whatever the cuts.
    static Batches<Pair> repeating(Pair whole) {
        int batch = Math.toIntExact(whole.first().size(0));
        int[] row = {0};
        return Batches.of(n -> {
            int from = row[0];
            row[0] = (from + n) % batch;
            return new Pair(whole.first().narrow(0, from, n), whole.second().narrow(0, from, n));
        });
    }

    /// A loop in double precision over a method that begins with the same numbers each time.
    static Loop<Pair> loop(Supplier<? extends Method<Pair>> build, int batch, int atOnce) {
        torch.manual_seed(1);
        Optimisation optimisation =
                Optimisation.of(
                        Optimisation.Rate.constant(1e-3),
                        // a large epsilon: rounding where gradients are zero stays rounding
                        new AdamW.Settings(0.9, 0.95, 1e-5, 0));
        return new Loop<>(
                build.get(),
                new Loop.Settings(batch, atOnce, Precision.F64, optimisation, 5),
                Engine.device("cpu"));
    }

    /// Whether a batch in cuts of any size has the losses, gradients, parameters and running
    /// statistics of the whole batch.
    static void assertCutsAgree(Supplier<? extends Method<Pair>> build, VitShape shape) {
        int batch = 6;
        Map<String, double[]> whole = numbers(build, shape, batch, batch);
        for (int atOnce : new int[] {1, 2, 4}) {
            Map<String, double[]> cut = numbers(build, shape, batch, atOnce);
            assertThat(cut.keySet()).isEqualTo(whole.keySet()).anyMatch(n -> n.contains("running"));
            cut.forEach((name, values) -> {
                double[] expected = Objects.requireNonNull(whole.get(name));
                double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
                assertThat(values)
                        .as("%s, %d at once", name, atOnce)
                        .containsExactly(expected, within(SAME * Math.max(1, largest)));
            });
        }
    }

    /// What some steps leave, by name.
    private static Map<String, double[]> numbers(
            Supplier<? extends Method<Pair>> build, VitShape shape, int batch, int atOnce) {
        Loop<Pair> loop = loop(build, batch, atOnce);
        List<Double> losses = new ArrayList<>();
        loop.run(repeating(fixed(batch, shape)), 0, STEPS, step -> losses.add(step.loss()));
        Map<String, double[]> numbers = new TreeMap<>();
        numbers.put("losses", losses.stream().mapToDouble(x -> x).toArray());
        loop.parameters()
                .named()
                .forEach((name, tensor) ->
                        numbers.put("gradient of " + name, Golden.doubles(tensor.grad())));
        loop.state().forEach((name, tensor) -> numbers.put(name, Golden.doubles(tensor)));
        return numbers;
    }

    /// The gradient of a loss with respect to parameters, which forget it.
    static double[] gradient(Tensor loss, Map<String, Tensor> parameters) {
        loss.backward();
        double[] all =
                parameters.values().stream()
                        .filter(Tensor::requires_grad)
                        .flatMapToDouble(p -> Arrays.stream(Golden.doubles(p.grad())))
                        .toArray();
        parameters.values().forEach(p -> p.mutable_grad().reset());
        return all;
    }
}
