package dev.isoflop.task;

import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.function.UnaryOperator;

/// Scores of an image of any size, averaged over squares that overlap.
///
/// Shapes: an image of H x W, or H' x W' where a square is larger; squares of side S, K classes.
final class SlidingWindow {

    private SlidingWindow() {}

    /// The averaged scores of an image.
    ///
    /// @param pixels `[1, 3, H, W]`
    /// @param classes K
    /// @param predict from a square, `[1, 3, S, S]`, to its scores, `[1, K, S, S]`
    /// @return `[1, K, H', W']`
    static Tensor scores(
            Tensor pixels, Protocol.Sliding sliding, int classes, UnaryOperator<Tensor> predict) {
        int side = sliding.side();
        int height = Math.max(side, Math.toIntExact(pixels.size(2)));
        int width = Math.max(side, Math.toIntExact(pixels.size(3)));
        long[] room = {0, width - pixels.size(3), 0, height - pixels.size(2)};
        Tensor padded = torch.constant_pad_nd(pixels, room); // [1, 3, H', W']
        long[] shape = {1, classes, height, width};
        Tensor sum = torch.zeros(shape, Ops.like(pixels)); // [1, K, H', W']
        Tensor times = torch.zeros(new long[] {1, 1, height, width}, Ops.like(pixels));
        for (int top : sliding.starts(height)) {
            for (int left : sliding.starts(width)) {
                try (PointerScope _ = new PointerScope()) { // a square's tensors are large
                    Tensor square = square(padded, top, left, side).contiguous(); // [1, 3, S, S]
                    square(sum, top, left, side).add_(predict.apply(square));
                    square(times, top, left, side).add_(new Scalar(1));
                }
            }
        }
        return sum.div(times);
    }

    private static Tensor square(Tensor map, long top, long left, long side) {
        return map.narrow(2, top, side).narrow(3, left, side);
    }
}
