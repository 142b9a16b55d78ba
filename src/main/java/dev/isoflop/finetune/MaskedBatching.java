package dev.isoflop.finetune;

import dev.isoflop.data.loader.Item;
import dev.isoflop.train.Masked;
import dev.isoflop.trainer.Batching;

import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// Batches for segmentation: the first view and its labels.
public final class MaskedBatching implements Batching<Masked> {

    @Override
    public Masked of(List<Tensor> views, List<Item> items) {
        throw new IllegalStateException("the loader was not asked for masks");
    }

    @Override
    public Masked of(List<Tensor> views, List<Tensor> labels, List<Item> items) {
        return new Masked(views.getFirst(), labels.getFirst());
    }
}
