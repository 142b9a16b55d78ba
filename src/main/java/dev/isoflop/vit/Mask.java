package dev.isoflop.vit;

import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Which patches of each image are hidden: those with the most noise.
///
/// @param keep patches that are seen, in the order of their noise, `[B, K]`
/// @param restore where each patch stands in the order of noise, `[B, N]`
/// @param removed 1 where a patch is hidden, 0 where it is seen, `[B, N]`
public record Mask(Tensor keep, Tensor restore, Tensor removed) {

    /// Keeps the `k` patches with the least noise.
    ///
    /// @param noise `[B, N]`
    public static Mask of(Tensor noise, int k) {
        return Part.ENCODER.of(() -> least(noise, k));
    }

    private static Mask least(Tensor noise, int k) {
        Tensor order = noise.argsort(1, false); // [B, N]
        Tensor places = Ops.count(noise.size(1), order).expand_as(order); // [B, N]
        Tensor restore = torch.empty_like(order).scatter_(1, order, places); // [B, N]
        Tensor removed = restore.ge(new Scalar(k)).to(noise.scalar_type()); // [B, N]
        return new Mask(order.narrow(1, 0, k), restore, removed);
    }
}
