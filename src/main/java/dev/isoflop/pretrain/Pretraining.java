package dev.isoflop.pretrain;

import dev.isoflop.budget.Plan;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Datasets;
import dev.isoflop.fault.InputException;
import dev.isoflop.method.Method;
import dev.isoflop.probe.OnlineProbing;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.trainer.EncoderFigures;
import dev.isoflop.trainer.PanelFigure;
import dev.isoflop.trainer.Training;

import org.bytedeco.pytorch.global.torch;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Pre-trains an encoder for exactly the budget of a recipe: the whole program.
///
/// One run at a time in a process: seed, threads and autocast are the process's.
public final class Pretraining {

    private final Table table;
    private final PretrainRecipe recipe;

    private Pretraining(Table table) {
        this.table = table;
        recipe = PretrainRecipe.from(table);
    }

    /// The run that a recipe describes.
    ///
    /// @param recipe such as `Table.read(Path.of("recipes/demo/mae.yaml"))`
    /// @throws InputException with file, line and key, if it is no pre-training recipe
    public static Pretraining of(Table recipe) {
        return new Pretraining(recipe);
    }

    /// The recipe as read.
    public PretrainRecipe recipe() {
        return recipe;
    }

    /// What the budget buys: steps and FLOPs. Counts the data where the recipe does not say how
    /// many images there are; loads no native library.
    ///
    /// @throws InputException if the data will not do, or the budget is too small
    public Plan plan() {
        try (Dataset data = recipe.open()) {
            return recipe.on(data).plan(data.size(), 1);
        }
    }

    /// Trains until the budget is spent or someone wants it to stop.
    ///
    /// @param folder of the run, which must not be there yet
    /// @return what came of it, as the folder's `result.json` has it
    /// @throws InputException if the recipe, the data or the folder will not do
    /// @throws dev.isoflop.fault.RunException if training breaks down
    public Result run(Path folder, RunListener to, Stop stop) throws InterruptedException {
        try (Datasets open = new Datasets()) {
            // data and a tokenizer that will not do, or a budget too small, are said before a
            // folder
            // is made
            Dataset data = recipe.open(open);
            Table kept = recipe.settled(table, recipe.on(data).plan(data.size(), 1));
            recipe.probe().ifPresent(probe -> probe.open(recipe.data(), open).close());
            recipe.method().textTower().ifPresent(text -> CaptionReader.check(recipe, text));
            try (RunFolder run = RunFolder.create(folder)) {
                run.writeRecipe(kept.yaml());
                return train(PretrainRecipe.from(kept), open, run, Training.Start.NEW, to, stop);
            }
        }
    }

    /// Goes on with a run from its last good checkpoint, to the bit (on a CPU, with as many
    /// threads).
    ///
    /// @param folder of the run
    /// @throws InputException if there is no such run, or it is another process's
    public static Result resume(Path folder, RunListener to, Stop stop)
            throws InterruptedException {
        try (RunFolder run = RunFolder.resume(folder)) {
            Table table = Table.parse(run.recipe().toString(), run.readRecipe());
            try (Datasets open = new Datasets()) {
                return train(
                        PretrainRecipe.from(table),
                        open,
                        run,
                        Training.Start.resumed(run, to),
                        to,
                        stop);
            }
        }
    }

    /// Plan, method, loop.
    private static Result train(
            PretrainRecipe read,
            Datasets open,
            RunFolder folder,
            Training.Start start,
            RunListener to,
            Stop stop)
            throws InterruptedException {
        Dataset data = read.open(open);
        PretrainRecipe recipe = read.on(data);
        Plan plan = recipe.plan(data.size(), 1);
        to.said(PlanText.text(PricedRecipe.of(recipe, plan)));
        recipe.notes(data).forEach(to::said);
        LibTorch.load(recipe.precision());
        torch.manual_seed(recipe.seed());
        Optional<CaptionReader> reader =
                recipe.method()
                        .textTower()
                        .map(text ->
                                start.resumed()
                                        ? CaptionReader.goOn(recipe, text, folder)
                                        : CaptionReader.begin(recipe, text, data, folder, to));
        Method<?> method = recipe.method().build(recipe.encoder());
        Training.Subject subject =
                new Training.Subject(
                        "pretrain",
                        recipe.name(),
                        recipe.method().name(),
                        recipe.encoder().name(),
                        recipe.everyView(),
                        Optional.empty(),
                        Optional.empty(),
                        reader.map(it -> Map.of("tokenizer", it.tokenizer().fingerprint()))
                                .orElse(Map.of()));
        Training.Beside beside =
                new Training.Beside(
                        reader.map(it -> it::tokens),
                        recipe.probe()
                                .map(p ->
                                        new OnlineProbing.Wanted(
                                                p, recipe.data(), open, recipe.method().probed())),
                        List.of(
                                new PanelFigure(method, recipe.precision()),
                                new EncoderFigures(
                                        method.encoder(),
                                        recipe.everyView(),
                                        recipe.seed(),
                                        recipe.precision())),
                        Optional.empty());
        Training training =
                new Training(subject, recipe.settings(), plan, data, folder, start, to, stop);
        return training.run(method, beside);
    }
}
