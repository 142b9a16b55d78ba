package dev.isoflop.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.isoflop.fault.Check;

import org.junit.jupiter.api.Test;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Objects;

/// Nobody needs Java to understand why a file cannot be read.
class ReasonTest {

    record Spent(String meter, List<Integer> steps) {
        Spent {
            Objects.requireNonNull(meter, "meter");
            Check.that(steps.size() < 3, "steps are %s; two are enough", steps.size());
        }
    }

    record Bill(Spent spent) {}

    private static String ofJson(String json) {
        JacksonException e =
                catchThrowableOfType(
                        JacksonException.class, () -> new JsonMapper().readValue(json, Bill.class));
        return Reason.place(e) + " " + Reason.of(e);
    }

    @Test
    void whatIsMissingOrOfAnotherKindIsSaidByItsPlace() {
        assertThat(ofJson("{\"spent\": {\"steps\": [1]}}")).endsWith("spent: meter is missing");
        assertThat(ofJson("{\"spent\": {\"meter\": \"a\", \"steps\": [1, \"x\"]}}"))
                .endsWith("spent.steps[1]: the value there is of another kind than it must be");
        assertThat(ofJson("{\"spent\": {\"meter\": \"a\", \"steps\": [1, 2, 3]}}"))
                .endsWith("spent: steps are 3; two are enough");
    }

    @Test
    void aSyntaxErrorIsSaidWithoutWhatIsForProgrammers() {
        assertThat(ofJson("{\"spent\": {"))
                .isEqualTo(":1:12 Unexpected end-of-input: expected close marker for Object");
        assertThat(ofJson("{} 1")).endsWith(" something stands behind its end");
        assertThat(ofJson("{\"spent\": NaN}")).endsWith(" Non-standard token 'NaN'");
        assertThat(ofJson("[".repeat(2000)))
                .doesNotContain("StreamRead", "Exception", "tools.jackson");
    }

    @Test
    void aFileThatIsClosedToUsIsSaidInWords() {
        assertThat(Reason.of(new NoSuchFileException("a"))).isEqualTo("it does not exist");
        assertThat(Reason.of(new AccessDeniedException("a"))).isEqualTo("permission denied");
        assertThat(Reason.of(new MalformedInputException(1))).isEqualTo("it is not UTF-8");
        assertThat(Reason.of(new IOException())).isEqualTo("the system does not say why");
    }
}
