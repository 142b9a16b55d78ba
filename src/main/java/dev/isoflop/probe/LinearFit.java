package dev.isoflop.probe;

import dev.isoflop.budget.Work;
import dev.isoflop.torch.Lbfgs;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/// The weights of a linear classifier, and the products that finding them took.
///
/// Shapes: N rows, D width, K classes.
final class LinearFit {

    private final boolean multiLabel;
    private final Executor executor;
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
    /// @param executor of blocks of rows; operators in its threads have one thread each
    LinearFit(Tensor features, int classes, boolean multiLabel, Executor executor) {
        this.multiLabel = multiLabel;
        this.executor = executor;
        weight = torch.zeros(new long[] {features.size(1), classes}, Ops.like(features));
        bias = torch.zeros(new long[] {classes}, Ops.like(features));
        keptWeight = torch.zeros_like(weight);
        keptBias = torch.zeros_like(bias);
    }

    /// Goes on from the weights at hand to those of least loss.
    ///
    /// @param x features, `[N, D]`
    /// @param truth what the rows show
    /// @param decay half of which times the squared norm of the weights is added to the loss
    /// @param iterations at most
    void fit(Tensor x, GroundTruth truth, double decay, int iterations) {
        try (PointerScope _ = new PointerScope()) {
            LinearLoss loss = new LinearLoss(x, truth, multiLabel, executor);
            long evaluations =
                    Lbfgs.minimise(
                            List.of(weight, bias),
                            gradients -> loss.evaluated(weight, bias, decay, gradients),
                            iterations);
            long n = x.size(0);
            long d = weight.size(0);
            long k = weight.size(1);
            work.add(
                    Work.sum(
                            "fit at decay " + decay,
                            Work.product("logits", evaluations, n, d, k),
                            Work.product("gradients", evaluations, d, n, k)));
        }
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
        keptWeight.copy_(weight);
        keptBias.copy_(bias);
    }

    /// Goes back to the weights that were kept.
    void goBack() {
        weight.copy_(keptWeight);
        bias.copy_(keptBias);
    }

    /// All matrix products so far.
    Work work() {
        return Work.sum("linear probe", work);
    }
}
