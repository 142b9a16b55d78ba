package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Json;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.finetune.TuningStudy;
import dev.isoflop.plan.Comparison;
import dev.isoflop.plan.CostAssumptions;
import dev.isoflop.plan.Planning;
import dev.isoflop.recipe.Table;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/// `isoflop plan`: what a recipe buys, before anything is spent.
@Command(
        name = "plan",
        description = "What a recipe buys and costs: steps, FLOPs, hours, energy, CO2, money.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  isoflop plan recipes/demo/mae.yaml --set budget='1 PFLOP'",
            "  isoflop plan recipes/demo/mae.yaml --on h100 --region fra --budget '10 kWh'",
            "  isoflop plan recipes/paper --page paper.html",
            "  isoflop plan recipes/paper --as-paper",
            "  isoflop plan --budget 1e20 --compare --encoder B/16 --on h100 --price '3.22 USD'",
            "",
            "Convention matmul: matrix products and attention, forward and backward, multiply-add ="
                    + " 2."
        })
final class PlanVerb implements Callable<Integer> {

    private static final Pattern NUMBER = Pattern.compile("[0-9][0-9_.]*([eE][+]?[0-9]+)?");
    private static final String STANDARD_OUTPUT = "-";

    @Parameters(
            paramLabel = "RECIPE",
            arity = "0..1",
            description = "A recipe file, a study, or a folder of them; none with --compare.")
    private @Nullable Path file;

    @Mixin private RecipeOptions options = new RecipeOptions();

    @Mixin private CostOptions costs = new CostOptions();

    @Option(
            names = "--budget",
            paramLabel = "BUDGET",
            description = {
                "In place of the recipe's: FLOP, steps, images, epochs, hours, device-hours, kWh,",
                "kg CO2e or money. A bare number is FLOP."
            })
    private @Nullable String budget;

    @Option(names = "--compare", description = "What the budget buys each of the six methods.")
    private boolean compare;

    @Option(
            names = "--encoder",
            paramLabel = "ENCODER",
            description = "In place of the recipe's, such as L/16.")
    private @Nullable String encoder;

    @Option(
            names = "--image",
            paramLabel = "SIDE",
            description = "In place of the recipe's, in pixels.")
    private @Nullable String image;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "In place of the recipe's: images a step.")
    private @Nullable String batch;

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "Write the runs as a table for other programs; - is standard output.")
    private @Nullable String csv;

    @Option(
            names = "--page",
            paramLabel = "FILE",
            description = "Write a page: sums, a chart, a table that sorts. It needs no network.")
    private @Nullable Path page;

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (json && STANDARD_OUTPUT.equals(csv)) {
            throw new InputException("--json and --csv - both want standard output; choose one");
        }
        return compare ? compare() : plan();
    }

    private int plan() throws Exception {
        if (file == null) {
            throw new InputException(
                    "name a recipe, a study or a folder of them, or a --budget to --compare");
        }
        List<Table> recipes = options.readAll(file).stream().map(this::changed).toList();
        CostAssumptions assumed = costs.assumptions();
        if ((page != null || csv != null || assumed.asPaper())
                && recipes.stream()
                        .allMatch(t -> FineTuneRecipe.isOne(t) || TuningStudy.isOne(t))) {
            throw new InputException(
                    recipes.getFirst().name("name")
                            + " fine-tunes: leave out --page, --csv and --as-paper, which are for"
                            + " pre-training");
        }
        Planning every = Planning.of(recipes, assumed);
        Planning planning = Files.isDirectory(file) ? every.listed() : every;
        if (csv != null && !csv.equals(STANDARD_OUTPUT)) {
            DurableFiles.write(Path.of(csv), planning.csv().getBytes(StandardCharsets.UTF_8));
        }
        if (page != null) {
            String html = planning.page(file.toString());
            DurableFiles.write(page, html.getBytes(StandardCharsets.UTF_8));
        }
        sayLeftOut(planning.fineTuned());
        if (STANDARD_OUTPUT.equals(csv)) {
            print(planning.csv().stripTrailing());
        } else {
            print(json ? Json.text(planning.json()) : planning.text());
        }
        return 0;
    }

    /// Says which recipes of a folder are not in a file for others, which holds pre-training alone.
    private void sayLeftOut(List<String> fineTuned) {
        List<String> written = new ArrayList<>();
        if (csv != null) {
            written.add("--csv");
        }
        if (page != null) {
            written.add("--page");
        }
        if (!fineTuned.isEmpty() && !written.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "%s: without what fine-tunes: %s"
                                    .formatted(
                                            String.join(" and ", written),
                                            String.join(", ", fineTuned)));
        }
    }

    private int compare() throws Exception {
        CostAssumptions assumed = costs.assumptions();
        if (page != null || csv != null || assumed.asPaper()) {
            throw new InputException(
                    "--compare prints a table or --json: leave out --page, --csv and --as-paper");
        }
        if (file == null && budget == null) {
            throw new InputException(
                    "--compare needs a budget, such as --budget 1e20 or --budget '500 USD'");
        }
        Table start = file == null ? options.changed(Comparison.usual()) : options.read(file);
        FineTuneRecipe.refuse(start, String.valueOf(file), "--compare", "isoflop plan " + file);
        Comparison comparison = Comparison.of(changed(start), assumed);
        print(json ? Json.text(comparison.json()) : comparison.text());
        return 0;
    }

    /// A recipe with what the options of this verb say.
    private Table changed(Table recipe) {
        Table table = said(recipe, "encoder", encoder);
        table = said(table, "image", image);
        table = said(table, "batch", batch);
        boolean bare = budget != null && NUMBER.matcher(budget).matches();
        return said(table, "budget", bare ? budget + " FLOP" : budget);
    }

    private static Table said(Table table, String key, @Nullable String text) {
        return text == null ? table : table.said(key, text, "--" + key + " " + text);
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
