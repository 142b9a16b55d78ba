package dev.isoflop.vit;

import static org.bytedeco.pytorch.global.torch.relu;

import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// A head on one vector an image: the projectors of SimCLR and BYOL, and BYOL's predictor.
///
/// Linear layers, with batch norm and a rectifier after each but the last; {@link MlpShape} says
/// what else. Layers are named `l0`, `bn0`, `l1` and so on.
///
/// Shapes: B vectors of width D, d the width of the result.
public final class Mlp extends Module {

    private final List<LinearImpl> layers = new ArrayList<>();
    private final List<BatchNorm> norms = new ArrayList<>();

    /// @param in width of the vectors, D
    /// @param init how its linear layers begin
    public Mlp(MlpShape shape, int in, UnaryOperator<LinearImpl> init) {
        int from = in;
        for (int i = 0; i < shape.layers(); i++) {
            int width = shape.width(i, in);
            LinearOptions options = new LinearOptions(from, width);
            options.bias().put(shape.hasBias(i));
            layers.add(register_module("l" + i, init.apply(new LinearImpl(options))));
            if (shape.hasNorm(i)) {
                BatchNorm norm = new BatchNorm(width, !shape.isLast(i));
                norms.add(register_module("bn" + i, norm));
            }
            from = width;
        }
    }

    /// The vectors through all layers; running statistics move.
    ///
    /// @param x `[B, D]`
    /// @return `[B, d]`
    public Tensor forward(Tensor x) {
        return Part.HEADS.of(() -> layers(x));
    }

    private Tensor layers(Tensor x) {
        Tensor y = x; // [B, D]
        for (int i = 0; i < layers.size(); i++) {
            y = layers.get(i).forward(y); // [B, width]
            y = i < norms.size() ? norms.get(i).forward(y) : y; // [B, width]
            y = i < layers.size() - 1 ? relu(y) : y; // [B, width]
        }
        return y;
    }
}
