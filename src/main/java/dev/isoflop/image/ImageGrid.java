package dev.isoflop.image;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Pictures in rows and columns, as one picture.
public final class ImageGrid {

    private static final int GAP = 4; // pixels between pictures
    private static final int LEAST_SIDE = 96; // of a picture on the page

    private ImageGrid() {}

    /// Normalised images as pictures.
    ///
    /// @param images `[B, 3, S, S]`
    public static List<Raster> rasters(Tensor images) {
        Tensor flat = images.to(new Device("cpu"), ScalarType.Float).contiguous();
        int side = Math.toIntExact(images.size(-1));
        long each = 3L * side * side * Float.BYTES;
        long bytes = flat.numel() * Float.BYTES;
        MemorySegment all = MemorySegment.ofAddress(flat.data_ptr().address()).reinterpret(bytes);
        List<Raster> rasters = new ArrayList<>();
        for (long at = 0; at < bytes; at += each) {
            rasters.add(Normalisation.restore(all.asSlice(at, each), side));
        }
        return rasters;
    }

    /// Rows of square pictures with gaps between them, small ones enlarged pixel by pixel, as a
    /// PNG.
    public static byte[] png(List<List<Raster>> rows) {
        int largest = rows.stream().flatMap(List::stream).mapToInt(Raster::width).max().orElse(1);
        int side = largest * Math.max(1, Math.ceilDiv(LEAST_SIDE, largest));
        int columns = rows.stream().mapToInt(List::size).max().orElse(1);
        int cell = side + GAP;
        int width = columns * cell - GAP;
        int height = rows.size() * cell - GAP;
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) 255);
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < rows.get(row).size(); column++) {
                Raster picture = rows.get(row).get(column);
                for (int y = 0; y < side; y++) {
                    for (int x = 0; x < side; x++) {
                        int at = 3 * ((row * cell + y) * width + column * cell + x);
                        int fromX = x * picture.width() / side;
                        int fromY = y * picture.height() / side;
                        for (int c = 0; c < 3; c++) {
                            rgb[at + c] = (byte) picture.at(fromX, fromY, c);
                        }
                    }
                }
            }
        }
        return Png.encode(new Raster(width, height, rgb));
    }
}
