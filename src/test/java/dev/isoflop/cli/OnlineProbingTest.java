package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.image.Png;
import dev.isoflop.image.Raster;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Probes beside a run change nothing of it.
class OnlineProbingTest {

    private static final int STEPS = 20;
    private static final String PROBE =
            "probe: {at: [0.25, 0.5, 1], train-images: 40, validation-images: 24, neighbours: 5,"
                    + " unseen: leave-out}\n";
    private static final String SAVE = "checkpoints: {every-steps: 5, keep-last: 9}\n";

    @TempDir private Path folder = Path.of("");

    private String isoflop(int status, String... arguments) {
        StringWriter err = new StringWriter();
        PrintWriter writer = new PrintWriter(err, true);
        assertThat(Isoflop.run(writer, writer, arguments)).as(err.toString()).isEqualTo(status);
        return err.toString();
    }

    private Path pretrain(String name, String recipe) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), recipe);
        Path run = folder.resolve(name);
        isoflop(0, "pretrain", file.toString(), "--out", run.toString());
        return run;
    }

    private static List<Measurement> steps(Path run) {
        try (RunFolder read = RunFolder.read(run)) {
            return read.readMeasurements();
        }
    }

    private static byte[] encoder(Path run) throws IOException {
        return Files.readAllBytes(
                run.resolve("checkpoints/step-" + STEPS + "/encoder.safetensors"));
    }

    private static List<Double> values(List<Measurement> steps) {
        return steps.stream()
                .flatMap(m -> Stream.ofNullable(m.probe()))
                .map(OnlineProbe::value)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mae", "dino"})
    void theLossesAreTheSameBitsWithAndWithoutProbes(String method) throws IOException {
        String recipe = EveryMethodTest.recipe(method, STEPS);
        Path plain = pretrain("plain", recipe);
        Path probed = pretrain("probed", recipe + PROBE);
        assertThat(steps(probed))
                .extracting(Measurement::loss)
                .hasSize(STEPS)
                .isEqualTo(steps(plain).stream().map(Measurement::loss).toList());
        assertThat(encoder(probed)).isEqualTo(encoder(plain));
        assertThat(steps(probed))
                .filteredOn(m -> m.probe() != null)
                .extracting(Measurement::step)
                .containsExactly(5L, 10L, 20L);
        assertThat(steps(plain)).allMatch(m -> m.probe() == null);
        assertThat(probed.resolve("untrained-probe.json")).exists();
        assertThat(plain.resolve("untrained-probe.json")).doesNotExist();
    }

    @Test
    void itsWorkIsForwardPassesAndStandsOnALineOfItsOwn() throws IOException {
        Path run = pretrain("run", EveryMethodTest.recipe("mae", STEPS) + PROBE);
        OnlineProbe probe = Objects.requireNonNull(steps(run).getLast().probe());
        long forward = 2L * 16 * 192 * 64 + 2L * (2L * 17 * 64 * (12 * 64) + 2 * 2L * 17 * 17 * 64);
        int shown = probe.trainImages() + probe.validationImages();
        long similarities = 2L * probe.validationImages() * 64 * probe.trainImages();
        assertThat(probe.flops()).isEqualTo(BigInteger.valueOf(shown * forward + similarities));
        assertThat(probe.metric()).isEqualTo("mean average precision");
        assertThat(probe.neighbours()).isEqualTo(5);
        try (RunFolder read = RunFolder.read(run)) {
            Result result = read.readResult().orElseThrow();
            assertThat(result.probes().count()).isEqualTo(3);
            assertThat(result.probes().flops())
                    .isEqualTo(probe.flops().multiply(BigInteger.valueOf(3 + 1))); // untrained
            assertThat(result.flops())
                    .isEqualTo(read.readProvenance().orElseThrow().planned().derivation().flops());
        }
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("What its encoder is worth, as it learns", "<dt>Probing</dt>");
    }

    /// The probe of an encoder that no step has changed is that of this run's encoder at step 0.
    @Test
    void theUntrainedEncoderIsThisRunsOwnBeforeItsFirstStep() throws IOException {
        String still = EveryMethodTest.recipe("mae", STEPS).replace("2e-3", "1e-30");
        Path run = pretrain("still", still + PROBE);
        double untrained = untrained(run).value();
        assertThat(values(steps(run))).containsOnly(untrained);
        Path learning = pretrain("learning", EveryMethodTest.recipe("mae", STEPS) + PROBE);
        assertThat(untrained(learning).value()).isEqualTo(untrained);
        assertThat(values(steps(learning)).getLast()).isNotEqualTo(untrained);
    }

    @Test
    void everyProbeIsHeldAgainstTheUntrainedEncoder() throws IOException {
        Path run = pretrain("run", EveryMethodTest.recipe("mae", STEPS) + PROBE);
        OnlineProbe untrained = untrained(run);
        assertThat(steps(run).stream().flatMap(m -> Stream.ofNullable(m.probe())))
                .hasSize(3)
                .allSatisfy(probe ->
                        assertThat(Objects.requireNonNull(probe.baseline()).untrained())
                                .containsExactly(untrained.value()));
        try (RunFolder read = RunFolder.read(run)) {
            Result result = read.readResult().orElseThrow();
            assertThat(result.probes().untrained()).isEqualTo(untrained);
            assertThat(result.probes().last()).isEqualTo(steps(run).getLast().probe());
        }
    }

    @Test
    void theBaselineIsLeftOutWhereTheRecipeSaysSo() throws IOException {
        String without = PROBE.replace("{at", "{baseline: false, at");
        Path run = pretrain("run", EveryMethodTest.recipe("mae", STEPS) + without);
        assertThat(run.resolve("untrained-probe.json")).doesNotExist();
        OnlineProbe last = Objects.requireNonNull(steps(run).getLast().probe());
        assertThat(Objects.requireNonNull(last.baseline()).untrained()).isEmpty();
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("<line class=\"chance\"")
                .doesNotContain("<line class=\"untrained\"");
    }

    @Test
    void aRunThatGoesOnProbesWhatItHasNotKept() throws IOException {
        String recipe = EveryMethodTest.recipe("mae", STEPS) + PROBE + SAVE;
        Path run = pretrain("run", recipe);
        List<Double> expected = values(steps(run));
        byte[] encoder = encoder(run);
        for (int step : new int[] {10, 15, 20}) {
            Path gone = run.resolve("checkpoints/step-" + step);
            Files.move(gone, folder.resolve("gone-" + step));
        }
        byte[] untrained = Files.readAllBytes(run.resolve("untrained-probe.json"));
        String said = isoflop(0, "pretrain", "--resume", run.toString());
        assertThat(values(steps(run))).hasSize(3).isEqualTo(expected);
        assertThat(encoder(run)).isEqualTo(encoder);
        assertThat(said).doesNotContain("untrained: k-NN");
        assertThat(run.resolve("untrained-probe.json")).hasBinaryContent(untrained);
    }

    @Test
    void aRunThatGoesOnWithoutItsBaselineProbesTheSameUntrainedEncoderAgain() throws IOException {
        String recipe = EveryMethodTest.recipe("mae", STEPS) + PROBE + SAVE;
        Path run = pretrain("run", recipe);
        List<Double> losses = steps(run).stream().map(Measurement::loss).toList();
        byte[] encoder = encoder(run);
        double untrained = untrained(run).value();
        Files.delete(run.resolve("untrained-probe.json"));
        Files.move(run.resolve("checkpoints/step-20"), folder.resolve("gone"));
        assertThat(isoflop(0, "pretrain", "--resume", run.toString()))
                .contains("untrained: k-NN", "resuming after step 15");
        assertThat(untrained(run).value()).isEqualTo(untrained);
        assertThat(steps(run)).extracting(Measurement::loss).isEqualTo(losses);
        assertThat(encoder(run)).isEqualTo(encoder);
    }

    @Test
    void theFiguresAreSaidAsTheRunGoesAndWhenItEnds() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("run.yaml"), EveryMethodTest.recipe("mae", STEPS) + PROBE);
        String figure = "[0-9.]+%";
        String held =
                "k-NN " + figure + " \\(untrained " + figure + ", chance " + figure + "[^)]*\\)";
        assertThat(isoflop(0, "pretrain", file.toString(), "--out", folder + "/run"))
                .containsPattern(
                        "untrained: k-NN " + figure + " \\(chance " + figure + "[^)]*\\), mean")
                .containsPattern("step 5: " + held + ", mean average precision, in ")
                .containsPattern("The loss [^.]*.*" + held + "\\. The budget is spent\\.");
    }

    private static OnlineProbe untrained(Path run) {
        try (RunFolder read = RunFolder.read(run)) {
            return read.readUntrainedProbe().orElseThrow();
        }
    }

    @Test
    void probesThatCannotBeAreRefusedBeforeTheRunBegins() throws IOException {
        String recipe = EveryMethodTest.recipe("mae", STEPS);
        assertThat(
                        refused(
                                recipe
                                        + "probe: {neighbours: 100, train-images: 40, unseen:"
                                        + " leave-out}\n"))
                .contains("neighbours is 100, but only 40 images vote");
        assertThat(refused(recipe + "probe: {at: [0, 1]}\n"))
                .contains("probe.at has 0.0; each is a share of the budget");
        assertThat(refused(recipe + "probe: {neighbors: 10}\n"))
                .contains("probe.neighbors is not known here; did you mean neighbours?");
        Path flat = Files.createDirectories(folder.resolve("flat"));
        Files.write(flat.resolve("one.png"), Png.encode(new Raster(1, 1, new byte[3])));
        assertThat(refused(recipe + "probe: {train: {kind: folder, path: " + flat + "}}\n"))
                .contains(flat + " has no labels, and a probe learns classes");
    }

    private String refused(String recipe) throws IOException {
        Path file = Files.writeString(folder.resolve("refused.yaml"), recipe);
        Path run = folder.resolve("refused");
        String said = isoflop(2, "pretrain", file.toString(), "--out", run.toString());
        assertThat(run).doesNotExist();
        return said;
    }
}
