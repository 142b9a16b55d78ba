package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Json;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;
import dev.isoflop.vit.VitStyle;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What Hugging Face's `config.json` says of a model and its weights do not.
///
/// @param heads `num_attention_heads`
/// @param normEpsilon `layer_norm_eps`
/// @param activation `hidden_act`
record HuggingFaceConfig(
        Optional<Integer> heads,
        Optional<Double> normEpsilon,
        Optional<VitStyle.Activation> activation) {

    static final String NAME = "config.json";

    private static final HuggingFaceConfig SILENT =
            new HuggingFaceConfig(Optional.empty(), Optional.empty(), Optional.empty());

    /// That of the file beside the weights; one that says nothing if there is none.
    ///
    /// @throws InputException if it cannot be read, or names an activation that isoflop has not
    static HuggingFaceConfig beside(Path weights) {
        Path file = weights.resolveSibling(NAME);
        if (!Files.isRegularFile(file)) {
            return SILENT;
        }
        try {
            JsonNode root =
                    new JsonMapper()
                            .readTree(
                                    WholeFile.bytes(
                                            file, WholeFile.TEXT, "the settings of a model"));
            JsonNode heads = root.path("num_attention_heads");
            JsonNode epsilon = root.path("layer_norm_eps");
            JsonNode activation = root.path("hidden_act");
            return new HuggingFaceConfig(
                    heads.isInt() ? Optional.of(heads.asInt()) : Optional.empty(),
                    epsilon.isNumber() ? Optional.of(epsilon.asDouble()) : Optional.empty(),
                    activation.isString()
                            ? Optional.of(activation(file, activation.asString()))
                            : Optional.empty());
        } catch (JacksonException e) {
            throw new InputException(file + " is damaged: " + Json.fault(e), e);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    private static VitStyle.Activation activation(Path file, String name) {
        return switch (name) {
            case "gelu" -> VitStyle.Activation.GELU;
            case "quick_gelu" -> VitStyle.Activation.QUICK_GELU;
            default ->
                    throw new InputException(
                            file
                                    + ": hidden_act is "
                                    + name
                                    + "; isoflop's network has gelu and quick_gelu");
        };
    }
}
