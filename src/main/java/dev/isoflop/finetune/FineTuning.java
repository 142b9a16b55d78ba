package dev.isoflop.finetune;

import dev.isoflop.budget.Plan;
import dev.isoflop.data.Field;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.Figure;
import dev.isoflop.report.RunPage;
import dev.isoflop.report.Standing;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.Stop;
import dev.isoflop.task.Evaluation;
import dev.isoflop.task.Task;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.trainer.RunData;
import dev.isoflop.trainer.RunSettings;
import dev.isoflop.trainer.Training;

import org.bytedeco.pytorch.global.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Fine-tunes an encoder on a task and evaluates it: the whole program.
///
/// One run at a time in a process: seed, threads and autocast are the process's.
public final class FineTuning {

    private final Table table;
    private final List<String> warnings; // of its encoder
    private final FineTuneRecipe recipe;

    private FineTuning(Table table, Origins.Found found) {
        this.table = table;
        warnings = found.warnings();
        recipe = FineTuneRecipe.from(table, found.origin());
    }

    /// The run that a recipe describes; finds the encoder that it begins with.
    ///
    /// @param recipe such as `Table.read(Path.of("recipes/demo/segmentation.yaml"))`, perhaps
    ///   `.with("from", "runs/demo")`
    /// @throws InputException with file, line and key, if it is no fine-tuning recipe, or there is
    ///   no such encoder
    public static FineTuning of(Table recipe) {
        return new FineTuning(recipe, FineTuneRecipe.origin(recipe));
    }

    /// The same with an encoder that was found already.
    static FineTuning of(Table recipe, Origin origin) {
        return new FineTuning(recipe, new Origins.Found(origin, List.of()));
    }

    /// The same run, whose score is not held against that of the same network from scratch: half
    /// the work.
    public FineTuning withoutBaseline() {
        Table silent = FineTuneRecipe.withoutBaseline(table);
        return new FineTuning(silent, new Origins.Found(recipe.origin(), warnings));
    }

