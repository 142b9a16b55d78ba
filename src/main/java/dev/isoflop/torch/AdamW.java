package dev.isoflop.torch;

import dev.isoflop.fault.Check;
import dev.isoflop.recipe.Table;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Adam with decoupled weight decay, through libtorch's fused operator.
///
/// Ilya Loshchilov and Frank Hutter, *Decoupled Weight Decay Regularization*, ICLR 2019,
/// [arXiv:1711.05101](https://arxiv.org/abs/1711.05101), algorithm 2, with PyTorch's order: decay
/// first, epsilon added after the bias-corrected root.
///
/// Unless a learner says otherwise, biases and other parameters of one dimension are not decayed;
/// tokens, whose shape is `[1, 1, width]`, are, as the authors of MAE and DINO pre-train.
public final class AdamW implements Optimiser {

    /// What does not change during a run.
    ///
    /// @param beta1 decay of the mean of gradients
    /// @param beta2 decay of the mean of squared gradients
    /// @param epsilon added to the root of the mean square
    /// @param weightDecay share of a decayed parameter taken away a step, times the learning rate
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay)
            implements Optimiser.Settings {

        private static final Settings USUAL =
                new Settings(0.9, 0.999, 1e-8, 0); // PyTorch's, without decay

        public Settings {
            Check.that(
                    beta1 >= 0 && beta1 < 1,
                    "beta1 is %s; it must lie between 0 and 1, 1 excluded",
                    beta1);
            Check.that(
                    beta2 >= 0 && beta2 < 1,
                    "beta2 is %s; it must lie between 0 and 1, 1 excluded",
                    beta2);
            Check.that(epsilon > 0, "epsilon is %s; it must be positive", epsilon);
            Check.that(weightDecay >= 0, "weightDecay is %s; it must not be negative", weightDecay);
        }

        static Settings from(Table t, Optimiser.Settings fallback) {
            Settings usual = fallback instanceof Settings adamW ? adamW : USUAL;
            return t.build(() ->
                    new Settings(
                            t.real("beta1", usual.beta1),
                            t.real("beta2", usual.beta2),
                            t.real("epsilon", usual.epsilon),
                            t.real("weight-decay", usual.weightDecay)));
        }

        @Override
        public String name() {
            return "adamw";
        }

        @Override
        public Optimiser of(Parameters parameters) {
            return new AdamW(parameters, this);
        }
    }

    /// A parameter with its two means and the count of its steps.
    private record Slot(Tensor value, Tensor mean, Tensor square, Tensor steps) {}

    /// Parameters that share a weight decay.
    private record Group(List<Slot> slots, boolean decayed) {}

    private final OperatorHandle fused =
            Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
    private final OperatorHandle count =
            Dispatcher.singleton().findSchemaOrThrow("aten::_foreach_add_", "Scalar");
    private final Settings settings;
    private final Tensor mean;
    private final Tensor square;
    private final Tensor steps;
    private final List<Group> groups;

    public AdamW(Parameters parameters, Settings settings) {
        this.settings = settings;
        mean = torch.zeros_like(parameters.values());
        square = torch.zeros_like(parameters.values());
        steps =
                torch.zeros(
                        new long[] {parameters.named().size()},
                        Ops.options(parameters.values().device(), ScalarType.Float));
        groups = List.of(group(parameters, true), group(parameters, false));
    }

    /// Whether weight decay applies to a parameter unless a learner says otherwise: not to biases,
    /// nor to any of one dimension.
    public static boolean decays(String name, long dimensions) {
        return dimensions > 1 && !name.endsWith(".bias");
    }

    private Group group(Parameters parameters, boolean decayed) {
        TensorVector means = parameters.views(mean);
        TensorVector squares = parameters.views(square);
        List<Slot> slots = new ArrayList<>();
        long i = 0;
        for (Map.Entry<String, Tensor> entry : parameters.named().entrySet()) {
            if (parameters.decays(entry.getKey()) == decayed) {
                slots.add(
                        new Slot(
                                entry.getValue(),
                                new Tensor(means.get(i)),
                                new Tensor(squares.get(i)),
                                steps.select(0, i)));
            }
            i++;
        }
        return new Group(slots, decayed);
    }

    @Override
    public void step(double learningRate, double weightDecay) {
        try (NoGradGuard _ = new NoGradGuard()) {
            for (Group group : groups) {
                update(group, learningRate, group.decayed ? weightDecay : 0);
            }
        }
    }

    /// `_fused_adamw_(self, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, state_steps, lr, beta1,
    /// beta2, weight_decay, eps, amsgrad, maximize, grad_scale, found_inf)`.
    private void update(Group group, double learningRate, double weightDecay) {
        TensorVector values = new TensorVector();
        TensorVector gradients = new TensorVector();
        TensorVector means = new TensorVector();
        TensorVector squares = new TensorVector();
        TensorVector counts = new TensorVector();
        for (Slot slot : group.slots) {
            Tensor gradient = slot.value.grad();
            if (gradient.defined()) {
                values.push_back(slot.value);
                gradients.push_back(gradient);
                means.push_back(slot.mean);
                squares.push_back(slot.square);
                counts.push_back(slot.steps);
            }
        }
        if (values.empty()) {
            return;
        }
        IValueVector one = new IValueVector();
        one.push_back(Ops.list(counts));
        one.push_back(new IValue(new Scalar(1)));
        count.callBoxed(one);
        IValueVector arguments = new IValueVector();
        TensorVector[] lists = {values, gradients, means, squares, new TensorVector(), counts};
        for (TensorVector list : lists) {
            arguments.push_back(Ops.list(list));
        }
        double[] numbers = {
            learningRate, settings.beta1, settings.beta2, weightDecay, settings.epsilon
        };
        for (double number : numbers) {
            arguments.push_back(new IValue(number));
        }
        arguments.push_back(new IValue(false)); // amsgrad
        arguments.push_back(new IValue(false)); // maximize
        arguments.push_back(new IValue()); // grad_scale
        arguments.push_back(new IValue()); // found_inf
        fused.callBoxed(arguments);
    }

    /// What a checkpoint must hold to continue: both means and the steps of each parameter.
    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put("adamw.mean", mean);
        state.put("adamw.square", square);
        state.put("adamw.steps", steps);
        return state;
    }
}
