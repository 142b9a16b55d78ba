package dev.isoflop.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;

class ScheduleTest {

    static List<Schedule> everySchedule() {
        return List.of(
                new Schedule.Constant(3),
                new Schedule.WarmupCosine(0, 1e-3, 1e-5, 0.1, 0.1),
                new Schedule.WarmupPolynomial(1e-6, 1e-3, 1e-5, 0.9, 0.1),
                Schedule.cosine(0.04, 0.4));
    }

    @ParameterizedTest
    @MethodSource("everySchedule")
    void pastItsEndItHoldsTheLastValue(Schedule schedule) {
        assertThat(schedule.at(1.5)).isEqualTo(schedule.at(1));
        assertThat(schedule.at(2)).isEqualTo(schedule.at(1));
    }
}
