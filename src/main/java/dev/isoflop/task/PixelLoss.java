package dev.isoflop.task;

import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import dev.isoflop.task.Segmentation.Average;
import dev.isoflop.train.Masked;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/// What scores of pixels are worth, of which some have no label.
///
/// Shapes: B images of H x W, K classes.
final class PixelLoss {

    private static final long SUM = 2; // libtorch's number for losses that are added up

    private PixelLoss() {}

    /// Cross-entropy; 0 where nothing is labelled.
    ///
    /// @param logits `[B, K, H, W]`
    /// @param labels `[B, H, W]`
    static Tensor of(Tensor logits, Tensor labels, Average average) {
        TensorOptional alike = new TensorOptional(); // no class weighs more than another
        Tensor sum = cross_entropy_loss(logits, labels, alike, SUM, Masked.IGNORED, 0); // []
        return switch (average) {
            case VALID -> sum.div(atLeastOne(valid(labels)));
            case ALL -> times(sum, 1.0 / labels.numel());
        };
    }

    /// The share of labelled pixels whose highest score is that of their class.
    static Tensor accuracy(Tensor logits, Tensor labels) {
        Tensor valid = valid(labels); // [B, H, W]
        Tensor best = logits.detach().argmax(new LongOptional(1), false); // [B, H, W]
        return best.eq(labels).logical_and(valid).count_nonzero().div(atLeastOne(valid)); // []
    }

    private static Tensor valid(Tensor labels) {
        return labels.ne(new Scalar(Masked.IGNORED));
    }

    private static Tensor atLeastOne(Tensor flags) {
        return flags.count_nonzero().clamp_min(new Scalar(1)); // []
    }
}
