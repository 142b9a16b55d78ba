package dev.isoflop.carbon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

final class MeteringTest {

    private static final String NO_NVML = "there-is-no-such-library.so";
    private static final double MICRO = 1e-6;

    @TempDir private Path folder = Path.of("");
    private Powercap tree = new Powercap(folder);
    private long now = System.nanoTime();

    @BeforeEach
    void twoPackages() throws IOException {
        tree = new Powercap(folder);
        tree.zone("intel-rapl:0", "package-0", 0).zone("intel-rapl:1", "package-1", 0);
    }

    private Found found(Map<String, String> environment) {
        return Metering.find(folder, NO_NVML, Gpus.none(), environment);
    }

    private Metering started() {
        return Metering.start(found(Map.of()), () -> now);
    }

    private void pass(double seconds) {
        now += Math.round(seconds * 1e9);
    }

    @Test
    void eachStepGetsWhatWasCountedSinceTheOneBefore() throws IOException {
        try (Metering metering = started()) {
            tree.set("intel-rapl:0", 10_000_000).set("intel-rapl:1", 20_000_000);
            pass(0.5);
            Metering.Since first = metering.take();
            assertThat(first.seconds()).isCloseTo(0.5, within(MICRO));
            assertThat(first.joules())
                    .containsExactly(Map.entry("package-0", 10.0), Map.entry("package-1", 20.0));
            tree.set("intel-rapl:0", 13_000_000);
            pass(1);
            assertThat(metering.take().joules())
                    .containsExactly(Map.entry("package-0", 3.0), Map.entry("package-1", 0.0));
        }
    }

    @Test
    void aCounterThatWrapsTwiceWithinAStepIsReadOften() throws IOException {
        try (Metering metering = started()) {
            for (int move = 1; move <= 5; move++) { // by 0.4 of its range: twice around in all
                tree.set("intel-rapl:0", move * (Powercap.RANGE / 5 * 2) % Powercap.RANGE);
                pass(600);
                metering.sample();
            }
            double around = 2 * Powercap.RANGE / 1e6;
            assertThat(metering.take().joules().get("package-0")).isCloseTo(around, within(1.0));
        }
    }

    @Test
    void aMeterThatVanishesLeavesTheOthers() throws IOException {
        try (Metering metering = started()) {
            tree.set("intel-rapl:0", 10_000_000).set("intel-rapl:1", 20_000_000);
            pass(1);
            assertThat(metering.take().lost()).isEmpty();
            Files.delete(tree.energy("intel-rapl:0"));
            tree.set("intel-rapl:1", 21_000_000);
            pass(1);
            Metering.Since since = metering.take();
            assertThat(since.joules()).containsExactly(Map.entry("package-1", 1.0));
            assertThat(since.lost())
                    .containsExactly(
                            Map.entry("package-0", tree.energy("intel-rapl:0") + " is gone"));
            assertThat(metering.take().lost()).isEmpty(); // said once
            assertThat(metering.meters()).extracting(Meter::name).containsExactly("package-1");
        }
    }

    @Test
    void aMeterThatStandsStillIsLost() throws IOException {
        try (Metering metering = started()) {
            for (int second = 1; second <= 5; second++) {
                tree.set("intel-rapl:1", second * 1_000_000L);
                pass(1);
                Metering.Since since = metering.take();
                assertThat(since.lost().keySet())
                        .isEqualTo(second < 5 ? Set.of() : Set.of("package-0"));
            }
        }
    }

    @Test
    void thePowerAtRestIsThatOfAQuietTime() throws IOException {
        try (Metering metering = started()) {
            tree.set("intel-rapl:0", 60_000_000);
            pass(2);
            assertThat(metering.idle()).containsExactly(Map.entry("package-0", 30.0));
            assertThat(metering.meters()).extracting(Meter::name).containsExactly("package-0");
            assertThat(metering.absent())
                    .extracting(Absent::text)
                    .contains("package-1: its counter stood still for 2.0 s");
        }
    }

    @Test
    void twoRanksOfAMachineCountItOnce() throws IOException {
        try (Metering zero = Metering.start(found(Map.of("LOCAL_RANK", "0")), () -> now);
                Metering one = Metering.start(found(Map.of("LOCAL_RANK", "1")), () -> now)) {
            tree.set("intel-rapl:0", 10_000_000).set("intel-rapl:1", 20_000_000);
            pass(1);
            double sum = 0;
            for (Metering rank : List.of(zero, one)) {
                sum += rank.take().joules().values().stream().mapToDouble(j -> j).sum();
            }
            assertThat(sum).isEqualTo(30);
            assertThat(one.absent().getFirst().text())
                    .startsWith("machine: this is local rank 1; local rank 0 reads");
        }
        assertThatThrownBy(() -> found(Map.of("LOCAL_RANK", "first")))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "the environment's LOCAL_RANK is \"first\"; set it to a whole number from"
                                + " 0, or leave it unset");
    }

    @Test
    void aThreadReadsBetweenSteps() throws Exception {
        try (Metering metering = Metering.start(found(Map.of()))) {
            tree.set("intel-rapl:0", Powercap.RANGE / 100); // 2,621 J within the next second
            Thread.sleep(Duration.ofMillis(1_300)); // it reads once a second
            tree.set("intel-rapl:0", 2 * (Powercap.RANGE / 100));
            Files.delete(tree.energy("intel-rapl:1"));
            Metering.Since since = metering.take();
            assertThat(since.joules()).containsOnlyKeys("package-0");
            assertThat(since.joules().get("package-0")).isCloseTo(5_242.9, within(1.0));
        }
    }

    @Test
    void aMachineWithoutMetersCountsNothingInsteadOfZero() throws IOException {
        Found none = Metering.find(folder.resolve("nowhere"), NO_NVML, Gpus.none(), Map.of());
        try (Metering metering = Metering.start(none, () -> now)) {
            pass(1);
            assertThat(metering.take().joules()).isEmpty();
            assertThat(metering.idle()).isEmpty();
            assertThat(metering.absent()).isNotEmpty();
        }
    }
}
