package dev.isoflop.carbon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

class StudyCalculatorGoldenTest {

    private static final double EXACT = 1e-9;

    @Test
    void itsRoundingIsThatOfTheOnlineCalculator() {
        StudyCalculator study = StudyCalculator.OF_THE_STUDY;
        StudyCalculator one = new StudyCalculator(study.watts(), study.gramsPerKwh(), 1);
        for (JsonNode run : Golden.of("powerlaw_co2").get("co2")) {
            double hours = run.get("hours").asDouble();
            assertThat(one.kilowattHours(hours))
                    .isCloseTo(run.get("calculator_energy").asDouble(), within(EXACT));
            assertThat(one.kilogramsPerKwh())
                    .isCloseTo(run.get("calculator_intensity").asDouble(), within(EXACT));
            assertThat(one.kilograms(hours))
                    .isCloseTo(run.get("calculator_co2_kg").asDouble(), within(EXACT));
            assertThat(study.kilograms(hours))
                    .isCloseTo(run.get("x32_calculator").asDouble(), within(EXACT));
        }
    }

    @Test
    void withoutRoundingItIsPowerTimesHoursTimesIntensity() {
        StudyCalculator study = StudyCalculator.OF_THE_STUDY;
        for (JsonNode run : Golden.of("powerlaw_co2").get("co2")) {
            double exact =
                    study.chips()
                            * study.watts()
                            * run.get("hours").asDouble()
                            * study.gramsPerKwh()
                            / 1e6;
            assertThat(exact).isCloseTo(run.get("x32_exact").asDouble(), within(1e-6));
        }
    }
}
