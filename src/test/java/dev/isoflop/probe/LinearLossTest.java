package dev.isoflop.probe;

import static dev.isoflop.torch.Ops.times;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.pytorch.global.torch.binary_cross_entropy_with_logits;
import static org.bytedeco.pytorch.global.torch.cross_entropy;

import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The loss of a linear classifier and its gradient, beside those that libtorch derives.
class LinearLossTest {

    private static final int ROWS = 1_300; // three blocks
    private static final int WIDTH = 8;
    private static final int CLASSES = 5;
    private static final double DECAY = 0.25;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static GroundTruth truth(boolean multiLabel) {
        Random random = new Random(3);
        List<List<Integer>> labels = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            int first = random.nextInt(CLASSES);
            labels.add(
                    multiLabel && random.nextBoolean()
                            ? List.of(first, (first + 1) % CLASSES)
                            : List.of(first));
        }
        return new GroundTruth(labels, CLASSES);
    }

    private static Tensor normal(long... shape) {
        return torch.randn(shape);
    }

    /// What libtorch makes of the loss as it is written down.
    private static double derived(Tensor x, GroundTruth truth, boolean multi, List<Tensor> at) {
        Tensor logits = x.matmul(at.get(0)).add(at.get(1)); // [N, K]
        Tensor loss; // []
        if (multi) {
            float[] flags = new float[ROWS * CLASSES];
            for (int row = 0; row < ROWS; row++) {
                for (int label : truth.labels().get(row)) {
                    flags[row * CLASSES + label] = 1;
                }
            }
            Tensor target = Ops.tensor(flags, ROWS, CLASSES); // [N, K]
            loss = times(binary_cross_entropy_with_logits(logits, target), CLASSES);
        } else {
            int[] classes = truth.labels().stream().mapToInt(List::getFirst).toArray();
            loss = cross_entropy(logits, LinearLoss.index(classes));
        }
        Tensor norm = at.get(0).mul(at.get(0)).sum(); // []
        Tensor whole = loss.add(times(norm, DECAY / 2)); // []
        whole.backward();
        return whole.item_double();
    }

    private static void agree(boolean multiLabel) {
        try (PointerScope _ = new PointerScope();
                ExecutorService two = Executors.newFixedThreadPool(2)) {
            torch.manual_seed(4);
            GroundTruth truth = truth(multiLabel);
            Tensor x = normal(ROWS, WIDTH); // [N, D]
            Tensor weight = normal(WIDTH, CLASSES); // [D, K]
            Tensor bias = normal(CLASSES); // [K]
            List<Tensor> gradients = List.of(torch.ones_like(weight), torch.ones_like(bias));
            double loss =
                    Engine.singly(() ->
                            new LinearLoss(x, truth, multiLabel, two)
                                    .evaluated(weight, bias, DECAY, gradients));
            List<Tensor> leaves = List.of(weight.clone(), bias.clone());
            leaves.forEach(leaf -> leaf.set_requires_grad(true));
            assertThat(loss).isCloseTo(derived(x, truth, multiLabel, leaves), within(1e-5));
            for (int i = 0; i < 2; i++) {
                double apart = gradients.get(i).sub(leaves.get(i).grad()).abs().max().item_double();
                assertThat(apart).isLessThan(1e-5);
            }
        }
    }

    @Test
    void ofOneLabelARowItIsTheMeanCrossEntropyAndTheDecay() {
        agree(false);
    }

    @Test
    void ofSeveralLabelsARowItIsBinaryCrossEntropySummedOverTheClasses() {
        agree(true);
    }
}
