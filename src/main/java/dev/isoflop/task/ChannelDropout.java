package dev.isoflop.task;

import static dev.isoflop.torch.Ops.tensor;
import static dev.isoflop.torch.Ops.times;

import dev.isoflop.train.Progress;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// Leaves out whole channels of each image, and makes up for it in the others.
///
/// Jonathan Tompson et al., *Efficient Object Localization Using Convolutional Networks*, CVPR
/// 2015, [arXiv:1411.4280](https://arxiv.org/abs/1411.4280), section 3.2.
///
/// @param share of the channels that are left out, at least 0 and below 1
/// @param stream of random numbers that it draws from
/// @param at the place in the run, which alone decides what is left out
record ChannelDropout(double share, int stream, Progress at) {

    /// The features without some of their channels, the others scaled up.
    ///
    /// @param features `[B, C, G, U]`
    /// @return `[B, C, G, U]`
    Tensor of(Tensor features) {
        if (share == 0) {
            return features;
        }
        int b = Math.toIntExact(features.size(0));
        int c = Math.toIntExact(features.size(1));
        Tensor uniform = tensor(at.uniform(stream, b, c), features, b, c, 1, 1); // [B, C, 1, 1]
        Tensor kept = uniform.ge(new Scalar(share)).to(features.scalar_type());
        return features.mul(times(kept, 1 / (1 - share))); // [B, C, G, U]
    }
}
