package dev.isoflop.train;

import dev.isoflop.fault.Check;
import dev.isoflop.torch.Parameters;

/// How large gradients may be.
///
/// @param clip the largest L2 norm
/// @param clipEach whether it is that of each parameter's gradient, as the authors of DINO have it;
///   else that of all together
public record Clipping(double clip, boolean clipEach) {

    public Clipping {
        Check.that(clip > 0, "clip is %s; it must be positive", clip);
    }

    /// Scales gradients down.
    ///
    /// @param norm of all together, now
    void apply(Parameters parameters, double norm) {
        if (clipEach) {
            parameters.clipEach(clip);
        } else {
            parameters.clip(norm, clip);
        }
    }
}
