package dev.isoflop.task;

import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import dev.isoflop.task.Segmentation.Average;
import dev.isoflop.train.Masked;

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

    /// The share of labelled pixels of whose class no other has a higher score. Looks for the
    /// highest score, not for its place, which takes a CPU several times as long.
    static Tensor accuracy(Tensor logits, Tensor labels) {
        Tensor valid = valid(labels); // [B, H, W]
        Tensor scores = logits.detach(); // [B, K, H, W]
        Tensor own = labels.clamp_max(new Scalar(logits.size(1) - 1)).unsqueeze(1); // [B, 1, H, W]
        Tensor right = scores.gather(1, own).ge(scores.amax(new long[] {1}, true)); // [B, 1, H, W]
        return right.squeeze(1).logical_and(valid).count_nonzero().div(atLeastOne(valid)); // []
    }

    private static Tensor valid(Tensor labels) {
        return labels.ne(new Scalar(Masked.IGNORED));
    }

    private static Tensor atLeastOne(Tensor flags) {
        return flags.count_nonzero().clamp_min(new Scalar(1)); // []
    }
}
