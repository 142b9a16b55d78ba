package dev.isoflop.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Datasets;
import dev.isoflop.data.Field;
import dev.isoflop.data.ImageFolder;
import dev.isoflop.data.Sample;
import dev.isoflop.data.Source;
import dev.isoflop.data.Traits;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.View;
import dev.isoflop.method.Method;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.probe.OnlineProbing;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.Stop;
import dev.isoflop.task.Evaluation;
import dev.isoflop.task.Evaluation.Evaluated;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.vit.Vit;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// What is kept of a run that cannot go on, and how it goes on after all.
class TrainingTest {

    private static final PretrainRecipe RECIPE =
            PretrainRecipe.from(
                    Table.parse(
                            "small",
                            """
                            name: small
                            method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
                            encoder: {width: 64, depth: 1, heads: 2, patch: 8}
                            image: 16
                            data: {kind: world, images: 16}
                            budget: 4 steps
                            batch: 4
                            threads: 1
                            workers: 1
                            checkpoints: {every-steps: 1, keep-last: 9}
                            """));
    private static final Score SCORE =
            new Score(
                    "counting",
                    "all at once",
                    "a few",
                    3,
                    new Score.Metric("share counted", 0.5, "share of what is there"),
                    List.of(),
                    0.1,
                    "things",
                    List.of(),
                    List.of(),
                    null);

    @TempDir private Path temporary;
    private final List<String> said = new ArrayList<>();
    private final RunListener to =
            new RunListener() {
                @Override
                public void said(String line) {
                    said.add(line);
                }
            };
    private Path path = Path.of("");

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @BeforeEach
    void folder() {
        path = temporary.resolve("run");
    }

    /// A run of the recipe from the start, or on from its last checkpoint.
    private Result run(boolean resumed, Dataset data, Training.Beside beside) throws Exception {
        return run(resumed, data, beside, RECIPE.everyView(), Map.of());
    }

    private Result run(
            boolean resumed,
            Dataset data,
            Training.Beside beside,
            List<View> views,
            Map<String, String> remembered)
            throws Exception {
        torch.manual_seed(1);
        try (RunFolder folder = resumed ? RunFolder.resume(path) : RunFolder.create(path)) {
            folder.writeRecipe("name: small\n");
            Method<?> method = RECIPE.method().build(RECIPE.encoder());
            Training.Subject subject =
                    new Training.Subject(
                            "pretrain",
                            "small",
                            "mae",
                            "tiny",
                            views,
                            Optional.empty(),
                            Optional.empty(),
                            remembered);
            Training training =
                    new Training(
                            subject,
                            RECIPE.settings(),
                            RECIPE.plan(data.size(), 1),
                            data,
                            folder,
                            resumed ? Training.Start.resumed(folder, to) : Training.Start.NEW,
                            to,
                            Stop.NEVER);
            return training.run(method, beside);
        }
    }

    private static Training.Beside evaluatedBy(Evaluation evaluation, Figures... figures) {
        return new Training.Beside(
                Optional.empty(), Optional.empty(), List.of(figures), Optional.of(evaluation));
    }

    private static final Training.Beside NOTHING =
            new Training.Beside(Optional.empty(), Optional.empty(), List.of(), Optional.empty());

    private Result written() {
        try (RunFolder folder = RunFolder.read(path)) {
            return folder.readResult().orElseThrow();
        }
    }

    private List<Long> steps() {
        try (RunFolder folder = RunFolder.read(path)) {
            return folder.readMeasurements().stream().map(Measurement::step).toList();
        }
    }

