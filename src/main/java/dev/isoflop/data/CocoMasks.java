package dev.isoflop.data;

import dev.isoflop.data.coco.CocoFile;
import dev.isoflop.data.coco.Outline;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/// Masks painted from the outlines of COCO's instances, which stay in their file until an image's
/// turn comes: outlines of the whole set would fill a quarter of a gigabyte.
///
/// Crowds come first and are ignored; then things, the larger ones first, so that what is small
/// stays visible.
final class CocoMasks implements AutoCloseable {

    private final Path file;
    private final FileChannel channel;

    /// A thing or crowd to paint.
    ///
    /// @param value in the mask
    /// @param thing whose outline is painted
    record Region(byte value, CocoFile.Thing thing) {}

    private CocoMasks(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static CocoMasks of(Path file) {
        try {
            return new CocoMasks(file, FileChannel.open(file));
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    /// Paints a mask.
    ///
    /// @param regions in the order in which they are painted
    /// @throws InputException if an outline is missing, of no known form, or of another size
    Mask paint(List<Region> regions, int width, int height) throws IOException {
        byte[] values = new byte[Math.multiplyExact(width, height)];
        for (Region region : regions) {
            try {
                outline(region).paint(width, height, values, region.value);
            } catch (IllegalArgumentException e) {
                throw new InputException(
                        "%s: the segmentation of %s will not do: %s"
                                .formatted(file, region.thing.annotation(), e.getMessage()),
                        e);
            }
        }
        return new Mask(width, height, values);
    }

    private Outline outline(Region region) throws IOException {
        if (region.thing.outline().equals(CocoFile.Extent.NONE)) {
            throw new IllegalArgumentException(region.thing.fault());
        }
        return Outline.of(region.thing.outline().read(channel));
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
