package dev.isoflop.train;

import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// What can be shown of a learner: rows of images.
///
/// @param title of the figure
/// @param caption what the rows are
/// @param rows `[B, 3, S, S]` each, normalised
public record Panel(String title, String caption, List<Tensor> rows) {

    public Panel {
        rows = List.copyOf(rows);
    }
}
