package dev.isoflop.train;

import org.bytedeco.pytorch.Tensor;

import java.util.Map;

/// What a step minimises, and what it is made of.
///
/// @param total a scalar with a gradient: the mean over the images at hand
/// @param parts scalars worth watching, by name; none when the total says it all
public record Loss(Tensor total, Map<String, Tensor> parts) {

    public Loss {
        parts = Map.copyOf(parts);
    }

    public static Loss of(Tensor total) {
        return new Loss(total, Map.of());
    }
}
