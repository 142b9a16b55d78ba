package dev.isoflop.finetune;

import dev.isoflop.budget.Plan;
import dev.isoflop.data.Field;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.task.Evaluation;
import dev.isoflop.task.Task;
import dev.isoflop.task.Transfer;
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

    private FineTuning(Table table) {
        this.table = table;
        Origins.Found found = FineTuneRecipe.origin(table);
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
        return new FineTuning(recipe);
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

    /// Trains until the budget is spent or someone wants it to stop, and evaluates.
    ///
    /// @param folder of the run, which must not be there yet
    /// @return what came of it, as the folder's `result.json` has it
    /// @throws InputException if the recipe, the data or the folder will not do
    /// @throws dev.isoflop.fault.RunException if training breaks down
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
            Table settled = recipe.settings().settled(table, plan);
            Table kept = recipe.task().transfer().kept(settled);
            try (RunFolder run = RunFolder.create(folder)) {
                run.writeRecipe(kept.yaml());
                run.writeOrigin(origin);
                warnings.forEach(to::said);
                return train(
                        FineTuneRecipe.from(kept, origin),
                        splits,
                        run,
                        Training.Start.NEW,
                        to,
                        stop);
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
            Table table = Transfer.resumed(read);
            Origin origin = run.readOrigin().orElseGet(() -> FineTuneRecipe.from(table).origin());
            run.writeOrigin(origin);
            FineTuneRecipe recipe = FineTuneRecipe.from(table, origin);
            try (FineTuneRecipe.Splits splits = recipe.open()) {
                return train(recipe, splits, run, Training.Start.resumed(run, to), to, stop);
            }
        }
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