    /// The recipe that is shipped for a task, as section A.4 of Koppula et al. 2022 has it where it
    /// speaks of the task; it names no encoder.
    ///
    /// @param task one of {@link Task.Config#NAMES}
    public static Table shipped(String task) {
        String name = Task.Config.RECIPES.get(task);
        if (name == null) {
            throw new InputException(
                    "the task is %s; there is %s"
                            .formatted(task, String.join(", ", Task.Config.NAMES)));
        }
        try (InputStream in = FineTuning.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the jar holds no " + name);
            }
            return Table.parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("the jar's " + name + " cannot be read", e);
        }
    }

    /// The recipe as read.
    public FineTuneRecipe recipe() {
        return recipe;
    }

    /// What the budget buys: steps and FLOPs. Counts the data where the recipe does not say how
    /// many images and classes there are; loads no native library.
    ///
    /// @throws InputException if the data will not do, or the budget is too small
    public Plan plan() {
        FineTuneRecipe whole = recipe.complete();
        return whole.plan(whole.images(), 1);
    }

    /// Trains until the budget is spent or someone wants it to stop, and evaluates. Then the same
    /// network is fine-tuned from scratch, in a folder beside, unless that was done before, the
    /// recipe says `baseline: false` or the run began from scratch itself.
    ///
    /// @param folder of the run, which must not be there yet
    /// @return what came of it, as the folder's `result.json` has it
    /// @throws InputException if the recipe, the data or the folder will not do
    /// @throws RunException if training breaks down, or the run from scratch cannot go on; what
    ///   came of the run itself then stands in its folder
    public Result run(Path folder, RunListener to, Stop stop) throws InterruptedException {
        return run(folder, Optional.empty(), Optional.empty(), to, stop);
    }

    /// The same for a run of a search, which is to be compared with others: all are of one encoder
    /// and on the same data.
    ///
    /// @param search its folder, which knows the encoder
    /// @param sibling folder of a run on the same data
    /// @throws InputException also if encoder or data are not those of the others any more
    Result run(
            Path folder, Optional<Path> search, Optional<Path> sibling, RunListener to, Stop stop)
            throws InterruptedException {
        Origin origin = Origins.identified(recipe.origin());
        search.ifPresent(whole -> Origins.requireThatOf(whole, origin));
        try (FineTuneRecipe.Splits splits = recipe.open()) {
            sibling.ifPresent(other ->
                    RunData.of(splits.training(), Optional.of(splits.validation()))
                            .requireThoseOf(other));
            // data that will not do and a budget too small are said before a folder is made
            Plan plan = recipe.on(splits.training()).plan(splits.training().size(), 1);
            Table kept = recipe.kept(recipe.settings().settled(table, plan));
            Optional<FromScratch> baseline = baseline(kept, recipe, origin, splits, folder);
            try (RunFolder run = RunFolder.create(folder)) {
                run.writeRecipe(kept.yaml());
                run.writeOrigin(origin);
                warnings.forEach(to::said);
                Result result =
                        train(
                                FineTuneRecipe.from(kept, origin),
                                splits,
                                run,
                                Training.Start.NEW,
                                to,
                                stop);
                return baseline.isPresent()
                        ? against(baseline.get(), result, run, to, stop)
                        : result;
            }
        }
    }

    /// Goes on with a run from its last good checkpoint, or with its evaluation.
    ///
    /// @param folder of the run
    /// @throws InputException if there is no such run, or it is another process's
    public static Result resume(Path folder, RunListener to, Stop stop)
            throws InterruptedException {
        try (RunFolder run = RunFolder.resume(folder)) {
            Table read = Table.parse(run.recipe().toString(), run.readRecipe());
            if (!FineTuneRecipe.isOne(read)) {
                throw new InputException(
                        "%s is no fine-tuning run; continue it with isoflop pretrain --resume %s"
                                .formatted(folder, folder));
            }
            if (run.readSearch().isPresent()) {
                throw new InputException(folder + " holds a search, not a run of its own");
            }
            Table table = FineTuneRecipe.resumed(read);
            Origin origin = run.readOrigin().orElseGet(() -> FineTuneRecipe.from(table).origin());
            run.writeOrigin(origin);
            FineTuneRecipe recipe = FineTuneRecipe.from(table, origin);
            try (FineTuneRecipe.Splits splits = recipe.open()) {
                Optional<FromScratch> baseline = baseline(table, recipe, origin, splits, folder);
                Optional<Result> before =
                        run.readResult().filter(_ -> baseline.isPresent()).filter(Cells::over);
                if (before.map(Result::score).filter(Score::standsAlone).isPresent()) {
                    RunData.of(splits.training(), Optional.of(splits.validation()))
                            .requireThoseOf(folder);
                    return against(baseline.orElseThrow(), before.get(), run, to, stop);
                }
                Result result =
                        train(recipe, splits, run, Training.Start.resumed(run, to), to, stop);
                return baseline.isPresent()
                        ? against(baseline.get(), result, run, to, stop)
                        : result;
            }
        }
    }

    /// The run from scratch that a run is held against, where one is wanted.
    ///
    /// @throws InputException if its folder is damaged or another run's, before anything begins
    private static Optional<FromScratch> baseline(
            Table table,
            FineTuneRecipe recipe,
            Origin origin,
            FineTuneRecipe.Splits splits,
            Path folder) {
        if (!recipe.wantsScratch()) {
            return Optional.empty();
        }
        FromScratch scratch = FromScratch.of(table, origin, splits, folder);
        var _ = scratch.known();
        return Optional.of(scratch);
    }

    /// Holds a run's score against that of the same network from scratch, which is run now unless
    /// it is known.
    private static Result against(
            FromScratch scratch, Result result, RunFolder folder, RunListener to, Stop stop)
            throws InterruptedException {
        Score score = result.score();
        Baseline baseline = score == null ? null : score.baseline();
        if (score == null || baseline == null) {
            return result;
        }
        String resume = "isoflop finetune --resume " + folder.path();
        try {
            boolean known = scratch.known().isPresent();
            if (!known && stop.wanted()) {
                to.said("baseline    is left to do; continue with: " + resume);
                return result;
            }
            to.said(
                    "baseline    the same network from scratch, %s: %s"
                            .formatted(
                                    known ? "known from before" : scratch.price(), scratch.path()));
            Result other = scratch.run(to, stop);
            if (other.status() == Result.Status.INTERRUPTED) {
                to.said(
                        "baseline    is not done, and the score stands without it; continue with: "
                                + resume);
                return result;
            }
            Optional<Double> value = FromScratch.value(other);
            Score held =
                    value.isPresent()
                            ? score.with(
                                    new Baseline(
                                            baseline.chance(),
                                            baseline.guess(),
                                            List.of(value.get())))
                            : score.warned("from scratch there is no figure: " + other.message());
            Result whole = result.with(held);
            folder.writeResult(whole);
            shown(folder, to);
            to.said(sentence(held));
            return whole;
        } catch (InputException e) {
            throw new InputException(undone(folder, e, resume), e);
        } catch (RunException e) {
            throw new RunException(undone(folder, e, resume), e);
        }
    }

    private static void shown(RunFolder folder, RunListener to) {
        try {
            RunPage.write(folder, Figure.in(folder.pictures()), folder.page());
        } catch (RuntimeException e) {
            to.said("the run is over, but its page cannot be written: " + e);
        }
    }

    private static String undone(RunFolder folder, RuntimeException why, String resume) {
        return "the score is in %s, and what it is to be held against is not: %s; to try again: %s"
                .formatted(folder.result(), why.getMessage(), resume);
    }

    private static String sentence(Score score) {
        return "score       %s %s"
                .formatted(
                        score.main().title(),
                        Standing.of(score).map(Standing::sentence).orElse("is not a number"));
    }

    /// Plan, encoder, task, loop, evaluation.
    private static Result train(
            FineTuneRecipe read,
            FineTuneRecipe.Splits splits,
            RunFolder folder,
            Training.Start start,
            RunListener to,
            Stop stop)
            throws InterruptedException {
        FineTuneRecipe recipe = read.on(splits.training());
        RunSettings settings = recipe.settings();
        Plan plan = recipe.plan(splits.training().size(), 1);
        to.said(FineTunePlan.text(recipe, plan));
        splits.notes().forEach(to::said);
        LibTorch.load(settings.precision());
        torch.manual_seed(settings.seed());
        boolean begins = start.from().isEmpty(); // else the checkpoint has the weights
        Task<?> task =
                recipe.task()
                        .build(
                                Origins.encoder(
                                        recipe.origin(),
                                        recipe.encoder().image(),
                                        recipe.task().transfer(),
                                        settings.precision(),
                                        begins));
        Training.Subject subject =
                new Training.Subject(
                        "finetune",
                        recipe.name(),
                        recipe.task().name(),
                        recipe.encoder().name(),
                        List.of(recipe.view()),
                        recipe.task().needs() == Field.MASKS
                                ? Optional.of(MaskLabels.of(splits.training()))
                                : Optional.empty(),
                        Optional.of(splits.validation()),
                        Map.of("from", recipe.origin().from()));
        Evaluation.Data unseen =
                new Evaluation.Data(
                        splits.validation(),
                        splits.training(),
                        recipe.holdOut(),
                        settings.precision(),
                        settings.loaderThreads(),
                        settings.brokenShare());
        Training.Beside beside =
                new Training.Beside(
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Optional.of(task.evaluation(unseen)));
        Training training =
                new Training(subject, settings, plan, splits.training(), folder, start, to, stop);
        return training.run(task, beside);
    }
}
