package dev.isoflop.task;

import static dev.isoflop.torch.Ops.bilinear;
import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import dev.isoflop.task.Segmentation.Average;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Masked;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What scores of patches are worth as scores of pixels, of which some have no label.
///
/// Enlarged to an image's size, scores are the largest numbers of a step: 157 MB for 150 classes at
/// 512 x 512, several times over, forward and backward. So they are never there at once: a strip of
/// rows is enlarged, its loss and its gradient are taken, and only then the next.
///
/// Shapes: B images of H x W, G x U scores of K classes each; a strip has R of the B H rows.
///
/// @param mean cross-entropy, with its gradient; 0 where nothing is labelled: `[]`
/// @param accuracy the share of labelled pixels of whose class no other has a higher score: `[]`
record PixelLoss(Tensor mean, Tensor accuracy) {

    private static final long SUM = 2; // libtorch's number for losses that are added up
    private static final long STRIP = 1 << 20; // scores of a strip, so that a CPU's caches hold it
    private static final long GPU_STRIP = 1 << 26; // larger, so that a GPU has enough to do

    /// @param scores `[B, K, G, U]`, which are enlarged bilinearly to the size of the labels
    /// @param labels `[B, H, W]`
    static PixelLoss of(Tensor scores, Tensor labels, Average average) {
        Tensor tall = bilinear(scores, labels.size(1), scores.size(3)); // [B, K, H, U]
        Tensor rows = tall.permute(0, 2, 3, 1).flatten(0, 1).contiguous(); // [B H, U, K]
        Strips strips = new Strips(rows.detach());
        strips.addAll(labels.flatten(0, 1));
        Tensor valid = labels.ne(new Scalar(Masked.IGNORED)).count_nonzero(); // []
        Tensor divisor = valid.clamp_min(new Scalar(1)); // []
        Tensor sum = withGradient(strips.loss, rows, strips.gradient); // []
        Tensor mean =
                switch (average) {
                    case VALID -> sum.div(divisor);
                    case ALL -> times(sum, 1.0 / labels.numel());
                };
        return new PixelLoss(mean, strips.right.div(divisor));
    }

    /// A number whose gradient by `x` is known: what is added to it is 0.
    private static Tensor withGradient(Tensor number, Tensor x, Tensor gradient) {
        Tensor sloped = x.mul(gradient).sum(); // []
        return number.add(sloped.sub(sloped.detach())); // []
    }

    /// Sums over the pixels of all strips, and the gradient of the loss by the scores.
    private static final class Strips {

        private static final long[] NUMBER = {}; // the shape of one

        private final Tensor rows; // [B H, U, K]
        private final Tensor gradient; // [B H, U, K]
        private final Tensor loss; // []
        private final Tensor right; // [], how many pixels are labelled and right

        Strips(Tensor rows) {
            this.rows = rows;
            gradient = torch.empty_like(rows);
            loss = torch.zeros(NUMBER, Ops.like(rows));
            right = torch.zeros(NUMBER, Ops.options(rows.device(), ScalarType.Long));
        }

        /// @param labels `[B H, W]`
        void addAll(Tensor labels) {
            long scores = rows.is_cpu() ? STRIP : GPU_STRIP;
            long most = Math.max(1, scores / (labels.size(1) * rows.size(2)));
            for (long first = 0; first < rows.size(0); first += most) {
                try (PointerScope _ = new PointerScope()) {
                    add(first, labels.narrow(0, first, Math.min(most, rows.size(0) - first)));
                }
            }
        }

        /// @param labels `[R, W]`
        private void add(long first, Tensor labels) {
            Tensor strip = rows.narrow(0, first, labels.size(0)).detach(); // [R, U, K]
            strip.set_requires_grad(true);
            Tensor scores = widened(strip, labels.size(1)); // [R W, K]
            Tensor own = labels.flatten(0, 1); // [R W]
            TensorOptional alike = new TensorOptional(); // no class weighs more than another
            Tensor sum = cross_entropy_loss(scores, own, alike, SUM, Masked.IGNORED, 0); // []
            sum.backward();
            gradient.narrow(0, first, labels.size(0)).copy_(strip.grad());
            loss.add_(sum.detach());
            right.add_(right(scores.detach(), own));
        }

        /// Each row is enlarged by itself, classes last, which is how libtorch does it fastest.
        private static Tensor widened(Tensor strip, long width) {
            Tensor map = strip.unsqueeze(0).permute(0, 3, 1, 2); // [1, K, R, U]
            Tensor wide = bilinear(map, strip.size(0), width); // [1, K, R, W]
            return wide.permute(0, 2, 3, 1).flatten(0, 2); // [R W, K]
        }

        /// Asks for the highest score, not for its place, which takes a CPU several times as long.
        private static Tensor right(Tensor scores, Tensor own) {
            Tensor valid = own.ne(new Scalar(Masked.IGNORED)); // [R W]
            Tensor place = own.clamp_max(new Scalar(scores.size(1) - 1)).unsqueeze(1); // [R W, 1]
            Tensor highest = scores.amax(new long[] {1}, true); // [R W, 1]
            Tensor hit = scores.gather(1, place).ge(highest).squeeze(1); // [R W]
            return hit.logical_and(valid).count_nonzero();
        }
    }
}
