package dev.isoflop.encoder;

import dev.isoflop.vit.VitStyle;

import java.util.List;
import java.util.Optional;

/// What a user says of a file that does not say it itself.
///
/// @param key what the names of the encoder's tensors begin with, where a file holds several
/// @param heads of attention
/// @param normEpsilon of every layer norm
/// @param activation of every MLP
/// @param leaveOut beginnings of names that are to be left out
public record Choices(
        Optional<String> key,
        Optional<Integer> heads,
        Optional<Double> normEpsilon,
        Optional<VitStyle.Activation> activation,
        List<String> leaveOut) {

    /// Nothing: the file says it all.
    public static final Choices NONE =
            new Choices(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of());

    public Choices {
        leaveOut = List.copyOf(leaveOut);
    }
}
