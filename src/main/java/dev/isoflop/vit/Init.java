package dev.isoflop.vit;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// How layers begin: the initialisations of each method's authors.
///
/// Random numbers come from libtorch's generator, so that seeding it once makes a network
/// reproducible.
public final class Init {

    /// Standard deviation of tokens at the start, and of whatever else is normal.
    public static final double DEVIATION = 0.02;

    private static final double WITHIN_TWO = 0.9544997361036416; // erf(sqrt(2)): two deviations

    private Init() {}

    /// Xavier-uniform weight, zero bias. The weight of queries, keys and values counts as **one**
    /// matrix `[3 D, D]`.
    public static LinearImpl xavier(LinearImpl linear) {
        try (NoGradGuard _ = new NoGradGuard()) {
            torch.xavier_uniform_(linear.weight());
            linear.bias().zero_();
        }
        return linear;
    }

    /// Normal weight, zero bias. (The authors of DINO truncate at 2, a hundred deviations away: no
    /// number is ever cut.)
    public static LinearImpl normal(LinearImpl linear) {
        try (NoGradGuard _ = new NoGradGuard()) {
            normal(linear.weight());
            linear.bias().zero_();
        }
        return linear;
    }

    /// Normal weight of this deviation, zero bias if there is one.
    public static LinearImpl normal(LinearImpl linear, double deviation) {
        try (NoGradGuard _ = new NoGradGuard()) {
            linear.weight().normal_(0, deviation, new GeneratorOptional());
        }
        return unbiased(linear);
    }

    /// Normal weight of deviation 1 / sqrt(inputs), cut at two deviations, zero bias if there is
    /// one: haiku's default, which the authors of BYOL leave as it is.
    public static LinearImpl truncated(LinearImpl linear) {
        double deviation = 1 / Math.sqrt((double) linear.weight().size(1));
        try (NoGradGuard _ = new NoGradGuard()) {
            Tensor weight = linear.weight();
            weight.uniform_(-WITHIN_TWO, WITHIN_TWO, new GeneratorOptional()).erfinv_();
            weight.mul_(new Scalar(Math.sqrt(2) * deviation));
        }
        return unbiased(linear);
    }

    private static LinearImpl unbiased(LinearImpl linear) {
        Tensor bias = linear.bias();
        if (bias.defined()) {
            try (NoGradGuard _ = new NoGradGuard()) {
                bias.zero_();
            }
        }
        return linear;
    }

    /// Numbers of a shape, normal with this deviation.
    static Tensor normal(double deviation, long... shape) {
        return torch.randn(shape).mul_(new Scalar(deviation));
    }

    private static Tensor normal(Tensor tensor) {
        return tensor.normal_(0, DEVIATION, new GeneratorOptional());
    }

    /// Weight 1, bias 0: as libtorch makes it.
    public static LayerNormImpl norm(int width, double epsilon) {
        var options = new org.bytedeco.pytorch.LayerNormOptions(dev.isoflop.torch.Ops.shape(width));
        options.eps().put(epsilon);
        return new LayerNormImpl(options);
    }

    /// A token that is learned: `[1, 1, width]`, normal.
    public static Tensor token(int width) {
        return normal(torch.zeros(1, 1, width));
    }

    /// Rows that are learned: `[rows, width]`, normal.
    static Tensor rows(int rows, int width) {
        return normal(torch.zeros(rows, width));
    }

    /// A matrix without a bias, `[in, out]`: normal within 1 / sqrt(in), as the authors of CLIP
    /// have it.
    public static Tensor projection(int in, int out) {
        return torch.randn(in, out).mul_(new Scalar(1 / Math.sqrt(in)));
    }

    /// Positions that are learned: `[1, 1 + grid grid, width]`, normal.
    static Tensor positions(int width, int grid) {
        return normal(torch.zeros(1, 1 + (long) grid * grid, width));
    }

    /// The convolution's weight of a patch embedding, `[width, 3, patch, patch]`: Xavier-uniform as
    /// if it were the matrix `[width, 3 patch patch]`.
    public static Tensor patchWeight(int width, int patch) {
        Tensor weight =
                torch.empty(
                        new long[] {width, 3, patch, patch},
                        new org.bytedeco.pytorch.TensorOptions(),
                        new org.bytedeco.pytorch.MemoryFormatOptional());
        torch.xavier_uniform_(weight.view(width, -1));
        return weight;
    }

    /// The convolution's weight of a patch embedding, `[width, 3, patch, patch]`: libtorch's
    /// default for convolutions, uniform within 1 / sqrt(inputs), which the authors of DINO leave
    /// as it is.
    static Tensor convolutionWeight(int width, int patch) {
        return uniform(3L * patch * patch, torch.rand(width, 3, patch, patch));
    }

    /// The bias of a patch embedding, `[width]`: libtorch's default for convolutions, uniform
    /// within 1 / sqrt(inputs).
    public static Tensor patchBias(int width, int patch) {
        return uniform(3L * patch * patch, torch.rand(width));
    }

    /// The weight of a linear layer, `[outputs, inputs]`: libtorch's default, uniform within 1 /
    /// sqrt(inputs), which the authors of DINO leave as it is for their prototypes.
    static Tensor linearWeight(long inputs, long outputs) {
        return uniform(inputs, torch.rand(outputs, inputs));
    }

    private static Tensor uniform(long inputs, Tensor zeroToOne) {
        double bound = 1 / Math.sqrt((double) inputs);
        return zeroToOne.mul_(new Scalar(2 * bound)).sub_(new Scalar(bound));
    }
}
