package dev.isoflop.cli;

import dev.isoflop.budget.Plan;
import dev.isoflop.data.Datasets;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Json;
import dev.isoflop.finetune.FineTunePlan;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.finetune.MaskedBatching;
import dev.isoflop.finetune.Origins;
import dev.isoflop.finetune.Search;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.SearchReport;
import dev.isoflop.task.Segmentation;
import dev.isoflop.task.SegmentationEvaluation;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.trainer.Pictures;
import dev.isoflop.trainer.Training;

import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `isoflop finetune`: what an encoder is worth on a task.
@Command(
        name = "finetune",
        description = "Fine-tune an encoder on a task, and judge it.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  isoflop finetune recipes/demo/segmentation.yaml --from runs/demo",
            "  isoflop finetune recipes/demo/segmentation.yaml --from scratch --out runs/scratch",
            "  isoflop finetune --task segmentation --from runs/mae-b16 --search",
            "  isoflop finetune --resume runs/segmentation",
            "",
            "Without RECIPE, --task takes the task's own: recipes/ade20k/segmentation.yaml.",
            "Rate and weight decay are those that Koppula et al. 2022 found best for the method",
            "that pre-trained the encoder; --search looks for them again."
        })
public final class FineTuneVerb implements Callable<Integer> {

    private static final Map<String, String> RECIPES =
            Map.of("segmentation", "recipes/ade20k/segmentation.yaml");

    @Parameters(
            paramLabel = "RECIPE",
            arity = "0..1",
            description = "A fine-tuning recipe; none with --resume.")
    private @Nullable Path file;

