package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Estimate;
import dev.isoflop.run.MadeUpRun;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// 100 steps of 0.25 s.
final class EnergyBillTest {

    private static final Estimate POWER =
            Estimate.stated("power", 200, "W", "board power", "a data sheet of 2026")
                    .within(50, 300);
    private static final Estimate MADE =
            Estimate.stated("embodied", 0.01, "kg CO2e/h", "300 kg over 30,000 h", "a study");
    private static final Provenance.Meter PACKAGE =
            new Provenance.Meter("package-0", "the whole package", "RAPL", null, 20.0);
    private static final Provenance.Meter GPU =
            new Provenance.Meter("gpu-0", "the whole board", "NVML", 0.05, 60.0);

    @TempDir private Path runs;

    private static Provenance.Electricity electricity(
            List<Provenance.Meter> meters, List<String> absent, @Nullable Estimate power) {
        return new Provenance.Electricity(
                meters,
                absent,
                power,
                "Belgium",
                Estimate.stated("grid intensity", 180, "g/kWh", "mean of Belgium", "Ember, 2024"),
                Estimate.stated("PUE", 1.1, "", "as the recipe says", "the recipe"),
                MADE);
    }

    private static List<Measurement> steps(int n, Map<String, Double> joules, double seconds) {
        return IntStream.rangeClosed(1, n)
                .mapToObj(i ->
                        MadeUpRun.step(i, 1)
                                .with(new Measurement.Meters(seconds, joules, Map.of())))
                .toList();
    }

    private RunFolder folder(List<Measurement> steps, Provenance.@Nullable Electricity known) {
        RunFolder folder = RunFolder.create(runs.resolve("run"));
        Provenance provenance = MadeUpRun.provenance("run", "world");
        folder.writeRecipe("seed: 1\n");
        folder.writeProvenance(known == null ? provenance : provenance.with(known, Map.of()));
        folder.writeResult(
                Result.of(
                        Result.Status.FINISHED,
                        steps,
                        Result.Broken.NONE,
                        null,
                        known == null ? null : known.power(),
                        ""));
        return folder;
    }

    private String bill(List<Measurement> steps, Provenance.@Nullable Electricity known) {
        try (RunFolder folder = folder(steps, known)) {
            return RunBill.of(folder).lines().stream()
                    .map(line -> line.label() + ": " + line.amount() + " " + line.explanation())
                    .filter(line -> line.matches("(Energy|Mean power|CO2e|Embodied).*"))
                    .collect(Collectors.joining("\n"));
        }
    }

    @Test
    void measuredEnergySaysByWhatOfWhomAndHowFarItMayBeOff() {
        // 100 x 36 J = 1 Wh in 25 s
        assertThat(
                        bill(
                                steps(100, Map.of("gpu-0", 36.0), 0.25),
                                electricity(List.of(GPU), List.of(), POWER)))
                .isEqualTo(
                        """
                        Energy: 1.00 Wh measured by gpu-0; gpu-0: the whole board; between 0.950 Wh and 1.05 Wh
                        Mean power: 144 W measured while training; stated for the device: 200 W (50 to 300) \
                        (board power, a data sheet of 2026)
                        Energy at rest: 41.7% of what was measured: the machine would have used it with nothing to do; \
                        60.0 W, measured just before the run
                        CO2e: 198 mg from measured energy x PUE 1.1 x 180 g/kWh, Belgium; between 188 mg and 208 mg; \
                        intensity: mean of Belgium, Ember, 2024; PUE: as the recipe says, the recipe
                        Embodied CO2e: 69.4 mg estimated: the share of making the devices, beside the above; \
                        300 kg over 30,000 h, a study\
                        """);
    }

    @Test
    void aMeterWithoutAStatedAccuracySaysSoAndWhatIsNotCountedIsNamed() {
        assertThat(
                        bill(
                                steps(100, Map.of("package-0", 9.0), 0.25),
                                electricity(
                                        List.of(PACKAGE),
                                        List.of("GPU: there is no driver"),
                                        null)))
                .contains("Energy: 900 J measured by package-0; package-0: the whole package")
                .contains(
                        "; no accuracy is stated for package-0; no meter of GPU: there is no"
                                + " driver\n")
                .contains("Mean power: 36.0 W measured while training\n");
    }

