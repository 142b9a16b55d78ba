package dev.isoflop.data.loader;

import dev.isoflop.data.LabelledBox;
import dev.isoflop.data.Mask;
import dev.isoflop.data.Sample;

import java.util.List;
import java.util.Optional;

/// What is known of one image of a chunk.
///
/// @param number its global number: how many images the run saw before it
/// @param name the picture that is shown, as its dataset names it
/// @param labels classes shown, the main one first
/// @param captions sentences that describe it
/// @param boxes where single things are, in the picture's own pixels, not a view's
/// @param mask the class of every pixel of the picture, not of a view
public record Item(
        long number,
        String name,
        List<Integer> labels,
        List<String> captions,
        List<LabelledBox> boxes,
        Optional<Mask> mask) {

    static Item of(long number, Sample sample) {
        return new Item(
                number,
                sample.name(),
                sample.labels(),
                sample.captions(),
                sample.boxes(),
                sample.mask());
    }
}
