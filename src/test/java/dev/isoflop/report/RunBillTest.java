package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.run.MadeUpRun;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Measurements;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

final class RunBillTest {

    @TempDir private Path runs;

    @Test
    void everyFigureHasItsUnitAndHowItWasCounted() {
        try (RunFolder folder = RunFolder.create(runs.resolve("mae"))) {
            folder.writeRecipe("seed: 1\n");
            folder.writeProvenance(MadeUpRun.provenance("mae", "world"));
            folder.writeResult(
                    Result.of(
                            Result.Status.FINISHED,
                            MadeUpRun.steps(400),
                            new Result.Broken(
                                    2,
                                    1e-3,
                                    List.of(new Result.BrokenImage("a.jpg", "ends early"))),
                            new Result.Artifact("encoder.safetensors", "ab12"),
                            ""));
            assertThat(RunBill.of(folder).text())
                    .isEqualTo(
                            """
                            mae: finished. Spent 1.34e13 FLOP in 1 min 40 s. The loss fell from 0.919 to 0.310.
                              FLOPs spent       1.34e13 FLOP         matmul, total of 1 device; exactly 13421772849200
                              Images            25,600 images        seen, 64 a step
                              Steps             400 steps            of the 400 that the budget buys
                              Training time     1 min 40 s           sum of the steps, waiting for data included
                              Throughput        256 images/s         median of the steps, all devices
                              Share of peak     80.0%%                median of the steps; peak 397 GFLOP/s; \
                            measured: bf16 product of two 4096 x 4096 matrices, best of 5
                              Waiting for data  0.8%%                 of the training time; 0.800 s
                              Loss              0.919 to 0.310       means of the first and the last 5%% of the steps
                              Spread            0.699                of the embeddings from image to image, when last \
                            measured: 1 is even, 0 a collapse; effective rank 12.5
                              Broken images     2 images             skipped, 0.1%% of those tried
                              Encoder           encoder.safetensors  SHA-256 ab12
                            How the FLOPs come about: isoflop plan %s
                            """
                                    .formatted(folder.recipe()));
        }
    }

    @Test
    void anInterruptedRunSaysHowMuchOfItsBudgetIsSpent() {
        assertThat(
                        bill(MadeUpRun.steps(100), Result.Status.INTERRUPTED, "Stopped by hand.")
                                .verdict())
                .isEqualTo(
                        "Spent 3.36e12 FLOP in 25.0 s, 25.0% of the budget. The loss fell from"
                                + " 0.996 to 0.505. Stopped by hand.");
    }

    @Test
    void aFailedRunSaysWhy() {
        List<Measurement> steps = List.of(MadeUpRun.step(1, 0.5), MadeUpRun.step(2, Double.NaN));
        RunBill bill = bill(steps, Result.Status.FAILED, "The loss of step 2 is NaN.");
        assertThat(bill.status()).isEqualTo("failed");
        assertThat(bill.verdict())
                .isEqualTo(
                        "Spent 6.71e10 FLOP in 0.500 s, 0.5% of the budget. The loss is not a"
                                + " finite number. The loss of step 2 is NaN.");
        assertThat(bill(List.of(), Result.Status.FAILED, "The data ended.").verdict())
                .isEqualTo("It took no step. The data ended.");
    }

    @Test
    void anUnstableRunSaysWhy() {
        RunBill bill =
                bill(
                        MadeUpRun.steps(400),
                        Result.Status.UNSTABLE,
                        "The embeddings have collapsed.");
        assertThat(bill.status()).isEqualTo("unstable");
        assertThat(bill.verdict())
                .isEqualTo(
                        "Spent 1.34e13 FLOP in 1 min 40 s, 100.0% of the budget. The loss fell from"
                                + " 0.919 to 0.310. The embeddings have collapsed.");
    }

    @Test
    void aRunWithoutAResultIsUnfinished() {
        try (RunFolder folder = RunFolder.create(runs.resolve("young"))) {
            folder.writeRecipe("seed: 1\n");
            assertThat(RunBill.of(folder).text())
                    .isEqualTo(
                            """
                            young: unfinished. No step is taken yet. No result is written: the run goes on, or was killed.
                              FLOPs spent    0 FLOP    matmul, total; exactly 0
                              Images         0 images  seen
                              Steps          0 steps   taken
                              Training time  0 s       sum of the steps, waiting for data included
                            How the FLOPs come about: isoflop plan %s
                            """
                                    .formatted(folder.recipe()));
            try (Measurements measurements = Measurements.open(folder.measurements())) {
                MadeUpRun.steps(40).forEach(measurements::append);
            }
            assertThat(RunBill.of(folder).verdict())
                    .startsWith("Spent 1.34e12 FLOP in 10.0 s. The loss fell from ");
        }
    }

    @Test
    void aLossThatDidNotMoveStayed() {
        RunBill bill = bill(List.of(MadeUpRun.step(1, 0.5)), Result.Status.FINISHED, "");
        assertThat(bill.verdict())
                .isEqualTo("Spent 3.36e10 FLOP in 0.250 s. The loss stayed at 0.500.");
        assertThat(bill.lines())
                .extracting(RunBill.Line::unit)
                .contains("step")
                .doesNotContain("steps");
    }

    private RunBill bill(List<Measurement> steps, Result.Status status, String message) {
        Path path = runs.resolve("bill" + message.length());
        try (RunFolder folder = RunFolder.create(path)) {
            folder.writeRecipe("seed: 1\n");
            folder.writeProvenance(MadeUpRun.provenance("bill", "world"));
            folder.writeResult(Result.of(status, steps, Result.Broken.NONE, null, message));
            return RunBill.of(folder);
        }
    }
}
