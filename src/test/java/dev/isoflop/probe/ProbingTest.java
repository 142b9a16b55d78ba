package dev.isoflop.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.image.Png;
import dev.isoflop.image.Raster;
import dev.isoflop.pretrain.Pretraining;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/// An encoder is probed from Java, on a run of three steps.
class ProbingTest {

    private static final String RECIPE =
            """
            name: small
            method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
            encoder: {width: 64, depth: 2, heads: 2, patch: 8}
            image: 32
            data: {kind: world, images: 64}
            budget: 3 steps
            batch: 16
            """;
    private static final String SETTINGS =
            "train-images: 40\nvalidation-images: 24\nunseen: leave-out\n";

    @TempDir private static Path folder = Path.of("");

    private static Path run = Path.of("");

    @BeforeAll
    static void trainOnce() throws InterruptedException {
        run = folder.resolve("run");
        var _ =
                Pretraining.of(Table.parse("recipe", RECIPE))
                        .run(run, RunListener.NONE, Stop.NEVER);
    }

    private static Probing probing(Probing.Protocol... protocols) {
        Table settings = Table.parse("settings", SETTINGS);
        return Probing.of(run, settings, Set.of(protocols));
    }

    @Test
    void aReportHasAProbeOfEachProtocolAndIsKeptWhenAsked() throws Exception {
        Table settings = Table.parse("settings", SETTINGS);
        Probing probing = Probing.of(run, settings, Set.of());
        Files.deleteIfExists(run.resolve("probe.json"));
        ProbeReport report = probing.run(RunListener.NONE, Stop.NEVER);
        assertThat(report.probes())
                .extracting(ProbeReport.Probe::protocol)
                .containsExactly("k-NN", "linear");
        assertThat(run.resolve("probe.json")).doesNotExist();
        probing.keep(report, RunListener.NONE);
        assertThat(ProbeReport.in(run.resolve("probe.json"))).contains(report);
        assertThat(Files.readString(run.resolve("report.html"))).contains("<b>linear</b>: mean");
    }

    @Test
    void protocolsComeInTheirOwnOrder() {
        Set<Probing.Protocol> asked = EnumSet.of(Probing.Protocol.LINEAR, Probing.Protocol.K_NN);
        Probing probing = Probing.of(run, Table.parse("settings", SETTINGS), asked);
        assertThat(probing.run(RunListener.NONE, Stop.NEVER).probes())
                .extracting(ProbeReport.Probe::protocol)
                .containsExactly("k-NN", "linear");
    }

    @Test
    void oneThatIsToStopReturnsWhatHadEnded() {
        Probing probing = probing();
        ProbeReport all = probing.run(RunListener.NONE, Stop.NEVER); // features are kept now
        assertThat(all.probes()).hasSize(2);
        var asked = new AtomicInteger();
        ProbeReport first = probing.run(RunListener.NONE, () -> asked.incrementAndGet() > 1);
        assertThat(first.probes()).extracting(ProbeReport.Probe::protocol).containsExactly("k-NN");
        assertThat(first.probes().getFirst().outcome().baseline())
                .as("chance is there, the untrained encoder was not begun")
                .satisfies(it -> assertThat(it.untrained()).isEmpty())
                .satisfies(it -> assertThat(it.chance()).isPositive());
    }

    @Test
    void oneThatIsToStopAmongTheUntrainedKeepsThoseThatHadEnded() {
        String more = SETTINGS + "baseline-seeds: 3\nseed: 11\n";
        Probing probing =
                Probing.of(run, Table.parse("settings", more), Set.of(Probing.Protocol.K_NN));
        var untrained = new AtomicInteger();
        RunListener counting =
                new RunListener() {
                    @Override
                    public void said(String line) {
                        untrained.addAndGet(line.startsWith("untrained   encoder") ? 1 : 0);
                    }
                };
        ProbeReport report = probing.run(counting, () -> untrained.get() == 2);
        assertThat(report.probes()).hasSize(1);
        ProbeReport.Probe probe = report.probes().getFirst();
        assertThat(Objects.requireNonNull(probe.outcome().baseline()).untrained()).hasSize(1);
        assertThat(Objects.requireNonNull(probe.untrained()).encoder()).endsWith(", seed 0");
    }

    @Test
    void oneThatIsToStopWhileFeaturesAreComputedKeepsNone() throws Exception {
        Probing probing =
                Probing.of(
                        run,
                        Table.parse("settings", "seed: 7\nunseen: leave-out\n"),
                        Set.of(Probing.Protocol.K_NN));
        List<String> before = names(run.resolve("features"));
        ProbeReport none = probing.run(RunListener.NONE, () -> true);
        assertThat(none.probes()).isEmpty();
        assertThat(names(run.resolve("features"))).isEqualTo(before);
        probing.keep(none, RunListener.NONE);
    }

    private static List<String> names(Path folder) throws Exception {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void nothingIsProbedWhileAnotherWritesTheRun() {
        Probing probing = probing(Probing.Protocol.K_NN);
        try (RunFolder _ = RunFolder.resume(run)) {
            assertThatThrownBy(() -> probing.run(RunListener.NONE, Stop.NEVER))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(run.toString());
        }
    }

    @Test
    void whoReadsNoTextIsNotAskedForZeroShot() {
        assertThatThrownBy(() -> probing(Probing.Protocol.ZERO_SHOT))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "--zero-shot needs a run of method clip; "
                                + run
                                + " is one of mae, which read no text");
    }

    @Test
    void featuresOfAnImageThatWasReplacedAreComputedAnew() throws Exception {
        Path images = folder.resolve("images");
        for (int i = 0; i < 12; i++) {
            picture(images.resolve((i % 2 == 0 ? "cats/" : "dogs/") + i + ".png"), 32);
        }
        String data = "train: {kind: folder, path: %s}\nheld-out: 0.4\n".formatted(images);
        Set<Probing.Protocol> protocols = Set.of(Probing.Protocol.K_NN);
        Probing probing =
                Probing.of(run, Table.parse("settings", data + "neighbours: [1]\n"), protocols);
        assertThat(computed(probing)).isEqualTo(12);
        assertThat(computed(probing)).isZero();
        picture(images.resolve("cats/4.png"), 64);
        assertThat(computed(probing)).as("those of its part").isBetween(1, 11);
    }

    private static int computed(Probing probing) {
        ProbeReport.Probe probe = probing.run(RunListener.NONE, Stop.NEVER).probes().getFirst();
        return probe.features().computed();
    }

    private static void picture(Path file, int side) throws IOException {
        byte[] pixels = new byte[3 * side * side];
        new Random(file.getFileName().toString().hashCode()).nextBytes(pixels);
        Files.createDirectories(file.getParent());
        Files.write(file, Png.encode(new Raster(side, side, pixels)));
    }
}
