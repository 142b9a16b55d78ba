package dev.isoflop.data;

import dev.isoflop.data.coco.CocoFile;
import dev.isoflop.data.coco.Rle;
import dev.isoflop.fault.InputException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/// Masks painted from the outlines of COCO's instances, which stay in their file until an image's
/// turn comes: outlines of the whole set would fill a quarter of a gigabyte.
///
/// Crowds come first and are ignored; then things, the larger ones first, so that what is small
/// stays visible.
final class CocoMasks implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int LEAST_NUMBERS = 6; // of a polygon: three corners

    private final Path file;
    private final FileChannel channel;

    /// A thing or crowd to paint.
    ///
    /// @param value in the mask
    /// @param outline where it stands in the file
    /// @param annotation its number, for messages
    record Region(byte value, CocoFile.Extent outline, long annotation) {}

    private CocoMasks(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static CocoMasks of(Path file) {
        try {
            return new CocoMasks(file, FileChannel.open(file));
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// Paints a mask.
    ///
    /// @param regions in the order in which they are painted
    /// @throws InputException if an outline is of no known form, or of another size
    Mask paint(List<Region> regions, int width, int height) throws IOException {
        byte[] values = new byte[Math.multiplyExact(width, height)];
        for (Region region : regions) {
            try {
                paint(JSON.readTree(bytes(region.outline)), width, height, region.value, values);
            } catch (IllegalArgumentException | JacksonException e) {
                throw new InputException(
                        "%s: the segmentation of annotation %d will not do: %s"
                                .formatted(file, region.annotation, e.getMessage()),
                        e);
            }
        }
        return new Mask(width, height, values);
    }

    private byte[] bytes(CocoFile.Extent extent) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(extent.bytes());
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, extent.offset() + bytes.position()) < 0) {
                throw new EOFException(file + " has become shorter");
            }
        }
        return bytes.array();
    }

    private static void paint(JsonNode outline, int width, int height, byte value, byte[] values) {
        if (outline.isArray()) {
            for (JsonNode polygon : outline) {
                double[] corners = corners(polygon);
                if (corners.length >= LEAST_NUMBERS) {
                    Rle.polygon(width, height, corners).paint(values, value);
                }
            }
            return;
        }
        JsonNode size = outline.path("size");
        if (size.path(0).asInt(-1) != height || size.path(1).asInt(-1) != width) {
            throw new IllegalArgumentException(
                    "its size is %s, and its image is %d x %d (width x height)"
                            .formatted(size, width, height));
        }
        JsonNode counts = outline.path("counts");
        rle(counts, width, height).paint(values, value);
    }

    private static Rle rle(JsonNode counts, int width, int height) {
        if (counts.isString()) {
            return Rle.parse(width, height, counts.asString());
        }
        if (!counts.isArray()) {
            throw new IllegalArgumentException("it is neither polygons nor run lengths");
        }
        int[] runs = new int[counts.size()];
        for (int i = 0; i < runs.length; i++) {
            runs[i] = counts.get(i).asInt(-1);
        }
        return Rle.of(width, height, runs);
    }

    private static double[] corners(JsonNode polygon) {
        double[] corners = new double[polygon.size()];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = polygon.get(i).asDouble(Double.NaN);
            if (!Double.isFinite(corners[i])) {
                throw new IllegalArgumentException("a polygon's corner is " + polygon.get(i));
            }
        }
        if (!polygon.isArray() || corners.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "a polygon has %d numbers; it should have pairs".formatted(corners.length));
        }
        return corners;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
