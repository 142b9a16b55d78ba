package dev.isoflop.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.List;
import java.util.Map;

class JsonTest {

    private record Curve(String name, double last, List<Double> losses) {}

    private static JsonNode strictly(String json) {
        return new JsonMapper().readTree(json);
    }

    @Test
    void whatIsNoNumberIsNullAndNamedOnce() {
        Map<String, Object> all =
                Map.of("rate", Double.NaN, "list", List.of(1.5, Double.NEGATIVE_INFINITY));
        JsonNode read = strictly(Json.text(all));
        assertThat(read.get("rate").isNull()).isTrue();
        assertThat(read.get("list").toString()).isEqualTo("[1.5,null]");
        assertThat(read.get("nonFinite").toString())
                .contains("\"/rate\":\"NaN\"", "\"/list/1\":\"-Infinity\"");
    }

    @Test
    void aRecordThatIsWrittenIsReadAsItWas() {
        var curve = new Curve("a", Double.POSITIVE_INFINITY, List.of(1.0, Double.NaN));
        assertThat(Json.read(Json.line(curve), Curve.class, "line")).isEqualTo(curve);
    }

    @Test
    void whatIsWrongIsSaidWithoutNamesOfClasses() {
        Map<String, String> all =
                Map.of(
                        "{\"name\": " + "[".repeat(10_000),
                        "it nests deeper",
                        "{\"name\": [1",
                        "expected close marker for Array",
                        "{\"name\": \"a\", \"last\": {}, \"losses\": []}",
                        "last: ",
                        "{\"name\": \"a\", \"last\": 1, \"losses\": [1, []]}",
                        "losses[1]: ");
        all.forEach((json, said) ->
                assertThatThrownBy(() -> Json.read(json, Curve.class, "a.json"))
                        .isInstanceOf(InputException.class)
                        .hasMessageStartingWith("a.json is damaged: ")
                        .hasMessageContaining(said)
                        .message()
                        .doesNotContain("java", "isoflop.", "Stream", "Curve"));
    }

    @Test
    void inAPageItIsNullAndEndsNoElement() {
        String script = Json.script(List.of(Map.of("a", "</script>"), Map.of("b", Double.NaN)));
        assertThat(script).isEqualTo("[{\"a\":\"\\u003c/script>\"},{\"b\":null}]");
    }
}