    @Mixin private RecipeOptions options = new RecipeOptions();

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = "segmentation. Without RECIPE: which task's own recipe to take.")
    private @Nullable String task;

    @Option(
            names = "--from",
            paramLabel = "ENCODER",
            description = {
                "What to begin with: a run's folder (its last good checkpoint), a .safetensors file"
                        + " of ours, or scratch. Overrides the recipe's."
            })
    private @Nullable String from;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "The run's folder (default: runs/ and the recipe's name).")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "FOLDER",
            description = "Continue the run or the search in this folder.")
    private @Nullable Path resume;

    @Option(
            names = "--search",
            description = {
                "Try rates and weight decays first, then several seeds at the best: the paper's"
                        + " protocol."
            })
    private boolean search;

    @Option(
            names = "--search-on",
            paramLabel = "WHAT",
            defaultValue = "held-out",
            description = {
                "What rates are compared on: held-out, a part of the training data (default), or"
                        + " val, the validation data itself, as the paper did."
            })
    private String searchOn = "held-out";

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "0",
            description = "Runs with so many seeds, of which the median counts; with --search 5.")
    private int seeds;

    @Option(names = "--json", description = "What came of it as one JSON object.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        check();
        if (resume != null) {
            try (RunFolder folder = RunFolder.resume(resume)) {
                Optional<SearchReport> begun = folder.readSearch();
                return begun.isPresent()
                        ? said(Search.resume(folder, begun.get()))
                        : said(resume(folder), resume);
            }
        }
        Table table = table();
        Path path = out == null ? Path.of("runs", table.text("name")) : out;
        if (search || seeds > 0) {
            boolean onValidation = searchOn.equals("val");
            return said(Search.start(table, path, search, onValidation, seeds));
        }
        return said(train(table, path), path);
    }

    private void check() {
        boolean anything =
                file != null || out != null || options.any() || from != null || task != null;
        if (resume != null && (anything || search || seeds != 0)) {
            throw new InputException(
                    "--resume takes the run as it is: leave out RECIPE and all other options but"
                            + " --json");
        }
        if (!List.of("held-out", "val").contains(searchOn)) {
            throw new InputException("--search-on is " + searchOn + "; write held-out or val");
        }
        if (seeds < 0) {
            throw new InputException("--seeds is " + seeds + "; it must be at least 1");
        }
        if (task != null && !FineTuneRecipe.TASKS.contains(task)) {
            throw new InputException(
                    "--task is " + task + "; there is " + String.join(", ", FineTuneRecipe.TASKS));
        }
        if (resume == null && file == null && task == null) {
            throw new InputException(
                    "name a recipe, a --task or a run to --resume; see isoflop finetune --help");
        }
    }

    private Table table() throws IOException {
        Table table =
                file != null
                        ? options.read(file)
                        : options.changed(shipped(RECIPES.getOrDefault(String.valueOf(task), "")));
        if (!FineTuneRecipe.isOne(table)) {
            throw new InputException(
                    table.keys().contains("method")
                            ? "%s is a pre-training recipe (it has a method); take isoflop pretrain %s, or give a fine-tuning recipe, such as recipes/demo/segmentation.yaml"
                                    .formatted(file, file)
                            : "%s has no task; give a fine-tuning recipe, such as recipes/demo/segmentation.yaml"
                                    .formatted(file));
        }
        String named = table.table("task").text("name");
        if (task != null && !named.equals(task)) {
            throw new InputException(
                    "--task is " + task + ", but that of " + file + " is " + named);
        }
        return from == null ? table : table.with("from", from);
    }

    private static Table shipped(String name) throws IOException {
        try (InputStream in = FineTuneVerb.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the jar holds no " + name);
            }
            return Table.parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private int said(Result result, Path path) {
        if (json) {
            try (RunFolder folder = RunFolder.read(path)) {
                Map<String, Object> root = new LinkedHashMap<>();
                root.put("run", path.toString());
                root.put("origin", folder.readOrigin().orElse(null));
                root.put("result", result);
                print(root);
            }
        }
        return result.status() == Result.Status.FINISHED ? 0 : Isoflop.FAILED;
    }

    private int said(SearchReport report) {
        System.err.println(report.message());
        if (json) {
            print(report);
        }
        return report.complete() && report.median() != null ? 0 : Isoflop.FAILED;
    }

    private void print(Object value) {
        spec.commandLine().getOut().println(Json.text(value));
        spec.commandLine().getOut().flush();
    }

    /// Starts a run in a new folder.
    public static Result train(Table table, Path path) throws Exception {
        FineTuneRecipe read = FineTuneRecipe.from(table);
        Origin origin = read.origin();
        try (Datasets data = new Datasets()) {
            // data that will not do and a budget too small are said before a folder is made
            FineTuneRecipe.Splits splits = read.open(data);
            Plan plan = read.on(splits.labels()).plan(splits.training().size(), 1);
            Table kept = read.conduct().settled(table, plan);
            try (RunFolder folder = RunFolder.create(path)) {
                folder.writeRecipe(kept.yaml());
                folder.writeOrigin(origin);
                return train(FineTuneRecipe.from(kept, origin), data, folder, false);
            }
        }
    }

    /// Goes on with a run.
    public static Result resume(Path path) throws Exception {
        try (RunFolder folder = RunFolder.resume(path)) {
            return resume(folder);
        }
    }

    private static Result resume(RunFolder folder) throws Exception {
        Table table = Table.parse(folder.recipe().toString(), folder.readRecipe());
        if (!FineTuneRecipe.isOne(table)) {
            throw new InputException(
                    "%s is no fine-tuning run; continue it with isoflop pretrain --resume %s"
                            .formatted(folder.path(), folder.path()));
        }
        Origin origin = folder.readOrigin().orElseGet(() -> FineTuneRecipe.from(table).origin());
        folder.writeOrigin(origin);
        try (Datasets data = new Datasets()) {
            return train(FineTuneRecipe.from(table, origin), data, folder, true);
        }
    }

    /// The whole program: data, plan, encoder, task, batches, loop, judgement.
    private static Result train(
            FineTuneRecipe read, Datasets data, RunFolder folder, boolean resumed)
            throws Exception {
        try (FineTuneRecipe.Splits splits = read.open(data)) {
            FineTuneRecipe recipe = read.on(splits.labels());
            Plan plan = recipe.plan(splits.training().size(), 1);
            System.err.println(FineTunePlan.text(recipe, plan));
            LibTorch.load(recipe.conduct().precision());
            torch.manual_seed(recipe.conduct().seed());
            boolean begins =
                    !resumed || Checkpoints.latestValid(folder.checkpoints(), _ -> {}).isEmpty();
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
                            Optional.empty());
            Training training =
                    new Training(
                            subject, recipe.conduct(), plan, splits.training(), folder, resumed);
            return training.remembering("from", recipe.origin().from())
                    .run(
                            learner,
                            new MaskedBatching(),
                            Pictures.NONE,
                            new SegmentationEvaluation(learner, recipe, splits));
        }
    }
}
