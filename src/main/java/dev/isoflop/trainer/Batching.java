package dev.isoflop.trainer;

import dev.isoflop.data.loader.Item;

import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// How a learner's batches are made from what the loader hands out.
///
/// @param <B> what a batch is made of
public interface Batching<B> {

    /// A batch.
    ///
    /// @param views `[B, 3, S, S]` each, in the order of the method's views
    /// @param items what is known of each image, in the order of the rows
    B of(List<Tensor> views, List<Item> items);

    /// A batch with the labels of pixels, where the loader was asked for masks.
    ///
    /// @param views `[B, 3, S, S]` each
    /// @param labels `[B, S, S]` each, 64-bit integers; empty without masks
    /// @param items what is known of each image
    default B of(List<Tensor> views, List<Tensor> labels, List<Item> items) {
        return of(views, items);
    }
}
