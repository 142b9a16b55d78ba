package dev.isoflop.cli;

import dev.isoflop.data.Item;

import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// How a learner's batches are made from what the loader hands out.
///
/// @param <B> what a batch is made of
interface Batching<B> {

    /// A batch.
    ///
    /// @param views `[B, 3, S, S]` each, in the order of the method's views
    /// @param items what is known of each image, in the order of the rows
    B of(List<Tensor> views, List<Item> items);
}
