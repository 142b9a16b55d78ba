package dev.isoflop.vit;

import dev.isoflop.torch.Part;

import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Either network of BYOL: an encoder and a projector, and in the online one a predictor; without
/// one it is the other's teacher.
///
/// Jean-Bastien Grill et al., NeurIPS 2020, figure 2. Its random parameters are its own: the
/// authors do not begin with two equal networks.
///
/// Shapes: B images of side S, D the encoder's width, d the projector's.
public final class ByolNetwork extends Module {

    private final Vit encoder;
    private final Mlp projector;
    private final @Nullable Mlp predictor;

    /// @param feature which token the projector reads
    /// @param head of projector and predictor alike
    /// @param predicts whether it has a predictor
    public ByolNetwork(VitShape shape, Vit.Pool feature, MlpShape head, boolean predicts) {
        encoder = register_module("encoder", new Vit(shape, Positions.SINE_COSINE, feature));
        projector = register_module("projector", new Mlp(head, shape.width(), Init::truncated));
        predictor =
                predicts
                        ? register_module("predictor", new Mlp(head, head.out(), Init::truncated))
                        : null;
    }

    public Vit encoder() {
        return encoder;
    }

    /// One vector an image.
    ///
    /// @param images `[B, 3, S, S]`
    /// @return `[B, D]`
    public Tensor feature(Tensor images) {
        return predictor == null
                ? Part.TEACHER.of(() -> encoder.forward(images))
                : encoder.forward(images);
    }

    /// The projection of a feature, or the prediction where there is a predictor.
    ///
    /// @param feature of the encoder, `[B, D]`
    /// @return `[B, d]`
    public Tensor head(Tensor feature) {
        return predictor == null
                ? Part.TEACHER.of(() -> projector.forward(feature))
                : predictor.forward(projector.forward(feature)); // [B, d]
    }
}
