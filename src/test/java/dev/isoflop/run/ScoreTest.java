package dev.isoflop.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.run.Score.ClassScore;
import dev.isoflop.run.Score.Metric;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A score and a search come back from their files as they were, also from files of earlier
/// versions, which knew segmentation alone.
class ScoreTest {

    @TempDir private Path path;

    private RunFolder folder() throws IOException {
        Files.writeString(path.resolve("recipe.yaml"), "name: old\n");
        return RunFolder.read(path);
    }

    @Test
    void aScoreComesBackAsItWas() throws IOException {
        Score score =
                new Score(
                        "detection",
                        "boxes of the whole image",
                        "three images",
                        3,
                        new Metric("mean AP", Double.NaN, "mean over classes of their AP"),
                        List.of(new Metric("AP at 0.5", 0.25, "the same at an overlap of a half")),
                        1.5,
                        "boxes",
                        List.of(
                                new ClassScore("cat", Map.of("AP", 0.5), 7),
                                new ClassScore("dog", Map.of(), 0)),
                        List.of("nothing is known of dogs"),
                        new Baseline(0.125, "always \"cat\"", List.of(0.25, 0.5)));
        Result result = Result.of(Result.Status.FINISHED, List.of(), Result.Broken.NONE, null, "");
        try (RunFolder folder = folder()) {
            folder.writeResult(result.with(score));
            assertThat(folder.readResult().orElseThrow().score()).isEqualTo(score);
        }
        assertThat(score.standsAlone()).isFalse();
        assertThat(score.warned("once").warned("once").warnings())
                .containsExactly("nothing is known of dogs", "once");
        assertThat(score.classMetrics()).containsExactly("AP");
        assertThat(score.main().title()).isEqualTo("Mean AP");
    }

    @Test
    void aResultOfAnEarlierVersionIsRead() throws IOException {
        Files.writeString(
                path.resolve("result.json"),
                """
                {
                  "status" : "finished",
                  "steps" : 10,
                  "images" : 320,
                  "flops" : 254814781440,
                  "convention" : "matmul",
                  "scope" : "total",
                  "trainingSeconds" : 5.1,
                  "waitSeconds" : 0.3,
                  "imagesPerSecond" : 73.5,
                  "shareOfPeak" : null,
                  "firstLoss" : 4.0,
                  "lastLoss" : 1.7,
                  "spread" : 0.4,
                  "effectiveRank" : 16.1,
                  "probes" : {"count" : 0, "flops" : 0, "seconds" : 0.0, "last" : null},
                  "broken" : {"count" : 0, "share" : 0.0, "first" : [ ]},
                  "encoder" : {"file" : "checkpoints/step-10/encoder.safetensors", "sha256" : "07"},
                  "energy" : null,
                  "score" : {
                    "task" : "segmentation",
                    "protocol" : "centre crop of 64",
                    "data" : "world, seed 1",
                    "images" : 150,
                    "meanIoU" : 0.016446641156462584,
                    "meanAccuracy" : 0.02040816326530612,
                    "pixelAccuracy" : null,
                    "seconds" : 2.5,
                    "classes" : [
                      {"name" : "plain disc", "iou" : 0.25, "accuracy" : 0.5, "pixels" : 2903},
                      {"name" : "never there", "iou" : null, "accuracy" : null, "pixels" : 0} ],
                    "warnings" : [ "1 of 2 classes never occur" ]
                  },
                  "message" : "The budget is spent.",
                  "nonFinite" : {"/score/pixelAccuracy" : "NaN"}
                }
                """);
        try (RunFolder folder = folder()) {
            Score score = Objects.requireNonNull(folder.readResult().orElseThrow().score());
            assertThat(score.main().name()).isEqualTo("mean IoU");
            assertThat(score.main().value()).isEqualTo(0.016446641156462584);
            assertThat(score.others())
                    .extracting(Metric::name)
                    .containsExactly("mean accuracy", "pixel accuracy");
            assertThat(score.others())
                    .extracting(Metric::value)
                    .containsExactly(0.02040816326530612, Double.NaN);
            assertThat(score.counted()).isEqualTo("pixels");
            assertThat(score.images()).isEqualTo(150);
            assertThat(score.warnings()).hasSize(1);
            assertThat(score.baseline()).as("it knew of none").isNull();
            assertThat(score.standsAlone()).as("nor can it have one").isFalse();
            assertThat(score.classes())
                    .containsExactly(
                            new ClassScore(
                                    "plain disc", Map.of("IoU", 0.25, "accuracy", 0.5), 2903),
                            new ClassScore("never there", Map.of(), 0));
            assertThat(score.classMetrics()).containsExactly("IoU", "accuracy");
        }
    }

    @Test
    void aSearchOfAnEarlierVersionIsRead() throws IOException {
        String cell =
                """
                {
                  "run" : "cells/rate-0.001-decay-0.1",
                  "rate" : 0.001,
                  "decay" : 0.1,
                  "seed" : 0,
                  "status" : "finished",
                  "meanIoU" : 0.25,
                  "protocol" : "centre crop of 32",
                  "data" : "world, seed 0, 0.3 of it held out",
                  "flops" : 100,
                  "message" : "The budget is spent."
                }
                """;
        String broken =
                cell.replace("0.25", "null")
                        .replace("finished", "unstable")
                        .replace("0.001", "1.0");
        Files.writeString(
                path.resolve("search.json"),
                """
                {
                  "grid" : true,
                  "on" : "held-out",
                  "heldOut" : 0.3,
                  "rates" : [ 0.001, 1.0 ],
                  "decays" : [ 0.1 ],
                  "wantedSeeds" : 1,
                  "cells" : [ %s, %s ],
                  "best" : %s,
                  "seeds" : [ ],
                  "median" : null,
                  "least" : null,
                  "most" : null,
                  "flops" : 200,
                  "complete" : false,
                  "message" : "under way"
                }
                """
                        .formatted(cell, broken, cell));
        try (RunFolder folder = folder()) {
            SearchReport report = folder.readSearch().orElseThrow();
            SearchReport.Cell best = Objects.requireNonNull(report.best());
            assertThat(Objects.requireNonNull(best.score()).name()).isEqualTo("mean IoU");
            assertThat(best.value()).isEqualTo(0.25);
            assertThat(report.cells())
                    .extracting(SearchReport.Cell::evaluated)
                    .containsExactly(true, false);
            folder.writeSearch(report);
            assertThat(folder.readSearch()).contains(report);
            assertThat(report.baseline()).as("it knew of none").isNull();
            SearchReport held =
                    report.against(new Baseline(0.5, "always", List.of(0.1, 0.2)), true, "done");
            folder.writeSearch(held);
            assertThat(folder.readSearch()).contains(held);
        }
    }
}
