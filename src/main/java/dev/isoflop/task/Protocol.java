package dev.isoflop.task;

import dev.isoflop.fault.Check;
import dev.isoflop.recipe.Table;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a network is evaluated on an image of any size. Figures of different protocols do not
/// compare.
///
/// Each begins with the image resized so that its shorter side has `base` pixels (0: as it is).
/// Koppula et al. 2022 (A.4) take the centre and do not say of which size.
///
/// Pure.
public sealed interface Protocol {

    /// Shorter side of the image before anything is cut, in pixels; 0 for the image as it is.
    int base();

    /// What a reader of a figure must know of it.
    String describe();

    /// The square in the middle; what lies around it is not judged. Labels are resized with the
    /// image, by the nearest pixel.
    ///
    /// @param side in pixels
    record Centre(int side, int base) implements Protocol {

        @Override
        public String describe() {
            return "centre crop of %d%s, the rest is not judged".formatted(side, of(base));
        }
    }

    /// All of it at once, at its own proportions: each side is rounded up to whole patches by
    /// padding on the right and below with the mean, and the encoder's positions are resized to
    /// that grid. Scores of the padding are cut off, and the rest is brought back to the size of
    /// the labels. mmsegmentation's `whole` mode, whose embedding pads likewise.
    record Whole(int base) implements Protocol {

        @Override
        public String describe() {
            return "whole image" + of(base) + ", judged at its own size";
        }
    }

    /// Overlapping squares, whose scores are averaged and brought back to the size of the labels.
    ///
    /// @param side in pixels
    /// @param stride from one to the next, in pixels
    record Sliding(int side, int stride, int base) implements Protocol {

        public Sliding {
            Check.that(
                    stride >= 1 && stride <= side,
                    "stride is %s; it must lie between 1 and the crop, %s",
                    stride,
                    side);
        }

        @Override
        public String describe() {
            return "sliding squares of %d, %d apart, scores averaged%s, judged at its own size"
                    .formatted(side, stride, of(base));
        }

        /// Where squares begin along a side: `stride` apart, the last one moved back so that it
        /// ends with the side, as mmsegmentation has it.
        ///
        /// @param length of the side, at least that of a square
        public List<Integer> starts(int length) {
            List<Integer> starts = new ArrayList<>();
            for (int at = 0; at + side < length; at += stride) {
                starts.add(at);
            }
            starts.add(length - side);
            return starts;
        }
    }

    /// Reads the `evaluation` of a recipe; the centre of the image's size where there is none.
    ///
    /// @param image side of the images that the network learns from, in pixels
    /// @param patch side of the network's patches, of which a crop is made
    /// @throws dev.isoflop.fault.InputException if it is none, or a crop is no multiple of the
    ///   patch
    static Protocol from(Optional<Table> evaluation, int image, int patch) {
        if (evaluation.isEmpty()) {
            return new Centre(image, image);
        }
        Table t = evaluation.get();
        String kind = t.choice("protocol", List.of("centre", "whole", "sliding"), "centre");
        int base = t.count("base", image);
        if (kind.equals("whole")) {
            t.isTable("crop"); // known, so that a recipe hears that it does nothing
            t.isTable("stride");
            return new Whole(base);
        }
        int crop = t.count("crop", image);
        if (crop < 1 || crop % patch != 0) {
            throw t.fault(
                    "crop", "is %d; it must be a multiple of the patch, %d".formatted(crop, patch));
        }
        if (kind.equals("centre")) {
            t.isTable("stride");
            return t.build(() -> new Centre(crop, base));
        }
        int twoThirds = Math.max(1, 2 * crop / 3); // 341 of 512, mmsegmentation's
        return t.build(() -> new Sliding(crop, t.count("stride", twoThirds), base));
    }

    private static String of(int base) {
        return base == 0 ? " of the image as it is" : " of the image at a shorter side of " + base;
    }
}
