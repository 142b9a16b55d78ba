package dev.isoflop.encoder;

import dev.isoflop.fault.Excerpt;
import dev.isoflop.fault.InputException;
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
import java.util.function.Predicate;

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
            if (!root.isObject()) {
                throw new InputException(file + " is no JSON object; copy it again");
            }
            JsonNode heads = said(file, root, "num_attention_heads", JsonNode::isInt);
            JsonNode epsilon = said(file, root, "layer_norm_eps", JsonNode::isNumber);
            JsonNode activation = said(file, root, "hidden_act", JsonNode::isString);
            return new HuggingFaceConfig(
                    heads.isInt() ? Optional.of(heads.asInt()) : Optional.empty(),
                    epsilon.isNumber() ? Optional.of(epsilon.asDouble()) : Optional.empty(),
                    activation.isString()
                            ? Optional.of(activation(file, activation.asString()))
                            : Optional.empty());
        } catch (JacksonException e) {
            throw new InputException(file + Reason.place(e) + "  is damaged: " + Reason.of(e), e);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    /// A value, where the file has one; of another kind it would be passed over for what is usual.
    private static JsonNode said(
            Path file, JsonNode root, String key, Predicate<JsonNode> isRight) {
        JsonNode value = root.path(key);
        if (!value.isMissingNode() && !value.isNull() && !isRight.test(value)) {
            throw new InputException(
                    file
                            + ": "
                            + key
                            + " is "
                            + Excerpt.of(value.toString())
                            + "; remove or mend it");
        }
        return value;
    }

    private static VitStyle.Activation activation(Path file, String name) {
        return switch (name) {
            case "gelu" -> VitStyle.Activation.GELU;
            case "quick_gelu" -> VitStyle.Activation.QUICK_GELU;
            default ->
                    throw new InputException(
                            file
                                    + ": hidden_act is "
                                    + Excerpt.of(name)
                                    + "; isoflop's network has gelu and quick_gelu");
        };
    }
}
