package dev.isoflop.torch;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Operators whose JavaCPP signature does not read as mathematics: one call each, no logic of ours.
public final class Ops {

    private static final double LEAST_SQUARE = 1e-12; // of SimCLR's and BYOL's authors
    private static final double LEAST_LENGTH = 1e-12; // what is shorter has no direction

    private Ops() {}

    /// `x + c`.
    public static Tensor plus(Tensor x, double c) {
        return x.add(new Scalar(c));
    }

    /// `c x`.
    public static Tensor times(Tensor x, double c) {
        return x.mul(new Scalar(c));
    }

    /// Mean over one dimension, kept as size 1.
    public static Tensor keptMean(Tensor x, long dimension) {
        return x.mean(new long[] {dimension}, true, new ScalarTypeOptional());
    }

    /// Mean over one dimension, removed.
    public static Tensor mean(Tensor x, long dimension) {
        return x.mean(new long[] {dimension}, false, new ScalarTypeOptional());
    }

    /// Variance over one dimension, kept as size 1, **unbiased**: divided by n - 1.
    public static Tensor keptVariance(Tensor x, long dimension) {
        return x.var(new long[] {dimension}, true, true);
    }

    /// In single precision at least. What comes of a matrix product under autocast has 8 bits; a
    /// softmax, a norm or a mean of a batch taken in these loses what the loss is about.
    public static Tensor wide(Tensor x) {
        return x.to(torch.promoteTypes(x.scalar_type(), ScalarType.Float));
    }

    /// Rows of length 1, in single precision at least: `x / sqrt(max(sum x x, 1e-12))`.
    public static Tensor unit(Tensor x) {
        Tensor wide = wide(x);
        Tensor squares = wide.mul(wide).sum(new long[] {-1}, true, new ScalarTypeOptional());
        return wide.mul(squares.clamp_min(new Scalar(LEAST_SQUARE)).rsqrt());
    }

    /// Tensors one after the other along a dimension.
    public static Tensor concatenated(long dimension, Tensor... tensors) {
        return torch.cat(new TensorVector(tensors), dimension);
    }

    /// A map resized bicubically (a = -0.75, not antialiased, borders repeated), sampled at scales
    /// that need not be the ratios of the sizes.
    ///
    /// @param map `[B, C, G, G]`
    /// @param down rows of the result per row of the map
    /// @param across columns of the result per column of the map
    public static Tensor bicubic(Tensor map, long height, long width, double down, double across) {
        return torch.upsample_bicubic2d(
                map,
                new long[] {height, width},
                false,
                new DoubleOptional(down),
                new DoubleOptional(across));
    }

    /// A map resized bicubically (a = -0.75, not antialiased, borders repeated).
    ///
    /// @param map `[B, C, H, W]`
    public static Tensor bicubic(Tensor map, long height, long width) {
        return torch.upsample_bicubic2d(map, new long[] {height, width}, false);
    }

    /// A map resized bilinearly (corners not aligned, not antialiased).
    ///
    /// @param map `[B, C, H, W]`
    public static Tensor bilinear(Tensor map, long height, long width) {
        return torch.upsample_bilinear2d(map, new long[] {height, width}, false);
    }

    /// Where new tensors go, and in which format.
    public static TensorOptions options(Device device, ScalarType type) {
        return new TensorOptions()
                .dtype(new ScalarTypeOptional(type))
                .device(new DeviceOptional(device));
    }

    /// Like `x`: its device and format.
    public static TensorOptions like(Tensor x) {
        return options(x.device(), x.scalar_type());
    }

    /// A shape. The trap it avoids: `new LongVector(n)` is n zeros, not the shape `[n]`.
    public static LongVector shape(long... sizes) {
        return new LongVector(sizes);
    }

    /// 0, 1, ... n - 1, on the device and in the format of `model`.
    public static Tensor count(long n, Tensor model) {
        return torch.arange(new Scalar(n), like(model));
    }

    /// The sizes of a tensor.
    public static long[] sizes(Tensor x) {
        return x.sizes().vec().get();
    }

    /// Numbers as a tensor of a shape, on the device and in the format of `model`.
    public static Tensor tensor(double[] values, Tensor model, long... shape) {
        return tensor(values, shape).to(model.device(), model.scalar_type());
    }

    /// Numbers as a tensor of a shape. The trap it avoids: `Tensor.create` goes through JavaCPP's
    /// indexers, which still need `sun.misc.Unsafe`.
    public static Tensor tensor(double[] values, long... shape) {
        try (DoublePointer copy = new DoublePointer(values)) {
            return torch.from_blob(copy, shape, options(new Device("cpu"), ScalarType.Double))
                    .clone();
        }
    }

    /// Numbers as a tensor of a shape.
    public static Tensor tensor(float[] values, long... shape) {
        try (FloatPointer copy = new FloatPointer(values)) {
            return torch.from_blob(copy, shape, options(new Device("cpu"), ScalarType.Float))
                    .clone();
        }
    }

    /// The rows of a matrix as numbers, each scaled to length 1 (a row of zeros stays one).
    public static List<double[]> unitRows(Tensor matrix) {
        Tensor onCpu = matrix.detach().to(new Device("cpu"), ScalarType.Double).contiguous();
        int d = Math.toIntExact(onCpu.size(1));
        DoubleBuffer numbers = onCpu.createBuffer();
        List<double[]> rows = new ArrayList<>();
        for (long i = 0; i < onCpu.size(0); i++) {
            double[] row = new double[d];
            numbers.get(row);
            double length = Math.sqrt(Arrays.stream(row).map(x -> x * x).sum());
            rows.add(Arrays.stream(row).map(x -> x / Math.max(length, LEAST_LENGTH)).toArray());
        }
        return rows;
    }

    /// The rows of a matrix as numbers.
    public static double[][] rows(Tensor matrix) {
        Tensor onCpu = matrix.detach().to(new Device("cpu"), ScalarType.Double).contiguous();
        double[][] rows =
                new double[Math.toIntExact(onCpu.size(0))][Math.toIntExact(onCpu.size(1))];
        DoubleBuffer numbers = onCpu.createBuffer();
        for (double[] row : rows) {
            numbers.get(row);
        }
        return rows;
    }

    /// Registers a parameter. The trap it avoids: what `register_parameter` returns points into a
    /// list of the module that moves when the next one is registered.
    ///
    /// @return the tensor that was given
    public static Tensor registered(Module module, String name, Tensor value, boolean trained) {
        module.register_parameter(name, value, trained);
        return value;
    }

    /// Moves each tensor, in place, a share of the way to its counterpart: `x + share (y - x)`, all
    /// in one operation.
    public static void approach(List<Tensor> tensors, List<Tensor> counterparts, double share) {
        IValueVector arguments = new IValueVector();
        arguments.push_back(list(new TensorVector(tensors.toArray(Tensor[]::new))));
        arguments.push_back(list(new TensorVector(counterparts.toArray(Tensor[]::new))));
        arguments.push_back(new IValue(new Scalar(share)));
        Dispatcher.singleton()
                .findSchemaOrThrow("aten::_foreach_lerp_", "Scalar")
                .callBoxed(arguments);
    }

    /// A list of tensors for an operator called through the dispatcher. The trap it avoids: a bare
    /// `TensorVector` as an `IValue` ends the JVM.
    static IValue list(TensorVector tensors) {
        return new IValue(new GenericList((Pointer) new TensorList(tensors)));
    }
}
