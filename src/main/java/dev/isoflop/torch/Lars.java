package dev.isoflop.torch;

import dev.isoflop.fault.Check;
import dev.isoflop.recipe.Table;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.LinkedHashMap;
import java.util.Map;

/// Layer-wise adaptive rate scaling: momentum whose step is a fixed share of each tensor's norm.
///
/// Yang You et al., *Large Batch Training of Convolutional Networks*, 2017,
/// [arXiv:1708.03888](https://arxiv.org/abs/1708.03888), as SimCLR, BYOL and DINO write it: weight
/// decay is added to the gradient before the trust ratio is taken, and tensors of one dimension, or
/// that a learner spares weight decay, are neither decayed nor scaled. With r the rate, t the trust
/// ratio and m the momentum,
///
/// - BYOL's code and DINO's: `v = m v + t g`, then `w -= r v`: a change of the rate acts at once on
///   all that is in the sum;
/// - SimCLR's, its `classic_momentum`: `v = m v + r t g`, then `w -= v`: an update keeps the rate
///   of the step it came from. So has You et al., algorithm 1.
///
/// They are one and the same where the rate stays, and differ in a warm-up.
public final class Lars implements Optimiser {

    /// What does not change during a run.
    ///
    /// @param momentum decay of the sum of updates
    /// @param trust a step's norm as a share of its tensor's, at learning rate 1
    /// @param weightDecay added to the gradient, times the parameter
    /// @param classicMomentum whether the rate is inside the sum of updates, as in SimCLR's code;
    ///   else it multiplies the sum, as in BYOL's and DINO's
    public record Settings(
            double momentum, double trust, double weightDecay, boolean classicMomentum)
            implements Optimiser.Settings {

        /// All four are those of BYOL's authors.
        private static final Settings USUAL = new Settings(0.9, 0.001, 1.5e-6, false);

        public Settings {
            Check.that(
                    momentum >= 0 && momentum < 1,
                    "momentum is %s; it must lie between 0 and 1, 1 excluded",
                    momentum);
            Check.that(trust > 0, "trust is %s; it must be positive, such as 0.001", trust);
            Check.that(weightDecay >= 0, "weightDecay is %s; it must not be negative", weightDecay);
        }

        static Settings from(Table t, Optimiser.Settings fallback) {
            Settings usual = fallback instanceof Settings lars ? lars : USUAL;
            return t.build(() ->
                    new Settings(
                            t.real("momentum", usual.momentum),
                            t.real("trust", usual.trust),
                            t.real("weight-decay", usual.weightDecay),
                            t.flag("classic-momentum", usual.classicMomentum)));
        }

        @Override
        public String name() {
            return "lars";
        }

        @Override
        public Optimiser of(Parameters parameters) {
            return new Lars(parameters, this);
        }
    }

    private final Parameters parameters;
    private final Settings settings;
    private final Tensor velocity;
    private final Map<String, Tensor> velocities = new LinkedHashMap<>();

    public Lars(Parameters parameters, Settings settings) {
        this.parameters = parameters;
        this.settings = settings;
        velocity = torch.zeros_like(parameters.values());
        TensorVector views = parameters.views(velocity);
        long i = 0;
        for (String name : parameters.named().keySet()) {
            velocities.put(name, new Tensor(views.get(i++)));
        }
    }

    @Override
    public void step(double learningRate, double weightDecay) {
        double inside = settings.classicMomentum ? learningRate : 1;
        double outside = settings.classicMomentum ? 1 : learningRate;
        try (NoGradGuard _ = new NoGradGuard()) {
            parameters
                    .named()
                    .forEach((name, value) -> {
                        Tensor gradient = value.grad();
                        Tensor sum = velocities.get(name);
                        if (gradient.defined() && sum != null) {
                            sum.mul_(new Scalar(settings.momentum));
                            Tensor direction = direction(name, value, gradient, weightDecay);
                            sum.add_(direction, new Scalar(inside));
                            value.sub_(sum, new Scalar(outside));
                        }
                    });
        }
    }

    private Tensor direction(String name, Tensor value, Tensor gradient, double weightDecay) {
        if (value.dim() <= 1 || !parameters.decays(name)) {
            return gradient;
        }
        Tensor decayed = gradient.add(value, new Scalar(weightDecay));
        double length = value.norm().item_double();
        double step = decayed.norm().item_double();
        boolean scaled = length > 0 && step > 0;
        return scaled ? decayed.mul_(new Scalar(settings.trust * length / step)) : decayed;
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of("lars.velocity", velocity);
    }
}
