package dev.isoflop.torch;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LBFGS;
import org.bytedeco.pytorch.LBFGSOptions;
import org.bytedeco.pytorch.LossClosure;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Least loss over a whole set at once: libtorch's L-BFGS with a line search that keeps the strong
/// Wolfe conditions.
///
/// Dong Liu and Jorge Nocedal, *On the limited memory BFGS method for large scale optimization*,
/// Mathematical Programming 1989. For convex losses of a few parameters; there is no rate to choose
/// and no random number.
public final class Lbfgs {

    private static final long HISTORY = 10;

    private Lbfgs() {}

    /// Changes parameters, in place, towards the least loss.
    ///
    /// @param parameters that require gradients
    /// @param loss of all rows at the parameters' values, `[]`
    /// @param iterations at most; it ends before when nothing changes any more
    /// @return how often the loss and its gradient were computed
    public static long minimise(List<Tensor> parameters, Supplier<Tensor> loss, int iterations) {
        var evaluations = new AtomicLong();
        try (PointerScope _ = new PointerScope()) {
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
                            return Ops.tensor(new double[] {evaluated(parameters, loss)}); // []
                        }
                    };
            optimiser.step(closure);
        }
        return evaluations.get();
    }

    /// The loss as a number; leaves its gradients with the parameters.
    private static double evaluated(List<Tensor> parameters, Supplier<Tensor> loss) {
        try (PointerScope _ = new PointerScope()) {
            parameters.forEach(parameter -> parameter.mutable_grad().reset());
            Tensor value = loss.get(); // []
            value.backward();
            return value.item_double();
        }
    }
}
