package dev.isoflop.cli;

import dev.isoflop.data.Chunk;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Loader;
import dev.isoflop.image.Normalisation;
import dev.isoflop.image.Png;
import dev.isoflop.image.Raster;
import dev.isoflop.image.View;
import dev.isoflop.method.Mae;
import dev.isoflop.report.Figure;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Progress;
import dev.isoflop.vit.Patches;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a masked autoencoder paints: images, what it is shown of them, and what it makes of that.
final class Paintings implements Pictures {

    private static final int IMAGES = 8;
    private static final int GAP = 4;
    private static final int LEAST_SIDE = 96; // of a picture on the page
    private static final int SEED_OF_MASKS = 7;

    private final Mae mae;
    private final Recipe recipe;

    Paintings(Mae mae, Recipe recipe) {
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
            FloatPointer pixels = new FloatPointer(chunk.pixels(0).asByteBuffer().asFloatBuffer());
            Tensor onCpu =
                    torch.from_blob(
                            pixels,
                            new long[] {IMAGES, 3, side, side},
                            Ops.options(Engine.device("cpu"), ScalarType.Float));
            Tensor images = onCpu.to(device, Engine.parameterType(recipe.precision()));
            int n = recipe.encoder().patches();
            double[] noise = new Progress(0, 1, SEED_OF_MASKS, 0).uniform(0, IMAGES, n);
            Mae.Reconstruction seen = mae.reconstruct(images, Ops.tensor(noise, images, IMAGES, n));
            Tensor removed = seen.mask().removed().unsqueeze(-1); // [B, N, 1]
            int patch = recipe.encoder().patch();
            Tensor patches = Patches.of(images, patch); // [B, N, V]
            Tensor masked = Patches.images(patches.sub(patches.mul(removed)), patch); // 0 is grey
            Raster sheet =
                    sheet(
                            List.of(
                                    rasters(images, side),
                                    rasters(masked, side),
                                    rasters(mae.shown(images, seen), side)),
                            side);
            double share = removed.mean().item_double();
            String caption =
                    String.format(
                            Locale.ROOT,
                            "Rows: the image; the %.0f%% of patches that the encoder is shown; what"
                                    + " the decoder paints (hidden patches only). Images of %s,"
                                    + " central crop.",
                            100 * (1 - share),
                            data.name());
            return List.of(
                    new Figure("Original, masked, reconstructed", caption, Png.encode(sheet)));
        }
    }

    private static List<Raster> rasters(Tensor images, int side) {
        Tensor flat = images.to(new Device("cpu"), ScalarType.Float).contiguous();
        long bytes = flat.numel() * Float.BYTES;
        MemorySegment all = MemorySegment.ofAddress(flat.data_ptr().address()).reinterpret(bytes);
        long each = bytes / IMAGES;
        List<Raster> rasters = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            rasters.add(Normalisation.restore(all.asSlice(i * each, each), side));
        }
        return rasters;
    }

    /// Rows of pictures with gaps between them, small ones enlarged pixel by pixel.
    private static Raster sheet(List<List<Raster>> rows, int side) {
        int zoom = Math.max(1, Math.ceilDiv(LEAST_SIDE, side));
        int cell = side * zoom + GAP;
        int width = IMAGES * cell - GAP;
        int height = rows.size() * cell - GAP;
        byte[] rgb = new byte[3 * width * height];
        java.util.Arrays.fill(rgb, (byte) 255);
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < IMAGES; column++) {
                Raster picture = rows.get(row).get(column);
                for (int y = 0; y < side * zoom; y++) {
                    for (int x = 0; x < side * zoom; x++) {
                        int at = 3 * ((row * cell + y) * width + column * cell + x);
                        for (int c = 0; c < 3; c++) {
                            rgb[at + c] = (byte) picture.at(x / zoom, y / zoom, c);
                        }
                    }
                }
            }
        }
        return new Raster(width, height, rgb);
    }
}
