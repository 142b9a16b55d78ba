package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.keptMean;
import static dev.isoflop.torch.Ops.keptVariance;
import static dev.isoflop.torch.Ops.plus;

import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// Images as sequences of patches, and back.
///
/// Shapes: B images of H = G P by W = U P pixels, N = G U patches, V = 3 P P values.
public final class Patches {

    private static final double PIXEL_EPSILON = 1e-6; // of MAE's authors, inside the root

    private Patches() {}

    /// Patches as rows of values in the order (row, column, channel): MAE's target.
    ///
    /// @param images `[B, 3, H, W]`
    /// @param p side of a patch
    /// @return `[B, N, V]`, row by row of the image
    public static Tensor of(Tensor images, long p) {
        long g = images.size(2) / p;
        long u = images.size(3) / p;
        Tensor split = images.view(images.size(0), 3, g, p, u, p); // [B, 3, G, P, U, P]
        return split.permute(0, 2, 4, 3, 5, 1).reshape(images.size(0), g * u, 3 * p * p);
    }

    /// Square images from patches: the inverse of {@link #of}.
    ///
    /// @param patches `[B, N, V]`
    /// @param p side of a patch
    /// @return `[B, 3, G P, G P]`
    public static Tensor images(Tensor patches, long p) {
        return images(patches, p, Math.round(Math.sqrt((double) patches.size(1))));
    }

    /// Images of any shape from patches: the inverse of {@link #of}.
    ///
    /// @param patches `[B, N, V]`
    /// @param p side of a patch
    /// @param g rows of patches
    /// @return `[B, 3, H, W]`
    static Tensor images(Tensor patches, long p, long g) {
        long b = patches.size(0);
        long u = patches.size(1) / g;
        Tensor split = patches.view(b, g, u, p, p, 3); // [B, G, U, P, P, 3]
        return split.permute(0, 5, 1, 3, 2, 4).reshape(b, 3, g * p, u * p);
    }

    /// Each patch with mean 0 and deviation 1: MAE's target in the authors' published recipe.
    ///
    /// @param patches `[B, N, V]`
    public static Tensor normalised(Tensor patches) {
        return patches.sub(keptMean(patches, -1)).div(deviation(patches));
    }

    /// The inverse of {@link #normalised}.
    ///
    /// @param normalised `[B, N, V]`
    /// @param patches whose mean and deviation they get, `[B, N, V]`
    public static Tensor restored(Tensor normalised, Tensor patches) {
        return normalised.mul(deviation(patches)).add(keptMean(patches, -1));
    }

    /// The deviation of each patch, `[B, N, 1]`; unbiased variance, as the authors have it.
    private static Tensor deviation(Tensor patches) {
        return plus(keptVariance(patches, -1), PIXEL_EPSILON).sqrt();
    }

    /// Some rows of each image's sequence: one flat selection, several times as fast as a gather.
    ///
    /// @param x `[B, N, D]`
    /// @param which `[B, K]`
    /// @return `[B, K, D]`
    public static Tensor selected(Tensor x, Tensor which) {
        long b = x.size(0);
        long n = x.size(1);
        Tensor starts = Ops.count(b, which).mul(new Scalar(n)); // [B]
        Tensor flat = which.add(starts.unsqueeze(1)).flatten(); // [B K]
        return x.reshape(b * n, x.size(2)).index_select(0, flat).view(b, which.size(1), x.size(2));
    }
}
