package dev.isoflop.train;

import dev.isoflop.data.loader.Item;
import dev.isoflop.text.Tokens;

import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// Examples as the loader hands them out: what a learner makes a batch of.
///
/// Shapes: B examples; the views' sides S may differ.
///
/// @param views `[B, 3, S, S]` each, normalised, on the device, in the order of the method's views
/// @param masks the class of every pixel of each view, `[B, S, S]` each, 64-bit integers; empty
///   where no masks were asked for
/// @param items what is known of each example, in the order of the rows
/// @param captions of each example, as tokens; empty where the learner reads no text
public record Examples(
        List<Tensor> views, List<Tensor> masks, List<Item> items, List<Tokens> captions) {

    public Examples {
        views = List.copyOf(views);
        masks = List.copyOf(masks);
        items = List.copyOf(items);
        captions = List.copyOf(captions);
    }
}
