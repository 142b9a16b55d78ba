package dev.isoflop.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.golden.Golden;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

class PowerLawGoldenTest {

    private static final double TOLERANCE = 1e-9;

    private static final JsonNode CASE = Golden.of("powerlaw_co2");

    private static List<PowerLaw.Point> points() {
        List<PowerLaw.Point> points = new ArrayList<>();
        for (int i = 0; i < CASE.get("flops").size(); i++) {
            points.add(
                    new PowerLaw.Point(
                            CASE.get("flops").get(i).asDouble(),
                            CASE.get("steps_per_s").get(i).asDouble()));
        }
        return points;
    }

    @Test
    void theLineIsThatOfLeastSquaresThroughTheLogarithms() {
        PowerLaw law = PowerLaw.fit(points());
        assertThat(law.slope()).isCloseTo(CASE.get("slope").asDouble(), within(TOLERANCE));
        assertThat(law.intercept()).isCloseTo(CASE.get("intercept").asDouble(), within(1e-8));
        assertThat(law.r2Log()).isCloseTo(CASE.get("r2_log").asDouble(), within(TOLERANCE));
        assertThat(law.r2Linear()).isCloseTo(CASE.get("r2_linear").asDouble(), within(TOLERANCE));
    }

    @Test
    void theIntervalWidensAwayFromWhatWasMeasured() {
        PowerLaw law = PowerLaw.fit(points());
        PowerLaw.Interval inside = law.interval(Math.exp(law.meanLogFlops()), 0.95);
        PowerLaw.Interval outside = law.interval(1e17, 0.95);
        assertThat(outside.high() / outside.low()).isGreaterThan(inside.high() / inside.low());
        assertThat(law.at(1e17)).isBetween(outside.low(), outside.high());
    }

    /// By hand: x = 0, 1, 2, y = 0, 0, 3 has slope 1.5, intercept -0.5, residual sum of squares
    /// 1.5, one degree of freedom, t(0.95) = 12.706; at the mean 1 the error is sqrt(1.5 (1 + 1/3))
    /// = sqrt(2).
    @Test
    void theIntervalIsStudentsOfAFurtherMeasurement() {
        PowerLaw law =
                PowerLaw.fit(
                        List.of(
                                new PowerLaw.Point(1, 1),
                                new PowerLaw.Point(Math.E, 1),
                                new PowerLaw.Point(Math.E * Math.E, Math.exp(3))));
        PowerLaw.Interval interval = law.interval(Math.E, 0.95);
        double half = 12.706204736 * Math.sqrt(2);
        assertThat(Math.log(interval.high())).isCloseTo(1 + half, within(1e-6));
        assertThat(Math.log(interval.low())).isCloseTo(1 - half, within(1e-6));
    }

    @Test
    void twoPointsOrPointsOfOneSizeAreRefused() {
        assertThatThrownBy(() -> PowerLaw.fit(points().subList(0, 2)))
                .hasMessageContaining("needs three");
        PowerLaw.Point one = new PowerLaw.Point(1e9, 2);
        assertThatThrownBy(() -> PowerLaw.fit(List.of(one, one, one)))
                .hasMessageContaining("different size");
    }
}
