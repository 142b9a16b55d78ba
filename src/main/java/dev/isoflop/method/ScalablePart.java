package dev.isoflop.method;

import dev.isoflop.vit.Scalable;
import dev.isoflop.vit.Scalable.Size;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What a method has beside the encoder, and the method's settings when that is of other sizes.
///
/// @param shape its sizes
/// @param at the settings at other sizes, else the same
public record ScalablePart(Scalable shape, Function<Map<Size, Long>, Method.Config> at) {

    /// That of settings which have one.
    static Optional<ScalablePart> of(Scalable shape, Function<Map<Size, Long>, Method.Config> at) {
        return Optional.of(new ScalablePart(shape, at));
    }
}
