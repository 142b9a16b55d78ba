package dev.isoflop.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Case `schedules`, part `mae`: the authors' warm-up and cosine over fractional epochs.
class SchedulesGoldenTest {

    private static final Pattern ARGUMENTS =
            Pattern.compile(
                    "lr=([0-9.e-]+)\\*([0-9]+)/256, min_lr=([0-9.e-]+), warmup_epochs=([0-9]+),"
                            + " epochs=([0-9]+).*");

    @Test
    void theRateOfMaeFollowsTheShareOfTheBudget() {
        JsonNode golden = Golden.of("schedules").get("mae");
        Matcher m = ARGUMENTS.matcher(golden.get("args").asString());
        assertThat(m.matches()).as(golden.get("args").asString()).isTrue();
        double peak = Double.parseDouble(m.group(1)) * Integer.parseInt(m.group(2)) / 256;
        double end = Double.parseDouble(m.group(3));
        double epochs = Double.parseDouble(m.group(5));
        double warmup = Double.parseDouble(m.group(4)) / epochs;
        Schedule schedule = new Schedule.WarmupCosine(0, peak, end, warmup, warmup);
        for (JsonNode value : golden.get("values")) {
            double share = value.get("epoch").asDouble() / epochs;
            assertThat(schedule.at(share))
                    .as("epoch %s", value.get("epoch"))
                    .isCloseTo(value.get("lr").asDouble(), within(Golden.TOLERANCE * peak));
        }
    }
}
