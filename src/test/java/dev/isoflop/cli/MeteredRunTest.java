package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Estimate;
import dev.isoflop.run.Energy;
import dev.isoflop.run.Machine;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.RunFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;

/// A run beside counters that a test moves, in a folder like that of Linux.
class MeteredRunTest {

    private static final long STEPS = 150;
    private static final double JOULES_A_TICK = 1;
    private static final long MILLIS_A_TICK = 20;
    private static final String RECIPE =
            """
            name: metered
            method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
            encoder: {width: 64, depth: 2, heads: 2, patch: 8}
            image: 32
            data: {kind: world, images: 200}
            budget: 1 epochs
            batch: 8
            device: cpu
            """;

    @TempDir private Path folder;

    @Test
    void aRunIsMeasuredUntilItsMeterIsTakenAway() throws Exception {
        Path zone = counter();
        Path run = folder.resolve("run");
        ChildJvm child = start(run, folder.resolve("powercap"), STEPS);
        Path lines = run.resolve("measurements.jsonl");
        long joules = 0;
        while (child.alive()) {
            joules++;
            if (Files.exists(zone.resolve("energy_uj"))) {
                set(zone, joules);
                if (Files.exists(lines) && Files.readString(lines).lines().count() >= 20) {
                    Files.delete(zone.resolve("energy_uj"));
                }
            }
            Thread.sleep(MILLIS_A_TICK);
        }
        assertThat(child.status()).as(child.err()).isZero();

        RunFolder read = RunFolder.read(run);
        Provenance.Electricity electricity =
                Objects.requireNonNull(read.readProvenance().orElseThrow().electricity());
        Provenance.Meter meter = electricity.meters().getFirst();
        assertThat(meter.name()).isEqualTo("package-0");
        assertThat(meter.idleWatts()).isBetween(1.0, 60.0); // 1 J in 20 ms, or longer
        Energy energy = Objects.requireNonNull(read.readResult().orElseThrow().energy());
        assertThat(energy.basis()).isEqualTo(Energy.Basis.PARTLY);
        assertThat(Objects.requireNonNull(energy.measuredJoules()))
                .isBetween(JOULES_A_TICK, (double) joules);
        assertThat(energy.meters().getFirst().lost()).endsWith("energy_uj is gone");
        assertThat(energy.meters().getFirst().missed().getLast().last()).isEqualTo(STEPS);
        assertThat(child.err())
                .containsPattern("step \\d+: the meter package-0 stopped: .*energy_uj is gone")
                .contains("partly measured")
                .contains("package-0 counted steps 1 to ")
                .contains("for the recipe names no region");
    }

    @Test
    void aRunWithoutMetersIsEstimatedAndSaysWhy() throws Exception {
        Path run = folder.resolve("run");
        ChildJvm child = start(run, folder.resolve("nowhere"), 5);
        assertThat(child.status()).as(child.err()).isZero();
        Provenance.Electricity electricity =
                Objects.requireNonNull(
                        RunFolder.read(run).readProvenance().orElseThrow().electricity());
        Estimate power = Objects.requireNonNull(electricity.power());
        assertThat(power.value())
                .as("the catalogue's 225 W of 32 cores, by this machine's")
                .isCloseTo(225.0 / 32 * Machine.cores(), within(1e-9));
        assertThat(electricity.grid()).isEqualTo("the world, for the recipe names no region");
        assertThat(electricity.pue().value()).isEqualTo(1);
        JsonNode result = new JsonMapper().readTree(Files.readString(run.resolve("result.json")));
        assertThat(result.get("energy").get("basis").asString()).isEqualTo("estimated");
        assertThat(result.get("energy").get("joules").asDouble()).isPositive();
        assertThat(result.get("energy").get("measuredJoules").isNull()).isTrue();
        assertThat(child.err())
                .contains("estimated: ")
                .contains("no meter of processor: there is no " + folder.resolve("nowhere"));
    }

    @Test
    void doctorSaysWhichMetersThereAreAndWhyOthersAreNot() throws Exception {
        Path still = counter(); // and nobody moves it
        Path gone = Files.createDirectories(still.resolveSibling("intel-rapl:1"));
        Files.copy(still.resolve("max_energy_range_uj"), gone.resolve("max_energy_range_uj"));
        Files.writeString(gone.resolve("name"), "package-1\n");
        ChildJvm doctor =
                ChildJvm.start(
                        folder,
                        List.of("-Disoflop.powercap=" + folder.resolve("powercap")),
                        "doctor");
        assertThat(doctor.status()).as(doctor.err()).isZero();
        assertThat(doctor.out())
                .containsPattern("energy +estimated: no meter can be read")
                .containsPattern("no meter, \\d +package-0: its counter stood still for 1")
                .containsPattern("no meter, \\d +package-1: .*energy_uj is gone");
    }

    private ChildJvm start(Path run, Path powercap, long steps) throws IOException {
        Path recipe = Files.writeString(folder.resolve("metered.yaml"), RECIPE);
        return ChildJvm.start(
                folder,
                List.of("-Disoflop.powercap=" + powercap),
                "pretrain",
                recipe.toString(),
                "--set",
                "budget=" + steps + " steps",
                "--out",
                run.toString());
    }

    private Path counter() throws IOException {
        Path zone = Files.createDirectories(folder.resolve("powercap/intel-rapl:0"));
        Files.writeString(zone.resolve("name"), "package-0\n");
        Files.writeString(zone.resolve("max_energy_range_uj"), "262143328850\n");
        set(zone, 0);
        return zone;
    }

    /// Moves the counter at once, as the kernel does: nobody reads half a number.
    private static void set(Path zone, long joules) throws IOException {
        Path next = zone.resolve("next");
        Files.writeString(next, joules * 1_000_000 + "\n");
        Files.move(next, zone.resolve("energy_uj"), StandardCopyOption.ATOMIC_MOVE);
    }
}
