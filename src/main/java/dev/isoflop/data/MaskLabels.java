package dev.isoflop.data;

import dev.isoflop.fault.InputException;
import dev.isoflop.image.Frame;
import dev.isoflop.image.Shown;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// From masks to what a network is told: labels from 0, and {@link #IGNORED}.
///
/// A class keeps its number; the background is ignored or comes last, as {@link Dataset#background}
/// says. Views of masks are cut as their pictures were, each pixel by the nearest of the mask's, so
/// that no label is a mixture; outside the picture they are ignored.
public final class MaskLabels {

    /// The label of a pixel that counts for nothing.
    public static final int IGNORED = 255;

    private static final String BACKGROUND = "background";

    private final List<String> names;
    private final byte[] labels = new byte[Mask.IGNORED + 1]; // by value of a mask

    private MaskLabels(List<String> classes, Background background) {
        var all = new ArrayList<>(classes);
        Arrays.fill(labels, (byte) IGNORED);
        for (int label = 0; label < classes.size(); label++) {
            labels[label + 1] = (byte) label;
        }
        if (background == Background.CLASS) {
            labels[Mask.BACKGROUND] = (byte) classes.size();
            all.add(BACKGROUND);
        }
        names = List.copyOf(all);
    }

    /// The labels of a dataset's masks.
    ///
    /// @throws InputException if it has no masks, or more classes than a mask can tell apart
    public static MaskLabels of(Dataset dataset) {
        if (!dataset.fields().contains(Field.MASKS)) {
            throw new InputException(
                    dataset.name()
                            + " has no masks; take data.kind ade20k, image-mask, world, or coco"
                            + " with instances whose annotations all have a segmentation"
                            + Lacking.of(dataset, Field.MASKS)
                                    .map(lack -> " (%s: %s)".formatted(lack.first(), lack.why()))
                                    .orElse(""));
        }
        List<String> classes = dataset.maskClassNames();
        if (classes.size() > Mask.MOST_CLASSES) {
            throw new InputException(
                    "%s has %,d classes; masks have at most %d"
                            .formatted(dataset.name(), classes.size(), Mask.MOST_CLASSES));
        }
        return new MaskLabels(classes, dataset.background());
    }

    /// The names of the labels; as many as the network has outputs.
    public List<String> names() {
        return names;
    }

    /// A whole mask.
    ///
    /// @return `height x width` labels, row by row
    public byte[] of(Mask mask) {
        byte[] all = new byte[mask.width() * mask.height()];
        int at = 0;
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                all[at++] = labels[mask.at(x, y)];
            }
        }
        return all;
    }

    /// What a view shows of a mask.
    ///
    /// @param size side of the view in pixels
    /// @param to `size x size` labels, written
    public void cut(Mask mask, Shown shown, int size, MemorySegment to) {
        Frame frame = shown.frame();
        int[] columns = new int[frame.width()];
        Arrays.setAll(columns, shown::column);
        byte[] row = new byte[size];
        Arrays.fill(row, (byte) IGNORED);
        for (int y = 0; y < size; y++) {
            if (y < frame.height()) {
                int from = shown.row(y);
                for (int x = 0; x < columns.length; x++) {
                    row[x] = labels[mask.at(columns[x], from)];
                }
            } else if (y == frame.height()) {
                Arrays.fill(row, (byte) IGNORED);
            }
            MemorySegment.copy(row, 0, to, ValueLayout.JAVA_BYTE, (long) y * size, size);
        }
    }

    /// Refuses a mask of another size than its picture.
    ///
    /// @param name of the picture
    /// @throws InputException saying both sizes
    public static void checkSize(String name, Mask mask, int width, int height) {
        if (mask.width() != width || mask.height() != height) {
            boolean turned = mask.width() == height && mask.height() == width;
            throw new InputException(
                    "the mask of %s is %d x %d, and the image %d x %d%s; make them the same size"
                            .formatted(
                                    name,
                                    mask.width(),
                                    mask.height(),
                                    width,
                                    height,
                                    turned
                                            ? " (after any rotation its EXIF header asks for)"
                                            : ""));
        }
    }
}
