package dev.isoflop.cli;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What `--json` prints: one object.
final class Json {

    private Json() {}

    /// A record or map as indented JSON.
    static String write(Object value) {
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(value);
    }
}
