package dev.isoflop.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.pretrain.Pretraining;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.ProbeReport.Probe;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;

/// Learning is checked like code: a part of each demo's budget must make an encoder that tells
/// shapes apart better than one that was never trained.
///
/// The margins lie below what was measured and above what a broken method reaches; both are in
/// docs/concepts/what-a-score-means.md, with how each was broken.
class LearningTest {

    private static final String JUDGED = "train-images: 2000\nvalidation-images: 1000\n";

    @TempDir private Path folder;

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "supervised, 0.3 TFLOP, 0.15",
        "mae, 0.3 TFLOP, 0.04",
        "clip, 0.3 TFLOP, 0.02",
        "simclr, 0.6 TFLOP, 0.06",
        "byol, 0.6 TFLOP, 0.01",
        "dino, 0.6 TFLOP, 0.04",
    })
    void aMethodsEncoderIsWorthMoreThanAnUntrainedOne(String method, String budget, double margin)
            throws InterruptedException {
        Table recipe =
                Table.read(Path.of("recipes", "demo", method + ".yaml"))
                        .with("budget", budget)
                        .with("probe.at", "[1]")
                        .with("probe.baseline", "false")
                        .with("probe.train-images", "500")
                        .with("probe.validation-images", "200");
        Path run = folder.resolve(method);

        Result result = Pretraining.of(recipe).run(run, RunListener.NONE, Stop.NEVER);

        assertThat(result.status()).isEqualTo(Result.Status.FINISHED);
        Probe probe =
                Probing.of(run, Table.parse("judged", JUDGED), Set.of(Probing.Protocol.LINEAR))
                        .run(RunListener.NONE, Stop.NEVER)
                        .probes()
                        .getFirst();
        Baseline baseline = Objects.requireNonNull(probe.outcome().baseline());
        double untrained = baseline.untrained().getFirst();
        assertThat(probe.outcome().value()).isGreaterThan(untrained + margin);
        assertThat(untrained).isGreaterThan(baseline.chance());
    }
}
