package dev.isoflop.files;

import dev.isoflop.fault.InputException;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Records to JSON and back.
///
/// JSON has no NaN and no infinities: each is written as `null`, and the root's `nonFinite` says
/// which it was: `{"loss": null, "nonFinite": {"/loss": "NaN"}}`.
public final class Json {

    private static final String NON_FINITE = "nonFinite";

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static final ObjectWriter INDENTED =
            MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT);

    private Json() {}

    /// A record on one line, without an end of line.
    public static String line(Record value) {
        return MAPPER.writeValueAsString(finite(value));
    }

    /// A record over several lines, as UTF-8.
    public static byte[] document(Record value) {
        String text = INDENTED.writeValueAsString(finite(value)) + "\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// A record or map over several lines, as `--json` prints it.
    public static String text(Object value) {
        return INDENTED.writeValueAsString(finite(value));
    }

    /// A value for a script element of a page: what is not finite is null, and nothing in it ends
    /// the element.
    public static String script(Object value) {
        JsonNode tree = MAPPER.valueToTree(value);
        moveWords(tree, JsonPointer.empty(), MAPPER.createObjectNode());
        return MAPPER.writeValueAsString(tree).replace("<", "\\u003c");
    }

    /// The record that was written.
    ///
    /// @param where names the JSON in the error
    /// @throws InputException if it is not JSON, or not such a record
    public static <T extends Record> T read(String json, Class<T> type, String where) {
        try {
            if (!(MAPPER.readTree(json) instanceof ObjectNode tree)) {
                throw new InputException(where + " is not a JSON object");
            }
            restore(tree);
            return MAPPER.treeToValue(tree, type);
        } catch (JacksonException e) {
            throw new InputException(where + " is damaged: " + Reason.of(e), e);
        }
    }

    /// A JSON object whose values are lists of texts, in its order.
    ///
    /// @param where names the JSON in the error
    /// @param remedy what to write in its place
    /// @throws InputException if it is not JSON or not such an object, or has a key twice
    public static Map<String, List<String>> lists(String json, String where, String remedy) {
        try {
            Map<String, List<String>> lists = new LinkedHashMap<>();
            JsonNode tree =
                    MAPPER.reader()
                            .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .readTree(json);
            if (!(tree instanceof ObjectNode object)) {
                throw new InputException(where + " is not a JSON object; " + remedy);
            }
            for (Map.Entry<String, JsonNode> entry : object.properties()) {
                if (!(entry.getValue() instanceof ArrayNode array)
                        || !array.valueStream().allMatch(JsonNode::isString)) {
                    throw new InputException(
                            "%s: key \"%s\" is %s; %s"
                                    .formatted(where, entry.getKey(), entry.getValue(), remedy));
                }
                lists.put(entry.getKey(), array.valueStream().map(JsonNode::asString).toList());
            }
            return lists;
        } catch (JacksonException e) {
            throw new InputException(
                    "%s:%d  is not JSON: %s; %s"
                            .formatted(
                                    where,
                                    e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                                    e.getOriginalMessage(),
                                    remedy),
                    e);
        }
    }

    private static ObjectNode finite(Object value) {
        ObjectNode tree = MAPPER.valueToTree(value);
        ObjectNode words = MAPPER.createObjectNode();
        moveWords(tree, JsonPointer.empty(), words);
        if (!words.isEmpty()) {
            tree.set(NON_FINITE, words);
        }
        return tree;
    }

    private static void moveWords(JsonNode node, JsonPointer at, ObjectNode words) {
        switch (node) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> entry : object.properties()) {
                    JsonPointer below = at.appendProperty(entry.getKey());
                    if (isWord(entry.getValue())) {
                        words.put(below.toString(), entry.getValue().asString());
                        entry.setValue(object.nullNode());
                    } else {
                        moveWords(entry.getValue(), below, words);
                    }
                }
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    JsonPointer below = at.appendIndex(i);
                    if (isWord(array.get(i))) {
                        words.put(below.toString(), array.get(i).asString());
                        array.setNull(i);
                    } else {
                        moveWords(array.get(i), below, words);
                    }
                }
            }
            default -> {}
        }
    }

    private static boolean isWord(JsonNode node) {
        return node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue());
    }

    private static void restore(ObjectNode tree) {
        if (tree.remove(NON_FINITE) instanceof ObjectNode words) {
            for (Map.Entry<String, JsonNode> word : words.properties()) {
                JsonPointer at = JsonPointer.compile(word.getKey());
                double value = Double.parseDouble(word.getValue().asString());
                switch (tree.at(at.head())) {
                    case ObjectNode parent -> parent.put(at.last().getMatchingProperty(), value);
                    case ArrayNode parent -> parent.set(at.last().getMatchingIndex(), value);
                    default -> {} // it was edited
                }
            }
        }
    }
}
