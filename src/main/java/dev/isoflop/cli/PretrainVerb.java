package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Json;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.pretrain.Pretraining;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `isoflop pretrain`: a recipe becomes a run.
@Command(
        name = "pretrain",
        description = "Pre-train an encoder for exactly the budget of a recipe.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  isoflop pretrain recipes/demo/mae.yaml --out runs/first",
            "  isoflop pretrain recipes/demo/mae.yaml --set budget='200 steps' --set batch=64",
            "  isoflop pretrain --resume runs/first",
            "",
            "Ctrl-C writes a checkpoint and says how to resume. A resumed run ends with the same",
            "bytes as one that was never stopped (on a CPU, with the same number of threads)."
        })
final class PretrainVerb implements Callable<Integer> {

    @Parameters(
            paramLabel = "RECIPE",
            arity = "0..1",
            description = "A recipe file; none with --resume.")
    private @Nullable Path file;

    @Mixin private RecipeOptions options = new RecipeOptions();

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "The run's folder (default: runs/ and the recipe's name).")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "FOLDER",
            description = "Continue the run in this folder from its last good checkpoint.")
    private @Nullable Path resume;

    @Option(names = "--json", description = "The run's result as one JSON object.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        try (Console console = Console.of(spec)) {
            Result result = result(console);
            if (json) {
                console.print(Json.text(result));
            }
            return result.status() == Result.Status.FINISHED ? 0 : Isoflop.FAILED;
        }
    }

    private Result result(Console console) throws InterruptedException {
        if (resume != null) {
            if (file != null || out != null || options.any()) {
                throw new InputException(
                        "--resume takes the run as it is: leave out RECIPE, --out and --set");
            }
            try (RunFolder folder = RunFolder.read(resume)) {
                refuse(Table.parse(folder.recipe().toString(), folder.readRecipe()), resume, true);
            }
            return Pretraining.resume(resume, console, console);
        }
        if (file == null) {
            throw new InputException(
                    "name a recipe, or --resume a run; see isoflop pretrain --help");
        }
        Table recipe = options.read(file);
        refuse(recipe, file, false);
        Pretraining run = Pretraining.of(recipe);
        return run.run(folder(out, run.recipe().name()), console, console);
    }

    private static void refuse(Table recipe, Path from, boolean resumed) {
        String instead = "isoflop finetune " + (resumed ? "--resume " : "") + from;
        FineTuneRecipe.refuse(recipe, from.toString(), "isoflop pretrain", instead);
    }

    /// Where a run goes: the folder that was asked for, or that of its name.
    static Path folder(@Nullable Path asked, String name) {
        return asked == null ? Path.of("runs", name) : asked;
    }
}
