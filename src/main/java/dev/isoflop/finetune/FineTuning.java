package dev.isoflop.finetune;

import dev.isoflop.budget.Plan;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.task.EvaluationImages;
import dev.isoflop.task.Segmentation;
import dev.isoflop.task.SegmentationEvaluation;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.trainer.Training;

import org.bytedeco.pytorch.global.torch;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Fine-tunes an encoder on a task and evaluates it: the whole program.
///
/// One run at a time in a process: seed, threads and autocast are the process's.
public final class FineTuning {

    private final Table table;
    private final FineTuneRecipe recipe;

    private FineTuning(Table table) {
        this.table = table;
        recipe = FineTuneRecipe.from(table);
    }

    /// The run that a recipe describes; finds the encoder that it begins with.
    ///
    /// @throws InputException with file, line and key, if it is no fine-tuning recipe
    public static FineTuning of(Table recipe) {
        return new FineTuning(recipe);
    }

    /// The recipe as read.
    public FineTuneRecipe recipe() {
        return recipe;
    }

    /// Trains until the budget is spent or someone wants it to stop, and evaluates.
    ///
    /// @param folder of the run, which must not be there yet
    /// @return what came of it, as the folder's `result.json` has it
    /// @throws InputException if the recipe, the data or the folder will not do
    /// @throws dev.isoflop.fault.RunException if training breaks down
    public Result run(Path folder, RunListener to, Stop stop) throws InterruptedException {
        try (FineTuneRecipe.Splits splits = recipe.open()) {
            // data that will not do and a budget too small are said before a folder is made
            Plan plan = recipe.on(splits.labels()).plan(splits.training().size(), 1);
            Table kept = recipe.conduct().settled(table, plan);
            try (RunFolder run = RunFolder.create(folder)) {
                run.writeRecipe(kept.yaml());
                run.writeOrigin(recipe.origin());
                return train(
                        FineTuneRecipe.from(kept, recipe.origin()), splits, run, false, to, stop);
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
            return resume(run, to, stop);
        }
    }

    /// The same in a folder that is held open.
    public static Result resume(RunFolder folder, RunListener to, Stop stop)
            throws InterruptedException {
        Table table = Table.parse(folder.recipe().toString(), folder.readRecipe());
        if (!FineTuneRecipe.isOne(table)) {
            throw new InputException(
                    "%s is no fine-tuning run; continue it with isoflop pretrain --resume %s"
                            .formatted(folder.path(), folder.path()));
        }
        Origin origin = folder.readOrigin().orElseGet(() -> FineTuneRecipe.from(table).origin());
        folder.writeOrigin(origin);
        FineTuneRecipe read = FineTuneRecipe.from(table, origin);
        try (FineTuneRecipe.Splits splits = read.open()) {
            return train(read, splits, folder, true, to, stop);
        }
    }

    /// Plan, encoder, task, loop, evaluation.
    private static Result train(
            FineTuneRecipe read,
            FineTuneRecipe.Splits splits,
            RunFolder folder,
            boolean resumed,
            RunListener to,
            Stop stop)
            throws InterruptedException {
        FineTuneRecipe recipe = read.on(splits.labels());
        Plan plan = recipe.plan(splits.training().size(), 1);
        to.said(FineTunePlan.text(recipe, plan));
        LibTorch.load(recipe.conduct().precision());
        torch.manual_seed(recipe.conduct().seed());
        boolean begins = !resumed || !Checkpoints.any(folder.checkpoints());
        Segmentation learner =
                new Segmentation(
                        recipe.task(),
                        Origins.encoder(
                                recipe.origin(),
                                recipe.encoder().image(),
                                recipe.task().positions(),
                                recipe.conduct().precision(),
                                begins));
        Training.Subject subject =
                new Training.Subject(
                        "finetune",
                        recipe.name(),
                        "segmentation",
                        recipe.encoder().name(),
                        List.of(recipe.view()),
                        Optional.of(splits.labels()),
                        Map.of("from", recipe.origin().from()));
        EvaluationImages images =
                new EvaluationImages(
                        splits.judged(),
                        splits.labels(),
                        recipe.protocol(),
                        recipe.encoder().patch(),
                        recipe.conduct().loaderThreads(),
                        recipe.conduct().brokenShare());
        Training.Beside beside =
                new Training.Beside(
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Optional.of(
                                new SegmentationEvaluation(
                                        learner,
                                        images,
                                        recipe.task().classes(),
                                        recipe.conduct().precision(),
                                        recipe.holdOut())));
        Training training =
                new Training(
                        subject,
                        recipe.conduct(),
                        plan,
                        splits.training(),
                        folder,
                        resumed,
                        to,
                        stop);
        return training.run(learner, beside);
    }
}