    @Test
    void anEvaluationThatFailsLeavesTheRunAndIsMadeAgainWhenItIsResumed() throws Exception {
        Evaluation failing =
                (_, _, _) -> {
                    throw new IllegalStateException("the device has no memory left.");
                };
        assertThatThrownBy(() -> run(false, world(), evaluatedBy(failing)))
                .hasMessage("the device has no memory left.");

        Result failed = written();
        assertThat(failed.status()).isEqualTo(Result.Status.FAILED);
        assertThat(failed.message())
                .isEqualTo(
                        "The budget is spent, but the evaluation failed: the device has no memory"
                                + " left. To evaluate again, continue with: isoflop pretrain"
                                + " --resume "
                                + path);
        assertThat(failed.steps()).isEqualTo(4);
        assertThat(failed.encoder()).isNotNull();
        assertThat(failed.score()).isNull();
        assertThat(path.resolve("report.html")).exists();
        assertThat(said).as("the bill").anyMatch(line -> line.contains("FLOPs spent"));

        Evaluation working = (_, _, _) -> Optional.of(new Evaluated(SCORE, List::of));
        Result result = run(true, world(), evaluatedBy(working));
        assertThat(result.status()).isEqualTo(Result.Status.FINISHED);
        assertThat(written().score()).isEqualTo(SCORE);
        assertThat(written().encoder()).isEqualTo(failed.encoder());
        assertThat(steps()).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void anEvaluationThatIsStoppedIsMadeAgainWhenTheRunIsResumed() throws Exception {
        Result stopped = run(false, world(), evaluatedBy((_, _, _) -> Optional.empty()));
        assertThat(stopped.status()).isEqualTo(Result.Status.INTERRUPTED);
        assertThat(stopped.message()).contains("the evaluation was stopped", "--resume " + path);

        Evaluation working = (_, _, _) -> Optional.of(new Evaluated(SCORE, List::of));
        assertThat(run(true, world(), evaluatedBy(working)).score()).isEqualTo(SCORE);
    }

    @Test
    void aFigureThatCannotBeDrawnLeavesAFinishedRun() throws Exception {
        Figures undrawable =
                (_, _) -> {
                    throw new IllegalStateException("no colours");
                };
        Evaluation evaluation =
                (_, _, _) ->
                        Optional.of(
                                new Evaluated(
                                        SCORE,
                                        () -> {
                                            throw new IllegalStateException("no canvas");
                                        }));
        Result result = run(false, world(), evaluatedBy(evaluation, undrawable));
        assertThat(result.status()).isEqualTo(Result.Status.FINISHED);
        assertThat(written().score()).isEqualTo(SCORE);
        assertThat(path.resolve("report.html")).exists();
        assertThat(said)
                .filteredOn(line -> line.startsWith("a figure is left out"))
                .hasSize(2)
                .anyMatch(line -> line.contains("no colours"))
                .anyMatch(line -> line.contains("no canvas"));
    }

    @Test
    void aPageThatCannotBeWrittenLeavesAFinishedRun() throws Exception {
        Evaluation evaluation =
                (_, _, _) -> {
                    inTheWay(path.resolve("report.html"));
                    return Optional.of(new Evaluated(SCORE, List::of));
                };
        Result result = run(false, world(), evaluatedBy(evaluation));
        assertThat(result.status()).isEqualTo(Result.Status.FINISHED);
        assertThat(written().score()).isEqualTo(SCORE);
        assertThat(said).anyMatch(line -> line.contains("its page cannot be written"));
    }

    /// A folder that cannot be replaced by a file.
    private static void inTheWay(Path file) {
        try {
            Files.createFile(Files.createDirectories(file).resolve("full"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aWorkerThatFailsInTheMiddleLeavesAFailedRunThatGoesOn() throws Exception {
        Result straight = run(false, world(), NOTHING);
        path = temporary.resolve("broken");

        Faulty faulty = new Faulty(world(), 9);
        assertThatThrownBy(() -> run(false, faulty, NOTHING)).hasStackTraceContaining("bit rot");
        Result failed = written();
        assertThat(failed.status()).isEqualTo(Result.Status.FAILED);
        assertThat(failed.message()).contains("bit rot");
        assertThat(failed.steps()).isBetween(1L, 3L);
        assertThat(failed.encoder()).isNotNull();
        assertThat(path.resolve("report.html")).exists();

        Result resumed = run(true, world(), NOTHING);
        assertThat(resumed.status()).isEqualTo(Result.Status.FINISHED);
        assertThat(resumed.encoder()).isEqualTo(straight.encoder());
        assertThat(steps()).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void aRunThatCannotBeginSaysWhyAndLeavesNothingOpen() throws Exception {
        int before = threads();
        assertThatThrownBy(() -> run(false, world(), NOTHING, List.of(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(written().status()).isEqualTo(Result.Status.FAILED);
        assertThat(written().message()).contains("a loader without views");
        assertThat(threads()).isEqualTo(before);

        path = temporary.resolve("probed");
        Source nowhere = new ImageFolder.Config(temporary.resolve("nowhere"));
        OnlineProbing.Config probe = OnlineProbing.Config.from(Table.parse("probe", "at: [1]"), 16);
        Training.Beside probed =
                new Training.Beside(
                        Optional.empty(),
                        Optional.of(
                                new OnlineProbing.Wanted(
                                        probe, nowhere, new Datasets(), Vit.Pool.CLASS_TOKEN)),
                        List.of(),
                        Optional.empty());
        assertThatThrownBy(() -> run(false, world(), probed)).isInstanceOf(InputException.class);
        assertThat(written().status()).isEqualTo(Result.Status.FAILED);
        assertThat(threads()).isEqualTo(before);

        assertThat(run(true, world(), NOTHING).status()).isEqualTo(Result.Status.FINISHED);
        assertThat(threads()).isEqualTo(before);
    }

    /// Threads of loaders and meters.
    private static int threads() {
        Set<Thread> ours =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(t ->
                                t.getName().startsWith("loader-") || t.getName().equals("meters"))
                        .collect(Collectors.toSet());
        return ours.size();
    }

    @Test
    void whatCannotBeResumedKeepsItsResult() throws Exception {
        run(false, world(), NOTHING, RECIPE.everyView(), Map.of("from", "here"));
        Result before = written();
        assertThatThrownBy(() ->
                        run(true, world(), NOTHING, RECIPE.everyView(), Map.of("from", "there")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("another from");
        assertThat(written()).isEqualTo(before);
    }

    private static Dataset world() {
        return RECIPE.open();
    }

    /// A dataset of which so many pictures can be read, and no more.
    private static final class Faulty implements Dataset {

        private final Dataset of;
        private final AtomicInteger left;

        Faulty(Dataset of, int reads) {
            this.of = of;
            left = new AtomicInteger(reads);
        }

        @Override
        public String name() {
            return of.name();
        }

        @Override
        public int size() {
            return of.size();
        }

        @Override
        public Set<Field> fields() {
            return of.fields();
        }

        @Override
        public List<String> classNames() {
            return of.classNames();
        }

        @Override
        public Traits traits() {
            return of.traits();
        }

        @Override
        public String nameOf(int index) {
            return of.nameOf(index);
        }

        @Override
        public Sample read(int index) throws IOException {
            if (left.getAndDecrement() <= 0) {
                throw new IllegalStateException("bit rot");
            }
            return Objects.requireNonNull(of.read(index));
        }

        @Override
        public void close() {
            of.close();
        }
    }
}
