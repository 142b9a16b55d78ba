package dev.isoflop.torch;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LBFGS;
import org.bytedeco.pytorch.LBFGSOptions;
import org.bytedeco.pytorch.LossClosure;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Least loss over a whole set at once: libtorch's L-BFGS with a line search that keeps the strong
/// Wolfe conditions.
///
/// Dong Liu and Jorge Nocedal, *On the limited memory BFGS method for large scale optimization*,
/// Mathematical Programming 1989. For convex losses of a few parameters; there is no rate to choose
/// and no random number.
public final class Lbfgs {

    private static final long HISTORY = 10;

    private Lbfgs() {}

    /// What is to be least.
    @FunctionalInterface
    public interface Loss {

        /// The loss at the parameters' values.
        ///
        /// @param gradients one a parameter, in their order and of their shapes, to be overwritten
        double evaluated(List<Tensor> gradients);
    }

    /// Changes parameters, in place, towards the least loss.
    ///
    /// @param parameters that nobody differentiates
    /// @param loss of all rows, with its gradients
    /// @param iterations at most; it ends before when nothing changes any more
    /// @return how often the loss and its gradient were computed
    public static long minimise(List<Tensor> parameters, Loss loss, int iterations) {
        var evaluations = new AtomicLong();
        try (PointerScope _ = new PointerScope()) {
            List<Tensor> gradients = parameters.stream().map(torch::zeros_like).toList();
            for (int i = 0; i < gradients.size(); i++) {
                Tensor _ = parameters.get(i).mutable_grad().put(gradients.get(i));
            }
            LBFGSOptions options = new LBFGSOptions(1);
            options.max_iter().put(iterations);
            options.history_size().put(HISTORY);
            options.line_search_fn().put(new BytePointer("strong_wolfe"));
            LBFGS optimiser =
                    new LBFGS(new TensorVector(parameters.toArray(Tensor[]::new)), options);
            LossClosure closure =
                    new LossClosure() {
                        @Override
                        public Tensor call() {
                            evaluations.incrementAndGet();
                            return Ops.tensor(new double[] {loss.evaluated(gradients)}); // []
                        }
                    };
            optimiser.step(closure);
            parameters.forEach(parameter -> parameter.mutable_grad().reset());
        }
        return evaluations.get();
    }
}
