package dev.isoflop.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Device;
import dev.isoflop.budget.Devices;
import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.PowerLaw;
import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Speed;
import dev.isoflop.method.Method;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What the steps that were timed and kept under docs/results say of steps that were not.
class StepsPerSecondTest {

    private static final Path RESULTS = Path.of("docs/results");
    private static final JsonNode KEPT =
            new JsonMapper().readTree(RESULTS.resolve("steps-per-second-f32.json").toFile());

    private static List<PowerLaw.Point> points(String method, boolean of) {
        return KEPT.get("steps")
                .valueStream()
                .filter(step -> step.get("method").asString().equals(method) == of)
                .map(step ->
                        new PowerLaw.Point(
                                step.get("flopsPerStep").asDouble(),
                                step.get("stepsPerSecond").asDouble()))
                .toList();
    }

    private static Device device(List<PowerLaw.Point> points) {
        return new Device(
                "kept",
                "kept",
                List.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(Precision.F32, new Device.Timed(points, "kept")),
                "kept");
    }

    /// A 95% interval leaves out one in twenty; the machine was a noisy one.
    @Test
    void whereTheOtherMethodsSayLieNineInTenStepsOfOneThatWasNotMeasured() {
        List<String> outside = new ArrayList<>();
        for (String method : Method.Config.NAMES) {
            Speed speed = Speed.of(device(points(method, false)), Precision.F32, Optional.empty());
            List<PowerLaw.Point> own = points(method, true);
            assertThat(own).as(method).hasSizeGreaterThanOrEqualTo(3);
            for (PowerLaw.Point point : own) {
                BigInteger flops = BigInteger.valueOf((long) point.flops());
                Estimate said = speed.stepSeconds(flops, 1);
                double seconds = 1 / point.stepsPerSecond();
                if (seconds < said.low() || seconds > said.high()) {
                    outside.add(method + " " + said.readable() + ", took " + seconds);
                }
            }
        }
        assertThat(outside).hasSizeLessThanOrEqualTo(KEPT.get("steps").size() / 10);
    }

    @Test
    void theKeptPictureIsWhatIsDrawnOfTheKeptSteps() throws IOException {
        assertThat(Files.readString(RESULTS.resolve("steps-per-second-f32.svg")))
                .isEqualTo(timed().picture().orElseThrow());
    }

    static TimedSteps timed() {
        JsonNode here = KEPT.get("here");
        List<TimedSteps.Row> rows =
                KEPT.get("steps")
                        .valueStream()
                        .map(step ->
                                new TimedSteps.Row(
                                        step.get("method").asString(),
                                        step.get("encoder").asString(),
                                        step.get("image").asInt(),
                                        step.get("batch").asInt(),
                                        step.get("flopsPerStep").asDouble(),
                                        step.get("seconds")
                                                .valueStream()
                                                .map(JsonNode::asDouble)
                                                .toList()))
                        .toList();
        return new TimedSteps(
                new TimingConditions(
                        here.get("processor").asString(),
                        here.get("cores").asInt(),
                        here.get("threads").asInt(),
                        here.get("load").asDouble(),
                        here.get("isoflop").asString(),
                        LocalDate.parse(here.get("date").asString())),
                Precision.F32,
                KEPT.get("peakFlopsPerSecond").asDouble(),
                rows);
    }

    @Test
    void theKeptDeviceHasTheKeptSteps() {
        Device device = Devices.named(RESULTS.resolve("two-core-epyc.yaml").toString());
        List<PowerLaw.Point> points =
                Objects.requireNonNull(device.timed().get(Precision.F32)).points();
        assertThat(points).hasSameSizeAs(KEPT.get("steps"));
        PowerLaw law = PowerLaw.fit(points);
        JsonNode kept = KEPT.get("law");
        assertThat(law.slope()).isCloseTo(kept.get("slope").asDouble(), within(1e-4));
        assertThat(law.r2Log()).isCloseTo(kept.get("r2Log").asDouble(), within(1e-4));
        assertThat(device.power()).isEmpty();
    }

    @Test
    void theKeptStepsSpanTwoDecades() {
        List<Double> flops =
                KEPT.get("steps")
                        .valueStream()
                        .map(step -> step.get("flopsPerStep").asDouble())
                        .toList();
        assertThat(flops.getLast() / flops.getFirst()).isGreaterThan(100);
    }
}
