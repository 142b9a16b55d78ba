package dev.isoflop.train;

import org.bytedeco.pytorch.Tensor;

import java.util.Map;

/// What a step minimises, what it is made of, and by what a collapse would show.
///
/// @param total a scalar with a gradient: the mean over the images at hand
/// @param parts scalars worth watching, by name; none when the total says it all
/// @param embedding one row an image, `[B, D]`: what must differ from image to image
public record Loss(Tensor total, Map<String, Tensor> parts, Tensor embedding) {

    public Loss {
        parts = Map.copyOf(parts);
        embedding = embedding.detach();
    }

    public static Loss of(Tensor total, Tensor embedding) {
        return new Loss(total, Map.of(), embedding);
    }
}
