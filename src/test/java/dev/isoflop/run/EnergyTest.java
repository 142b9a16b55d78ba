package dev.isoflop.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Estimate;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// Steps take 0.25 s, and 0.30 s with what comes between them.
final class EnergyTest {

    private static final double SECONDS = 0.3;
    private static final Estimate POWER =
            Estimate.stated("power", 80, "W", "thermal design power", "a data sheet");

    private static Measurement step(long step, Map<String, Double> joules) {
        return MadeUpRun.step(step, 1).with(new Measurement.Meters(SECONDS, joules, Map.of()));
    }

    private static Measurement lost(long step, Map<String, Double> joules, String why) {
        return MadeUpRun.step(step, 1)
                .with(new Measurement.Meters(SECONDS, joules, Map.of("package-0", why)));
    }

    private static List<Measurement> steps(long from, long to, Map<String, Double> joules) {
        return LongStream.rangeClosed(from, to).mapToObj(i -> step(i, joules)).toList();
    }

    @Test
    void theLedgerHoldsTheSumOfAllMetersOrNothing() {
        assertThat(step(1, Map.of("package-0", 10.0, "gpu-0", 30.0)).joules()).isEqualTo(40.0);
        assertThat(step(1, Map.of()).joules()).isNull();
        assertThat(step(1, Map.of()).meters()).isNull();
    }

    @Test
    void aRunThatWasMeteredThroughoutIsMeasured() {
        Energy energy = Energy.of(steps(1, 10, Map.of("package-0", 15.0, "gpu-0", 60.0)), POWER);
        assertThat(energy.basis()).isEqualTo(Energy.Basis.MEASURED);
        assertThat(energy.joules()).isEqualTo(750.0);
        assertThat(energy.measuredJoules()).isEqualTo(750.0);
        assertThat(energy.estimatedJoules()).isNull();
        Energy.Metered first = energy.meters().getFirst();
        assertThat(first.covered()).containsExactly(new Energy.Steps(1, 10));
        assertThat(first.missed()).isEmpty();
        assertThat(first.seconds()).isCloseTo(3, within(1e-9));
        assertThat(energy.meters().stream().mapToDouble(Energy.Metered::watts).sum())
                .isCloseTo(250, within(1e-9));
    }

    @Test
    void whatAMeterCountedBeforeItStoppedStandsAndTheRestIsEstimatedFromIt() {
        List<Measurement> steps =
                new ArrayList<>(steps(1, 6, Map.of("package-0", 15.0, "package-1", 30.0)));
        steps.add(lost(7, Map.of("package-1", 30.0), "its file is gone"));
        steps.addAll(steps(8, 10, Map.of("package-1", 30.0)));
        Energy energy = Energy.of(steps, POWER);
        assertThat(energy.basis()).isEqualTo(Energy.Basis.PARTLY);
        assertThat(energy.measuredJoules()).isEqualTo(6 * 15.0 + 10 * 30.0);
        // 50 W by the four steps' own seconds
        assertThat(energy.estimatedJoules()).isCloseTo(50 * 4 * 0.25, within(1e-9));
        assertThat(energy.joules()).isCloseTo(390 + 50, within(1e-9));
        Energy.Metered stopped =
                energy.meters().stream()
                        .filter(meter -> meter.meter().equals("package-0"))
                        .findFirst()
                        .orElseThrow();
        assertThat(stopped.covered()).containsExactly(new Energy.Steps(1, 6));
        assertThat(stopped.missed()).containsExactly(new Energy.Steps(7, 10));
        assertThat(stopped.lost()).isEqualTo("its file is gone");
    }

    @Test
    void aCounterThatMovesSeldomCoversTheStepsItStoodStill() {
        List<Measurement> steps = new ArrayList<>();
        for (long i = 1; i <= 9; i++) {
            steps.add(step(i, Map.of("gpu-0", i % 3 == 0 ? 90.0 : 0.0)));
        }
        steps.add(step(10, Map.of("gpu-0", 0.0)));
        Energy energy = Energy.of(steps, null);
        assertThat(energy.basis()).isEqualTo(Energy.Basis.MEASURED);
        assertThat(energy.meters().getFirst().seconds()).isCloseTo(3, within(1e-9));
        assertThat(energy.joules()).isEqualTo(270.0);
    }

    @Test
    void aCounterThatStoodStillUntilItWasGivenUpDidNotCountZero() {
        List<Measurement> steps = new ArrayList<>(steps(1, 10, Map.of("package-0", 15.0)));
        steps.addAll(steps(11, 27, Map.of("package-0", 0.0))); // 5.1 s
        steps.add(lost(28, Map.of(), "its counter stood still for 5 s"));
        Energy energy = Energy.of(steps, null);
        assertThat(energy.basis()).isEqualTo(Energy.Basis.PARTLY);
        Energy.Metered stuck = energy.meters().getFirst();
        assertThat(stuck.covered()).containsExactly(new Energy.Steps(1, 10));
        assertThat(stuck.missed()).containsExactly(new Energy.Steps(11, 28));
        assertThat(energy.estimatedJoules()).isCloseTo(50 * 18 * 0.25, within(1e-9));
    }

    @Test
    void aResumedRunThatHasMetersOnlyNowIsPartlyMeasured() {
        List<Measurement> steps = new ArrayList<>(MadeUpRun.steps(5));
        steps.addAll(steps(6, 10, Map.of("package-0", 15.0)));
        Energy energy = Energy.of(steps, POWER);
        assertThat(energy.basis()).isEqualTo(Energy.Basis.PARTLY);
        assertThat(energy.meters().getFirst().missed()).containsExactly(new Energy.Steps(1, 5));
    }

    @Test
    void withoutAMeterEnergyIsEstimatedFromTheStatedPowerAndNeverZero() {
        Energy energy = Energy.of(MadeUpRun.steps(10), POWER);
        assertThat(energy.basis()).isEqualTo(Energy.Basis.ESTIMATED);
        assertThat(energy.joules()).isCloseTo(80 * 10 * 0.25, within(1e-9));
        assertThat(energy.measuredJoules()).isNull();
        assertThat(energy.how())
                .isEqualTo("80 W (thermal design power) x the seconds of the steps");
        Energy unknown = Energy.of(MadeUpRun.steps(10), null);
        assertThat(unknown.basis()).isEqualTo(Energy.Basis.UNKNOWN);
        assertThat(unknown.joules()).isNull();
        Energy dead = Energy.of(steps(1, 10, Map.of("package-0", 0.0)), POWER);
        assertThat(dead.basis()).isEqualTo(Energy.Basis.ESTIMATED);
    }
}
