package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.vit.VitStyle;

import org.jspecify.annotations.Nullable;

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

    /// Choices as a person writes them; null where nothing was said.
    ///
    /// @param key what the names of the encoder's tensors begin with
    /// @param heads of attention
    /// @param epsilon of every layer norm
    /// @param activation `gelu` or `quick-gelu`
    /// @param leaveOut beginnings of names that are to be left out
    /// @throws InputException naming what cannot be, as options of `isoflop convert`
    public static Choices of(
            @Nullable String key,
            @Nullable Integer heads,
            @Nullable Double epsilon,
            @Nullable String activation,
            List<String> leaveOut) {
        if (heads != null && heads < 1) {
            throw new InputException("--heads is " + heads + "; it must be at least 1");
        }
        if (epsilon != null && !(epsilon > 0 && epsilon < 1)) {
            throw new InputException(
                    "--epsilon is " + epsilon + "; it must lie between 0 and 1, such as 1e-6");
        }
        return new Choices(
                Optional.ofNullable(key),
                Optional.ofNullable(heads),
                Optional.ofNullable(epsilon),
                Optional.ofNullable(activation).map(Choices::activation),
                leaveOut);
    }

    private static VitStyle.Activation activation(String word) {
        return switch (word) {
            case "gelu" -> VitStyle.Activation.GELU;
            case "quick-gelu" -> VitStyle.Activation.QUICK_GELU;
            default ->
                    throw new InputException(
                            "--activation is " + word + "; write gelu or quick-gelu");
        };
    }
}
