package dev.isoflop.torch;

import static dev.isoflop.torch.Ops.sizes;

import dev.isoflop.fault.Check;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The trainable parameters of a module as views of one flat buffer, so that what an optimiser
/// remembers of each is a view of another buffer of the same length ({@link #views}).
///
/// Gradients are tensors of their own: backward makes them in each step, and {@link
/// #clearGradients} lets go of them before the next. The order is that of {@link
/// Module#named_parameters()}; each parameter starts at a multiple of 16 elements, so that vector
/// instructions stay aligned.
public final class Parameters {

    private static final long ALIGNMENT = 16;
    private static final double CLIP_EPSILON = 1e-6; // PyTorch's guard against division by zero

    private final Map<String, Tensor> named = new LinkedHashMap<>();
    private final Tensor values;
    private final Decay decay;

    /// Which parameters weight decay applies to.
    public interface Decay {

        /// Whether it applies to a parameter of this name and so many dimensions.
        boolean decays(String name, long dimensions);
    }

    /// Moves the module's trainable parameters into a flat buffer, in place: their values are kept.
    /// Weight decay applies to those of two dimensions and more, but to no bias.
    public Parameters(Module module) {
        this(module, AdamW::decays);
    }

    /// The same, of which weight decay applies to some.
    public Parameters(Module module, Decay decay) {
        this.decay = decay;
        Map<String, Tensor> trainable = new LinkedHashMap<>();
        named(module)
                .forEach((name, tensor) -> {
                    if (tensor.requires_grad()) {
                        trainable.put(name, tensor);
                    }
                });
        Check.that(!trainable.isEmpty(), "the module has no trainable parameter");
        long total = trainable.values().stream().mapToLong(t -> aligned(t.numel())).sum();
        Tensor first = trainable.values().iterator().next();
        values = torch.zeros(new long[] {total}, Ops.like(first));
        try (NoGradGuard _ = new NoGradGuard()) {
            long offset = 0;
            for (Map.Entry<String, Tensor> entry : trainable.entrySet()) {
                Tensor parameter = entry.getValue();
                long[] shape = sizes(parameter);
                Tensor value = values.narrow(0, offset, parameter.numel()).view(shape);
                value.copy_(parameter);
                parameter.set_data(value);
                named.put(entry.getKey(), parameter);
                offset += aligned(parameter.numel());
            }
        }
    }

    /// Every parameter of a module by name, trainable or not, in the module's order.
    public static Map<String, Tensor> named(Module module) {
        return copied(module.named_parameters());
    }

    /// What a module keeps beside its parameters, by name: running statistics, a center.
    public static Map<String, Tensor> buffers(Module module) {
        return copied(module.named_buffers());
    }

    private static Map<String, Tensor> copied(StringTensorDict tensors) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        for (long i = 0; i < tensors.size(); i++) {
            // a handle of its own: what `value()` returns points into the dictionary
            Tensor tensor = new Tensor(tensors.get(i).value());
            result.put(tensors.get(i).key().getString(), tensor);
        }
        return result;
    }

    /// The trainable parameters by name.
    public Map<String, Tensor> named() {
        return java.util.Collections.unmodifiableMap(named);
    }

    /// Whether weight decay applies to one of them.
    boolean decays(String name) {
        Tensor parameter = named.get(name);
        return parameter != null && decay.decays(name, parameter.dim());
    }

    /// How many numbers are trained.
    public long count() {
        return named.values().stream().mapToLong(Tensor::numel).sum();
    }

    /// All values, with zeros between parameters.
    public Tensor values() {
        return values;
    }

    /// Lets go of the gradients: the next backward makes new ones.
    public void clearGradients() {
        named.values().forEach(parameter -> parameter.mutable_grad().reset());
    }

    /// The L2 norm of all gradients together, as the norm of each parameter's own.
    public double gradientNorm() {
        TensorVector norms = new TensorVector();
        for (Tensor gradient : gradients()) {
            norms.push_back(gradient.norm());
        }
        return norms.empty() ? 0 : torch.stack(norms).norm().item_double();
    }

    /// Scales the gradients down to a global norm, as `torch.nn.utils.clip_grad_norm_` does.
    ///
    /// @param norm their norm now
    /// @param limit the norm that they may have
    public void clip(double norm, double limit) {
        double coefficient = limit / (norm + CLIP_EPSILON);
        if (coefficient < 1) {
            Scalar factor = new Scalar(coefficient);
            gradients().forEach(gradient -> gradient.mul_(factor));
        }
    }

    /// Scales each parameter's gradient down to a norm of its own, as the authors of DINO do.
    ///
    /// @param limit the norm that each may have
    public void clipEach(double limit) {
        for (Tensor gradient : gradients()) {
            Tensor norm = gradient.norm().add_(new Scalar(CLIP_EPSILON)); // []
            gradient.mul_(norm.reciprocal_().mul_(new Scalar(limit)).clamp_max_(new Scalar(1)));
        }
    }

    /// The gradients that the last backward left, of the parameters it reached.
    private List<Tensor> gradients() {
        return named.values().stream().map(Tensor::grad).filter(Tensor::defined).toList();
    }

    /// One view of `flat` a parameter, in the order of {@link #named()}.
    TensorVector views(Tensor flat) {
        TensorVector result = new TensorVector();
        long offset = 0;
        for (Tensor parameter : named.values()) {
            result.push_back(flat.narrow(0, offset, parameter.numel()).view(sizes(parameter)));
            offset += aligned(parameter.numel());
        }
        return result;
    }

    private static long aligned(long n) {
        return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
