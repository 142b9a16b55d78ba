package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Json;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.finetune.FineTuning;
import dev.isoflop.finetune.Search;
import dev.isoflop.finetune.TuningStudy;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.Score;
import dev.isoflop.run.SearchReport;
import dev.isoflop.task.Task;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// `isoflop finetune`: what an encoder is worth on a task.
@Command(
        name = "finetune",
        description = "Fine-tune an encoder on a task, and evaluate it.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  isoflop finetune recipes/demo/segmentation.yaml --from runs/demo",
            "  isoflop finetune recipes/demo/segmentation.yaml --from scratch --out runs/scratch",
            "  isoflop finetune --task segmentation --from runs/mae-b16 --search",
            "  isoflop finetune --resume runs/segmentation",
            "  isoflop finetune recipes/ade20k/study.yaml",
            "",
            "Without RECIPE, --task takes the task's own: recipes/ade20k/segmentation.yaml.",
            "Beside the score stands what the same network reaches from scratch: a run of its own,",
            "computed once and kept beside the other; --no-baseline leaves it out.",
            "Rate and weight decay are those that Koppula et al. 2022 found best for the method",
            "that pre-trained the encoder; --search looks for them again."
        })
public final class FineTuneVerb implements Callable<Integer> {

    @Parameters(
            paramLabel = "RECIPE",
            arity = "0..1",
            description = "A fine-tuning recipe; none with --resume.")
    private @Nullable Path file;

    @Mixin private RecipeOptions options = new RecipeOptions();

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = "Such as segmentation. Without RECIPE: which task's own recipe to take.")
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
            description = {
                "What rates are compared on: held-out, a part of the training data, or val, the"
                        + " validation data itself, as the paper did (default: the recipe's, which"
                        + " is held-out where it does not say)."
            })
    private @Nullable String searchOn;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "0",
            description = "Runs with so many seeds, of which the median counts; with --search 5.")
    private int seeds;

    @Option(
            names = "--no-baseline",
            description = {
                "Do not fine-tune the same network from scratch, to hold the score against: half"
                        + " the work."
            })
    private boolean noBaseline;

    @Option(names = "--json", description = "What came of it as one JSON object.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        check();
        try (Console console = Console.of(spec)) {
            if (resume != null) {
                return Search.isIn(resume)
                        ? said(Search.resume(resume, console, console), console)
                        : said(FineTuning.resume(resume, console, console), resume, console);
            }
            Table read = file == null ? null : options.read(file);
            if (read != null && TuningStudy.isOne(read)) {
                return study(read, console);
            }
            Table table = table();
            Path path = PretrainVerb.folder(out, table.name("name"));
            if (search || seeds > 0) {
                var wanted = new Search.Wanted(search, false, seeds);
                return said(Search.of(table, wanted).run(path, console, console), console);
            }
            return said(FineTuning.of(table).run(path, console, console), path, console);
        }
    }

    /// Searches every encoder of a study that is there.
    private int study(Table table, Console console) throws InterruptedException {
        if (from != null || task != null || search || seeds > 0 || searchOn != null) {
            throw new InputException(
                    "%s is a study, which says itself what is searched: leave out --from, --task,"
                                    .formatted(file)
                            + " --search, --search-on and --seeds, or --set its keys");
        }
        Path path = PretrainVerb.folder(out, table.text("name"));
        TuningStudy.Outcome outcome = TuningStudy.from(asked(table)).run(path, console, console);
        if (json) {
            console.print(Json.text(outcome));
        }
        return outcome.complete() ? 0 : Isoflop.FAILED;
    }

    private void check() {
        boolean anything =
                file != null || out != null || options.any() || from != null || task != null;
        if (resume != null && (anything || search || seeds != 0 || noBaseline)) {
            throw new InputException(
                    "--resume takes the run as it is: leave out RECIPE and all other options but"
                            + " --json");
        }
        if (searchOn != null && !List.of("held-out", "val").contains(searchOn)) {
            throw new InputException("--search-on is " + searchOn + "; write held-out or val");
        }
        if (seeds < 0) {
            throw new InputException("--seeds is " + seeds + "; it must be at least 1");
        }
        if (task != null && !Task.Config.NAMES.contains(task)) {
            throw new InputException(
                    "--task is " + task + "; there is " + String.join(", ", Task.Config.NAMES));
        }
        if (resume == null && file == null && task == null) {
            throw new InputException(
                    "name a recipe, a --task or a run to --resume; see isoflop finetune --help");
        }
    }

    private Table table() {
        Table table =
                file != null
                        ? options.read(file)
                        : options.changed(FineTuning.shipped(String.valueOf(task)));
        if (!FineTuneRecipe.isOne(table)) {
            throw new InputException(
                    table.keys().contains("method")
                            ? "%s is a pre-training recipe (it has a method); take isoflop pretrain %s, or give a fine-tuning recipe, such as recipes/demo/segmentation.yaml"
                                    .formatted(file, file)
                            : "%s has no task; give a fine-tuning recipe, such as recipes/demo/segmentation.yaml"
                                    .formatted(file));
        }
        String its = table.table("task").text("name");
        if (task != null && !its.equals(task)) {
            throw new InputException("--task is " + task + ", but that of " + file + " is " + its);
        }
        Table named = asked(searchOn == null ? table : table.with("search.on", searchOn));
        return from == null ? named : named.with("from", from);
    }

    /// A recipe or a study with what the options say of its baseline.
    private Table asked(Table recipe) {
        return noBaseline ? recipe.with("baseline", "false") : recipe;
    }

    private int said(Result result, Path path, Console console) {
        if (json) {
            try (RunFolder folder = RunFolder.read(path)) {
                Map<String, Object> root = new LinkedHashMap<>();
                root.put("run", path.toString());
                root.put("origin", folder.readOrigin().orElse(null));
                root.put("result", result);
                console.print(Json.text(root));
            }
        }
        Score score = result.score();
        boolean stopped = score != null && score.standsAlone() && console.wanted();
        return result.status() == Result.Status.FINISHED && !stopped ? 0 : Isoflop.FAILED;
    }

    private int said(SearchReport report, Console console) {
        console.said(report.message());
        if (json) {
            console.print(Json.text(report));
        }
        return report.complete() && report.median() != null ? 0 : Isoflop.FAILED;
    }
}
