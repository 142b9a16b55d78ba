package dev.isoflop.vit;

import static dev.isoflop.torch.Ops.concatenated;
import static dev.isoflop.torch.Ops.registered;

import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.relu;

import dev.isoflop.torch.Engine;
import dev.isoflop.vit.FcnHeadShape.Norm;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// A fully convolutional head: what is where, from tokens laid out as a grid.
///
/// Jonathan Long et al., *Fully Convolutional Networks for Semantic Segmentation*, CVPR 2015,
/// [arXiv:1411.4038](https://arxiv.org/abs/1411.4038), as mmsegmentation's `FCNHead` has it, which
/// Koppula et al. 2022 took; names of parameters are its. With batch norm and dilation 6 it is that
/// of Kaiming He et al., *Momentum Contrast*, CVPR 2020,
/// [arXiv:1911.05722](https://arxiv.org/abs/1911.05722), section A.5, to which they refer too.
/// Convolutions begin normal with a deviation of sqrt(2 / outgoing numbers), the classifier with
/// 0.01.
///
/// Shapes: B images, D width of a token, C channels, K classes, G x W tokens.
public final class FcnHead extends Module {

    private static final long SIDE = 3; // of a convolution
    private static final double CLASSIFIER_DEVIATION = 0.01; // mmsegmentation's

    private final Module list = new Module("convs");
    private final List<Convolution> convolutions = new ArrayList<>();
    private final @Nullable Convolution joining;
    private final Module classifier = new Module("conv_seg");
    private final Tensor weight;
    private final Tensor bias;

    /// @param width of a token
    /// @param classes that are told apart
    public FcnHead(FcnHeadShape shape, int width, int classes) {
        int c = shape.channels();
        register_module("convs", list);
        for (int i = 0; i < shape.convolutions(); i++) {
            Convolution next =
                    new Convolution(i == 0 ? width : c, c, shape.dilation(), shape.norm());
            convolutions.add(list.register_module(Integer.toString(i), next));
        }
        joining =
                shape.concatenated()
                        ? register_module(
                                "conv_cat", new Convolution(width + c, c, 1, shape.norm()))
                        : null;
        register_module("conv_seg", classifier);
        Tensor start = Init.normal(CLASSIFIER_DEVIATION, classes, c, 1, 1); // [K, C, 1, 1]
        weight = registered(classifier, "weight", start, true);
        bias = registered(classifier, "bias", torch.zeros(classes), true);
    }

    /// A score for each class at each token, while training: batch norm is by the batch at hand.
    ///
    /// @param map `[B, D, G, W]`
    /// @param thinned what becomes of the last features, `[B, C, G, W]`: dropout
    /// @return `[B, K, G, W]`
    public Tensor forward(Tensor map, UnaryOperator<Tensor> thinned) {
        return forward(map, thinned, true);
    }

    /// The same for a prediction: batch norm is by what it saw, and nothing is left out.
    ///
    /// @param map `[B, D, G, W]`
    /// @return `[B, K, G, W]`
    public Tensor predict(Tensor map) {
        return forward(map, UnaryOperator.identity(), false);
    }

    private Tensor forward(Tensor map, UnaryOperator<Tensor> thinned, boolean training) {
        Tensor x = map; // [B, D, G, W]
        for (Convolution convolution : convolutions) {
            x = convolution.forward(x, training); // [B, C, G, W]
        }
        if (joining != null) {
            Tensor both = concatenated(1, map.to(x.scalar_type()), x); // [B, D + C, G, W]
            x = joining.forward(both, training); // [B, C, G, W]
        }
        return convolved(thinned.apply(x), weight, bias, 0, 1); // [B, K, G, W]
    }

    /// A convolution of stride 1; on a CPU always in the format of its weights. There, libtorch's
    /// in bfloat16 is wrong by tens of percent where channels are few or odd in number, and reads
    /// memory that nobody wrote.
    private static Tensor convolved(
            Tensor x, Tensor weight, @Nullable Tensor bias, long border, long dilation) {
        long[] one = {1, 1};
        long[] zeros = {border, border};
        long[] apart = {dilation, dilation};
        TensorOptional shift = bias == null ? new TensorOptional() : new TensorOptional(bias);
        Tensor read = x.is_cpu() ? x.to(weight.scalar_type()) : x; // [B, D, G, W]
        return Engine.withoutAutocastOnCpu(() -> conv2d(read, weight, shift, one, zeros, apart, 1));
    }

    /// A convolution, its norm if it has one, and a rectifier: mmcv's `ConvModule`.
    private static final class Convolution extends Module {

        private final Module inner = new Module("conv");
        private final long dilation;
        private final Tensor weight;
        private final @Nullable Tensor bias;
        private final @Nullable BatchNorm norm;

        Convolution(int in, int out, long dilation, Norm kind) {
            this.dilation = dilation;
            register_module("conv", inner);
            double deviation = Math.sqrt(2.0 / (SIDE * SIDE * out));
            Tensor start = Init.normal(deviation, out, in, SIDE, SIDE); // [C, D, 3, 3]
            weight = registered(inner, "weight", start, true);
            bias = kind == Norm.NONE ? registered(inner, "bias", torch.zeros(out), true) : null;
            norm = kind == Norm.BATCH ? register_module("bn", new BatchNorm(out, true)) : null;
        }

        Tensor forward(Tensor x, boolean training) {
            Tensor y = convolved(x, weight, bias, dilation, dilation); // [B, C, G, W]
            if (norm != null) {
                y = training ? norm.forward(y) : norm.settled(y); // [B, C, G, W]
            }
            return relu(y);
        }
    }
}
