package dev.isoflop.method;

import static dev.isoflop.torch.Ops.tensor;

import dev.isoflop.train.Panel;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Patches;

import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Locale;

/// What a masked autoencoder is shown of images and what it makes of that.
///
/// Shapes: B images of side S, N patches of V values.
final class MaePanel {

    private static final int MASKS = 7; // their seed: always the same

    private MaePanel() {}

    /// Rows: the images, what the encoder is shown of them, what the decoder paints.
    ///
    /// @param images `[B, 3, S, S]`
    /// @param patch side in pixels
    /// @param normalised whether what it paints has mean 0 and deviation 1 in each patch
    static Panel of(Mae mae, Tensor images, int patch, boolean normalised) {
        int b = (int) images.size(0);
        Tensor patches = Patches.of(images, patch); // [B, N, V]
        int n = (int) patches.size(1);
        double[] noise = new Progress(0, 1, MASKS, 0).uniform(0, b, n);
        Mae.Reconstruction seen = mae.reconstruct(images, tensor(noise, images, b, n));
        Tensor removed = seen.mask().removed().unsqueeze(-1); // [B, N, 1]
        Tensor shown = Patches.images(patches.sub(patches.mul(removed)), patch); // 0: grey
        Tensor painted =
                normalised ? Patches.restored(seen.painted(), patches) : seen.painted(); // [B, N,V]
        Tensor mixed = patches.lerp(painted, removed); // [B, N, V]: hidden patches as imagined
        String caption =
                String.format(
                        Locale.ROOT,
                        "Rows: the image; the %.0f%% of patches that the encoder is shown; what the"
                                + " decoder paints (hidden patches only).",
                        100 * (1 - removed.mean().item_double()));
        return new Panel(
                "Original, masked, reconstructed",
                caption,
                List.of(images, shown, Patches.images(mixed, patch)));
    }
}