    @Test
    void partlyMeasuredEnergySaysWhichStepsAreEstimated() {
        List<Measurement> steps = new ArrayList<>(steps(75, Map.of("gpu-0", 36.0), 0.25));
        steps.add(
                MadeUpRun.step(76, 1)
                        .with(
                                new Measurement.Meters(
                                        0.25, Map.of(), Map.of("gpu-0", "the driver was reset"))));
        steps.addAll(MadeUpRun.steps(100).subList(76, 100));
        assertThat(bill(steps, electricity(List.of(GPU), List.of(), POWER)))
                .contains("Energy: 1.00 Wh partly measured: 75.0% by gpu-0; the rest estimated:")
                .contains("gpu-0 counted steps 1 to 75 and missed 76 to 100 (the driver was reset)")
                .contains("CO2e: 198 mg from partly measured energy");
    }

    @Test
    void withoutAMeterTheBillSaysEstimatedAndWhyAndNeverZero() {
        List<String> absent = List.of("processor: there is no /sys/class/powercap; what would do");
        assertThat(bill(MadeUpRun.steps(100), electricity(List.of(), absent, POWER)))
                .isEqualTo(
                        """
                        Energy: 1.39 Wh estimated: 200 W (board power) x the seconds of the steps; \
                        between 0.347 Wh and 2.08 Wh; a data sheet of 2026; no meter of processor: \
                        there is no /sys/class/powercap; what would do
                        CO2e: 275 mg from estimated energy x PUE 1.1 x 180 g/kWh, Belgium; between 68.8 mg and 413 mg; \
                        intensity: mean of Belgium, Ember, 2024; PUE: as the recipe says, the recipe
                        Embodied CO2e: 69.4 mg estimated: the share of making the devices, beside the above; \
                        300 kg over 30,000 h, a study\
                        """);
    }

    @Test
    void energyOfWhichNothingIsKnownIsUnknown() {
        assertThat(bill(MadeUpRun.steps(100), electricity(List.of(), List.of("GPU: none"), null)))
                .startsWith("Energy: unknown neither measured nor estimated")
                .contains("no meter of GPU: none")
                .doesNotContain("CO2e: 0");
    }

    @Test
    void thePageShowsTheFactorsOfTheCarbon() throws Exception {
        try (RunFolder folder =
                folder(
                        steps(100, Map.of("gpu-0", 36.0), 0.25),
                        electricity(List.of(GPU), List.of("processor: denied"), POWER))) {
            RunPage.write(folder, List.of(), folder.page());
            assertThat(Files.readString(folder.page()))
                    .contains("<dt>Energy</dt><dd><b>1.00 Wh</b>")
                    .contains("<dt>CO2e</dt><dd><b>198 mg</b>")
                    .contains("How the CO2e comes about")
                    .contains("mean of Belgium; Ember, 2024")
                    .contains("processor: denied")
                    .doesNotContain("<dt>Mean power</dt>");
        }
    }

    @Test
    void aRunOlderThanMetersIsStillRead() throws Exception {
        try (RunFolder folder = folder(MadeUpRun.steps(100), null)) {
            String result = Files.readString(folder.result());
            String older = result.replaceFirst("(?s)  \"energy\" : \\{.*?\\n  },\\n", "");
            assertThat(older).isNotEqualTo(result).doesNotContain("energy");
            Files.writeString(folder.result(), older);
            String provenance = Files.readString(folder.provenance());
            String origin = provenance.replaceFirst(",\\s+\"electricity\" : null", "");
            assertThat(origin).isNotEqualTo(provenance);
            Files.writeString(folder.provenance(), origin);
            Files.writeString(
                    folder.measurements(),
                    """
                    {"step":1,"share":0.1,"loss":0.5,"parts":{},"learningRate":1E-4,"gradientNorm":0.7,\
                    "images":64,"flops":12,"seconds":0.25,"imagesPerSecond":256.0,"shareOfPeak":null,\
                    "waitSeconds":0.002,"spread":null,"effectiveRank":null}
                    """);
            assertThat(folder.readResult().orElseThrow().energy()).isNull();
            assertThat(folder.readProvenance().orElseThrow().electricity()).isNull();
            assertThat(folder.readMeasurements().getFirst().joules()).isNull();
            assertThat(RunBill.of(folder).lines())
                    .extracting(RunBill.Line::label)
                    .contains("FLOPs spent")
                    .doesNotContain("Energy", "CO2e");
        }
    }
}
