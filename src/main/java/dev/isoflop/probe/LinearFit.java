package dev.isoflop.probe;

import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.binary_cross_entropy_with_logits;
import static org.bytedeco.pytorch.global.torch.cross_entropy;

import dev.isoflop.budget.Work;
import dev.isoflop.torch.Lbfgs;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The weights of a linear classifier, and the products that finding them took.
///
/// Shapes: N rows, D width, K classes.
final class LinearFit {

    private final boolean multiLabel;
    private final Tensor weight; // [D, K]
    private final Tensor bias; // [K]
    private final Tensor keptWeight; // [D, K]
    private final Tensor keptBias; // [K]
    private final List<Work> work = new ArrayList<>();

    /// Begins at zero.
    ///
    /// @param features of whose width, device and format the weights are
    /// @param multiLabel whether rows may show several classes: one sigmoid a class instead of a
    ///   softmax
    LinearFit(Tensor features, int classes, boolean multiLabel) {
        this.multiLabel = multiLabel;
        weight = torch.zeros(new long[] {features.size(1), classes}, Ops.like(features));
        bias = torch.zeros(new long[] {classes}, Ops.like(features));
        keptWeight = torch.zeros_like(weight);
        keptBias = torch.zeros_like(bias);
        weight.set_requires_grad(true);
        bias.set_requires_grad(true);
    }

    /// Goes on from the weights at hand to those of least loss.
    ///
    /// @param x features, `[N, D]`
    /// @param truth what the rows show
    /// @param decay half of which times the squared norm of the weights is added to the loss
    /// @param iterations at most
    void fit(Tensor x, GroundTruth truth, double decay, int iterations) {
        Tensor target = target(truth); // [N], or [N, K] of several labels
        long evaluations =
                Lbfgs.minimise(List.of(weight, bias), () -> loss(x, target, decay), iterations);
        long n = x.size(0);
        long d = weight.size(0);
        long k = weight.size(1);
        work.add(
                Work.sum(
                        "fit at decay " + decay,
                        Work.product("logits", evaluations, n, d, k),
                        Work.product("gradients", evaluations, d, n, k)));
    }

    /// Of sigmoids a sum over classes, so that it is as large as that of the softmax.
    private Tensor loss(Tensor x, Tensor target, double decay) {
        Tensor logits = x.matmul(weight).add(bias); // [N, K]
        double classes = bias.size(0);
        Tensor mean =
                multiLabel
                        ? times(binary_cross_entropy_with_logits(logits, target), classes)
                        : cross_entropy(logits, target); // []
        return mean.add(times(weight.mul(weight).sum(), decay / 2));
    }

    /// Logits of other rows, `rows x K`.
    ///
    /// @param x features, `[N, D]`
    double[][] scores(Tensor x) {
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            work.add(Work.product("scores", 1, x.size(0), weight.size(0), weight.size(1)));
            return Ops.rows(x.matmul(weight).add(bias)); // [N, K]
        }
    }

    /// Remembers the weights at hand.
    void keep() {
        keptWeight.copy_(weight.detach());
        keptBias.copy_(bias.detach());
    }

    /// Goes back to the weights that were kept.
    void goBack() {
        weight.detach().copy_(keptWeight);
        bias.detach().copy_(keptBias);
    }

    /// All matrix products so far.
    Work work() {
        return Work.sum("linear probe", work);
    }

    /// Numbers of classes, `[N]`; or a flag a class, `[N, K]`.
    private Tensor target(GroundTruth truth) {
        int n = truth.rows();
        if (!multiLabel) {
            return index(IntStream.range(0, n).map(truth::main).toArray()); // [N]
        }
        float[] flags = new float[Math.multiplyExact(n, truth.classes())];
        for (int row = 0; row < n; row++) {
            for (int label : truth.labels().get(row)) {
                flags[row * truth.classes() + label] = 1;
            }
        }
        return Ops.tensor(flags, n, truth.classes()); // [N, K]
    }

    /// Whole numbers, `[n]`.
    static Tensor index(int[] numbers) {
        double[] values = Arrays.stream(numbers).asDoubleStream().toArray();
        return Ops.tensor(values, numbers.length).to(ScalarType.Long);
    }
}
