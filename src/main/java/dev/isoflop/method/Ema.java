package dev.isoflop.method;

import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The network that follows another slowly, an exponential moving average of its parameters: the
/// teacher of DINO, the target of BYOL.
///
/// Running statistics are not averaged: the authors of BYOL let the target keep its own.
final class Ema {

    private Ema() {}

    /// A network that only {@link #drift} changes: no gradient reaches it.
    static <M extends Module> M frozen(M network) {
        Parameters.named(network).values().forEach(p -> p.set_requires_grad(false));
        return network;
    }

    /// Moves every parameter of a network, in place, to `momentum` of itself and `1 - momentum` of
    /// the online network's parameter of the same name. Momentum 1 leaves it as it is; 0 makes it a
    /// copy.
    ///
    /// @param online may have more parameters than `target`, such as a predictor's
    static void drift(Module target, Module online, double momentum) {
        Map<String, Tensor> followed = Parameters.named(online);
        Map<String, Tensor> following = Parameters.named(target);
        List<Tensor> ahead =
                following.keySet().stream()
                        .map(name -> Objects.requireNonNull(followed.get(name), name))
                        .toList();
        try (NoGradGuard _ = new NoGradGuard()) {
            List<Tensor> behind = List.copyOf(following.values());
            Part.EMA.run(() -> Ops.approach(behind, ahead, 1 - momentum));
        }
    }
}
