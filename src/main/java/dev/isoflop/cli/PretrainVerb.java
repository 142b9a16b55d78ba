package dev.isoflop.cli;

import dev.isoflop.budget.Plan;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.loader.Item;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Json;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.method.Byol;
import dev.isoflop.method.Clip;
import dev.isoflop.method.Dino;
import dev.isoflop.method.Mae;
import dev.isoflop.method.Method;
import dev.isoflop.method.SimClr;
import dev.isoflop.method.Supervised;
import dev.isoflop.pretrain.CaptionReader;
import dev.isoflop.pretrain.PlanText;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.pretrain.PricedRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Crops;
import dev.isoflop.train.Images;
import dev.isoflop.train.Labelled;
import dev.isoflop.train.Pair;
import dev.isoflop.trainer.EncoderFigures;
import dev.isoflop.trainer.PanelFigure;
import dev.isoflop.trainer.Pictures;
import dev.isoflop.trainer.Training;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.List;
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
        Result result;
        if (resume != null) {
            if (file != null || out != null || options.any()) {
                throw new InputException(
                        "--resume takes the run as it is: leave out RECIPE, --out and --set");
            }
            try (RunFolder folder = RunFolder.resume(resume)) {
                Table table = Table.parse(folder.recipe().toString(), folder.readRecipe());
                refuse(table, resume, "isoflop finetune --resume ");
                result = train(PretrainRecipe.from(table), folder, true);
            }
        } else if (file != null) {
            Table table = options.read(file);
            refuse(table, file, "isoflop finetune ");
            result = train(table, out);
        } else {
            throw new InputException(
                    "name a recipe, or --resume a run; see isoflop pretrain --help");
        }
        if (json) {
            spec.commandLine().getOut().println(Json.text(result));
            spec.commandLine().getOut().flush();
        }
        return result.status() == Result.Status.FINISHED ? 0 : Isoflop.FAILED;
    }

    private static void refuse(Table table, Path from, String instead) {
        FineTuneRecipe.refuse(table, from.toString(), "isoflop pretrain", instead + from);
    }

    /// Starts a run in a new folder.
    static Result train(Table table, @Nullable Path out) throws Exception {
        PretrainRecipe recipe = PretrainRecipe.from(table);
        Table kept;
        try (Dataset data = recipe.open()) {
            // data that will not do and a budget too small are said before a folder is made
            kept = recipe.settled(table, recipe.on(data).plan(data.size(), 1));
        }
        recipe.probe().ifPresent(probe -> probe.open(recipe.data()).close());
        Path path = out == null ? Path.of("runs", recipe.name()) : out;
        try (RunFolder folder = RunFolder.create(path)) {
            folder.writeRecipe(kept.yaml());
            return train(PretrainRecipe.from(kept), folder, false);
        }
    }

    /// The whole program: data, plan, method, batches, loop.
    private static Result train(PretrainRecipe read, RunFolder folder, boolean resumed)
            throws Exception {
        try (Dataset data = read.open()) {
            PretrainRecipe recipe = read.on(data);
            Plan plan = recipe.plan(data.size(), 1);
            System.err.println(PlanText.text(PricedRecipe.of(recipe, plan)));
            LibTorch.load(recipe.precision());
            torch.manual_seed(recipe.seed());
            Training training =
                    new Training(
                            Training.Subject.of(recipe),
                            recipe.conduct(),
                            plan,
                            data,
                            folder,
                            resumed);
            return switch (recipe.method()) {
                case Mae.Config mae -> {
                    Mae learner = new Mae(mae, recipe.encoder());
                    Pictures painted = new PanelFigure(learner, recipe);
                    yield training.run(
                            learner, PretrainVerb::images, painted.and(sights(learner, recipe)));
                }
                case Dino.Config dino -> {
                    Dino learner = new Dino(dino, recipe.encoder());
                    yield training.run(learner, PretrainVerb::crops, sights(learner, recipe));
                }
                case SimClr.Config simClr -> {
                    SimClr learner = new SimClr(simClr, recipe.encoder());
                    yield training.run(learner, PretrainVerb::pair, sights(learner, recipe));
                }
                case Byol.Config byol -> {
                    Byol learner = new Byol(byol, recipe.encoder());
                    yield training.run(learner, PretrainVerb::pair, sights(learner, recipe));
                }
                case Clip.Config clip -> {
                    CaptionReader words =
                            resumed
                                    ? CaptionReader.goOn(recipe, clip, folder)
                                    : CaptionReader.begin(recipe, clip, data, folder);
                    Clip learner = new Clip(clip, recipe.encoder());
                    yield training.remembering("tokenizer", words.tokenizer().fingerprint())
                            .run(learner, words, sights(learner, recipe));
                }
                case Supervised.Config supervised -> {
                    Supervised learner = new Supervised(supervised, recipe.encoder());
                    yield training.run(learner, PretrainVerb::labelled, sights(learner, recipe));
                }
            };
        }
    }

    private static Images images(List<Tensor> views, List<Item> items) {
        return new Images(views.getFirst());
    }

    private static Crops crops(List<Tensor> views, List<Item> items) {
        return Crops.of(views);
    }

    private static Pair pair(List<Tensor> views, List<Item> items) {
        return new Pair(views.getFirst(), views.getLast());
    }

    private static Labelled labelled(List<Tensor> views, List<Item> items) {
        List<Labelled.Labels> labels =
                items.stream().map(i -> new Labelled.Labels(i.name(), i.labels())).toList();
        return new Labelled(views.getFirst(), labels);
    }

    private static Pictures sights(Method<?> method, PretrainRecipe recipe) {
        return new EncoderFigures(method.encoder(), recipe);
    }
}
