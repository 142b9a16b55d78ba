package dev.isoflop.trainer;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.image.ImageGrid;
import dev.isoflop.image.View;
import dev.isoflop.method.Mae;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.report.Figure;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Patches;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

import java.util.List;
import java.util.Locale;

/// What a masked autoencoder paints: images, what it is shown of them, and what it makes of that.
public final class PanelFigure implements Pictures {

    private static final int IMAGES = 8;
    private static final int SEED_OF_MASKS = 7;

    private final Mae mae;
    private final PretrainRecipe recipe;

    public PanelFigure(Mae mae, PretrainRecipe recipe) {
        this.mae = mae;
        this.recipe = recipe;
    }

    @Override
    public List<Figure> draw(Dataset data, Device device) {
        int side = recipe.encoder().image();
        Loader.Settings settings = new Loader.Settings(IMAGES, IMAGES, 0, 1, 1, 1);
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard();
                Loader loader = new Loader(data, List.of(View.central(side)), settings, 0, IMAGES);
                Chunk chunk = loader.take()) {
            Tensor onCpu = EncoderFigures.pixels(chunk, 0, side); // [B, 3, S, S]
            Tensor images = onCpu.to(device, Engine.parameterType(recipe.precision()));
            int n = recipe.encoder().patches();
            double[] noise = new Progress(0, 1, SEED_OF_MASKS, 0).uniform(0, IMAGES, n);
            Mae.Reconstruction seen = mae.reconstruct(images, Ops.tensor(noise, images, IMAGES, n));
            Tensor removed = seen.mask().removed().unsqueeze(-1); // [B, N, 1]
            int patch = recipe.encoder().patch();
            Tensor patches = Patches.of(images, patch); // [B, N, V]
            Tensor masked = Patches.images(patches.sub(patches.mul(removed)), patch); // 0 is grey
            byte[] sheet =
                    ImageGrid.png(
                            List.of(
                                    ImageGrid.rasters(images),
                                    ImageGrid.rasters(masked),
                                    ImageGrid.rasters(mae.shown(images, seen))));
            double share = removed.mean().item_double();
            String caption =
                    String.format(
                            Locale.ROOT,
                            "Rows: the image; the %.0f%% of patches that the encoder is shown; what"
                                    + " the decoder paints (hidden patches only). Images of %s,"
                                    + " central crop.",
                            100 * (1 - share),
                            data.name());
            return List.of(new Figure("Original, masked, reconstructed", caption, sheet));
        }
    }
}
