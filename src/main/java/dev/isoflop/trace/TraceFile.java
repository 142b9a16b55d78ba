package dev.isoflop.trace;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads libtorch's execution trace (MLCommons Chakra JSON, schema 1.1.1-chakra.0.0.4), one node at
/// a time: a trace of a large step has hundreds of megabytes.
final class TraceFile {

    /// libtorch writes no more elements of a list than this.
    private static final int LONGEST_LIST = 4096;

    /// What libtorch calls a node of autograd: `RecordScope::BACKWARD_FUNCTION`.
    private static final int BACKWARD_SCOPE = 1;

    // places of a tensor's description: tensor, storage, offset, elements, bytes of one, device
    private static final int STORAGE = 1;
    private static final int ELEMENT_BYTES = 4;

    private static final JsonMapper JSON = new JsonMapper();

    /// A parameter as a schema declares it, and whether the operator changes it in place.
    record Parameter(String name, boolean changed) {

        static final Parameter UNNAMED = new Parameter("", false);
    }

    private final Map<String, List<Parameter>> parameters = new HashMap<>();

    private TraceFile() {}

    static List<Operation> read(Path file) throws IOException {
        try (JsonParser parser = JSON.createParser(file)) {
            return new TraceFile().nodes(parser);
        } catch (JacksonException e) {
            throw new IOException(file + " is not an execution trace: " + e.getMessage(), e);
        }
    }

    private List<Operation> nodes(JsonParser parser) {
        List<Operation> operations = new ArrayList<>();
        parser.nextToken();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean nodes = parser.currentName().equals("nodes");
            parser.nextToken();
            if (!nodes) {
                parser.skipChildren();
                continue;
            }
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                operations.add(operation(parser.readValueAsTree()));
            }
        }
        return operations;
    }

    private Operation operation(JsonNode node) {
        String name = node.path("name").asString();
        String schema = attribute(node, "op_schema").asString("");
        List<Parameter> declared = parameters.computeIfAbsent(schema, TraceFile::parameters);
        return new Operation(
                node.path("id").asLong(),
                node.path("ctrl_deps").asLong(),
                name,
                !schema.isEmpty(),
                attribute(node, "seq_id").asLong(-1),
                attribute(node, "scope").asLong(0) == BACKWARD_SCOPE,
                arguments(name, node.path("inputs"), declared),
                arguments(name, node.path("outputs"), List.of()));
    }

    private static JsonNode attribute(JsonNode node, String name) {
        for (JsonNode attribute : node.path("attrs")) {
            if (attribute.path("name").asString().equals(name)) {
                return attribute.path("value");
            }
        }
        return MissingNode.getInstance();
    }

    /// The parameters of a schema such as `aten::topk(Tensor self, SymInt k, int dim=-1, *, bool
    /// sorted=True) -> ...`.
    static List<Parameter> parameters(String schema) {
        int open = schema.indexOf('(');
        int arrow = schema.lastIndexOf(") -> ");
        if (open < 0 || arrow < 0) {
            return List.of();
        }
        List<Parameter> parameters = new ArrayList<>();
        for (String parameter : split(schema.substring(open + 1, arrow))) {
            String declared = parameter.strip();
            if (declared.equals("*") || declared.isEmpty()) {
                continue;
            }
            int equals = declared.indexOf('=');
            String before = equals < 0 ? declared : declared.substring(0, equals);
            String name = before.substring(before.lastIndexOf(' ') + 1);
            parameters.add(new Parameter(name, before.contains("!)")));
        }
        return parameters;
    }

    private static List<Operation.Argument> arguments(
            String operator, JsonNode passed, List<Parameter> declared) {
        JsonNode types = passed.path("types");
        List<Operation.Argument> arguments = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            List<Operation.Shape> tensors = new ArrayList<>();
            List<String> scalars = new ArrayList<>();
            collect(
                    operator,
                    types.path(i).asString(),
                    passed.path("shapes").path(i),
                    passed.path("values").path(i),
                    tensors,
                    scalars);
            Parameter of = i < declared.size() ? declared.get(i) : Parameter.UNNAMED;
            arguments.add(new Operation.Argument(of.name(), of.changed(), tensors, scalars));
        }
        return arguments;
    }

    private static void collect(
            String operator,
            String type,
            JsonNode shape,
            JsonNode value,
            List<Operation.Shape> tensors,
            List<String> scalars) {
        if (type.startsWith("Tensor(")) {
            if (!type.contains("uninitialized")) {
                List<Long> sizes = shape.valueStream().map(JsonNode::asLong).toList();
                String element = type.substring("Tensor(".length(), type.length() - 1);
                long storage = value.path(STORAGE).asLong();
                long elementBytes = value.path(ELEMENT_BYTES).asLong();
                tensors.add(new Operation.Shape(sizes, element, storage, elementBytes));
            }
        } else if (type.endsWith("]")) {
            List<String> types = split(type.substring(type.indexOf('[') + 1, type.length() - 1));
            if (types.size() > LONGEST_LIST) {
                throw new IllegalStateException(
                        operator
                                + " was given a list of more than "
                                + LONGEST_LIST
                                + " elements, which libtorch's trace cuts off");
            }
            for (int i = 0; i < types.size(); i++) {
                collect(operator, types.get(i), shape.path(i), value.path(i), tensors, scalars);
            }
        } else if (!type.equals("None")) {
            scalars.add(value.asString());
        }
    }

    /// Parts between commas outside all brackets; none of an empty text.
    private static List<String> split(String list) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < list.length(); i++) {
            switch (list.charAt(i)) {
                case '[', '(' -> depth++;
                case ']', ')' -> depth--;
                case ',' -> {
                    if (depth == 0) {
                        parts.add(list.substring(start, i));
                        start = i + 1;
                    }
                }
                default -> {}
            }
        }
        if (!list.isEmpty()) {
            parts.add(list.substring(start));
        }
        return parts;
    }
}
