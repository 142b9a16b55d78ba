package dev.isoflop.probe;

import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.binary_cross_entropy_with_logits;

import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

/// The loss of a linear classifier over all rows, and its gradient.
///
/// Cross-entropy, or of several labels a row binary cross-entropy summed over the classes; the mean
/// over the rows, and half the decay times the squared norm of the weights.
///
/// Rows are cut into blocks, which are computed beside one another and added in their order: what
/// comes out does not hang on how many are at work. Blocks are small enough that their logits stay
/// in a core's cache.
///
/// Shapes: N rows, R of a block, D width, K classes.
final class LinearLoss {

    private static final int MOST_BLOCKS = 16; // each has a gradient of its own
    private static final int LEAST_ROWS = 512;

    private final boolean multiLabel;
    private final Executor executor;
    private final int rows;
    private final List<Block> blocks = new ArrayList<>();

    /// Some of the rows.
    ///
    /// @param x features, `[R, D]`
    /// @param target numbers of classes, `[R, 1]`; or a flag a class, `[R, K]`
    /// @param weightGradient of the sum over its rows, `[D, K]`
    /// @param biasGradient likewise, `[K]`
    private record Block(Tensor x, Tensor target, Tensor weightGradient, Tensor biasGradient) {}

    /// @param x features, `[N, D]`
    /// @param truth what the rows show
    /// @param multiLabel whether rows may show several classes
    /// @param executor of the blocks; operators in its threads have one thread each
    LinearLoss(Tensor x, GroundTruth truth, boolean multiLabel, Executor executor) {
        this.multiLabel = multiLabel;
        this.executor = executor;
        this.rows = truth.rows();
        int most = Math.max(LEAST_ROWS, Math.ceilDiv(rows, MOST_BLOCKS));
        long[] shape = {x.size(1), truth.classes()};
        for (int from = 0; from < rows; from += most) {
            int count = Math.min(most, rows - from);
            blocks.add(
                    new Block(
                            x.narrow(0, from, count),
                            target(truth, from, count),
                            torch.zeros(shape, Ops.like(x)),
                            torch.zeros(new long[] {truth.classes()}, Ops.like(x))));
        }
    }

    /// Numbers of classes, `[R, 1]`; or a flag a class, `[R, K]`.
    private Tensor target(GroundTruth truth, int from, int count) {
        if (!multiLabel) {
            int[] classes = IntStream.range(from, from + count).map(truth::main).toArray();
            return index(classes).unsqueeze(1); // [R, 1]
        }
        float[] flags = new float[Math.multiplyExact(count, truth.classes())];
        for (int row = 0; row < count; row++) {
            for (int label : truth.labels().get(from + row)) {
                flags[row * truth.classes() + label] = 1;
            }
        }
        return Ops.tensor(flags, count, truth.classes()); // [R, K]
    }

    /// Whole numbers, `[n]`.
    static Tensor index(int[] numbers) {
        double[] values = Arrays.stream(numbers).asDoubleStream().toArray();
        return Ops.tensor(values, numbers.length).to(ScalarType.Long);
    }

    /// The loss at these weights.
    ///
    /// @param weight `[D, K]`
    /// @param bias `[K]`
    /// @param decay half of which times the squared norm of the weights is added
    /// @param gradients of weight and bias, overwritten
    double evaluated(Tensor weight, Tensor bias, double decay, List<Tensor> gradients) {
        List<CompletableFuture<Double>> sums =
                blocks.stream()
                        .map(block ->
                                CompletableFuture.supplyAsync(
                                        () -> sum(block, weight, bias), executor))
                        .toList();
        double sum = sums.stream().mapToDouble(CompletableFuture::join).sum();
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            Tensor ofWeight = gradients.get(0).zero_(); // [D, K]
            Tensor ofBias = gradients.get(1).zero_(); // [K]
            for (Block block : blocks) {
                ofWeight.add_(block.weightGradient);
                ofBias.add_(block.biasGradient);
            }
            ofWeight.div_(new Scalar((double) rows)).add_(weight, new Scalar(decay));
            ofBias.div_(new Scalar((double) rows));
            double norm = weight.mul(weight).sum().item_double();
            return sum / rows + decay / 2 * norm;
        }
    }

    /// The loss summed over a block's rows; leaves the gradient of the sum with the block.
    private double sum(Block block, Tensor weight, Tensor bias) {
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            Tensor logits = torch.addmm(bias, block.x, weight); // [R, K]
            Tensor loss; // []
            Tensor ofLogits; // [R, K]
            if (multiLabel) {
                Tensor mean = binary_cross_entropy_with_logits(logits, block.target); // []
                loss = times(mean, (double) logits.numel());
                ofLogits = logits.sigmoid_().sub_(block.target);
            } else {
                Tensor logarithms = torch.log_softmax(logits, 1); // [R, K]
                loss = logarithms.gather(1, block.target).sum().neg();
                Tensor one = torch.full_like(block.target, new Scalar(-1.0)); // [R, 1]
                ofLogits =
                        logarithms.exp_().scatter_add_(1, block.target, one.to(ScalarType.Float));
            }
            torch.mm_out(block.weightGradient, block.x.t(), ofLogits);
            block.biasGradient.copy_(ofLogits.sum(0));
            return loss.item_double();
        }
    }
}
