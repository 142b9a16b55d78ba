package dev.isoflop.recipe;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Values to YAML text that reads back to the same values.
final class YamlWriter {

    /// What needs no quotes anywhere in YAML.
    private static final Pattern SAFE =
            Pattern.compile("(-(?=[0-9.]))?[A-Za-z0-9_./+]([A-Za-z0-9_./+ -]*[A-Za-z0-9_./+-])?");

    private final StringBuilder out = new StringBuilder();

    private YamlWriter() {}

    /// The text of a table, two spaces a level, ending in a new line.
    static String write(Value.Mapping root) {
        var writer = new YamlWriter();
        if (root.entries().isEmpty()) {
            return "{}\n";
        }
        writer.mapping(root.entries(), 0);
        return writer.out.toString();
    }

    /// A text in double quotes, with everything escaped that would not show.
    static String quoted(String text) {
        var escaped = new StringBuilder("\"");
        text.codePoints().forEach(c -> escaped.append(escape(c)));
        return escaped.append('"').toString();
    }

    private static String escape(int c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> isVisible(c) ? Character.toString(c) : "\\U%08x".formatted(c);
        };
    }

    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }

    private void mapping(Map<String, Value.Entry> entries, int indent) {
        for (Map.Entry<String, Value.Entry> entry : entries.entrySet()) {
            String key = entry.getKey();
            out.repeat(' ', indent)
                    .append(SAFE.matcher(key).matches() ? key : quoted(key))
                    .append(':');
            value(entry.getValue().value(), indent + 2);
        }
    }

    private void sequence(List<Value> items, int indent) {
        for (Value item : items) {
            out.repeat(' ', indent).append('-');
            value(item, indent + 2);
        }
    }

    /// What follows a key's colon or an item's dash, up to and with the end of the line.
    private void value(Value value, int indent) {
        switch (value) {
            case Value.Scalar scalar when scalar.isEmpty() -> out.append('\n');
            case Value.Scalar scalar -> out.append(' ').append(scalar(scalar)).append('\n');
            case Value.Sequence sequence when sequence.items().isEmpty() -> out.append(" []\n");
            case Value.Sequence sequence -> {
                out.append('\n');
                sequence(sequence.items(), indent);
            }
            case Value.Mapping mapping when mapping.entries().isEmpty() -> out.append(" {}\n");
            case Value.Mapping mapping -> {
                out.append('\n');
                mapping(mapping.entries(), indent);
            }
        }
    }

    private static String scalar(Value.Scalar scalar) {
        boolean bare = scalar.plain() && SAFE.matcher(scalar.text()).matches();
        return bare ? scalar.text() : quoted(scalar.text());
    }
}
