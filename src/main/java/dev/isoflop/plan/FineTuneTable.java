package dev.isoflop.plan;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.finetune.FineTunePlan;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.TextTable;
import dev.isoflop.run.Origin;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// What the fine-tuning recipes of a folder buy, beside those that pre-train: in FLOPs alone, and
/// summed by themselves.
///
/// @param rows that have a price
/// @param withoutEncoder recipes that name no encoder, and so have none
record FineTuneTable(List<Row> rows, List<Unpriced> withoutEncoder) {

    private static final List<String> HEADS =
            List.of(
                    "fine-tuning",
                    "from",
                    "encoder",
                    "image",
                    "classes",
                    "batch",
                    "steps",
                    "a step",
                    "total",
                    "per device");

    private static final int WORDS = 3; // columns that hold words
    private static final String REMEDY =
            "names no encoder; give its from or encoder, as in isoflop plan FILE --set"
                    + " encoder=B/16";

    FineTuneTable {
        rows = List.copyOf(rows);
        withoutEncoder = List.copyOf(withoutEncoder);
    }

    /// A recipe that names no encoder.
    ///
    /// @param name of its run
    /// @param task what it would learn
    record Unpriced(String name, String task) {}

    /// A fine-tuning recipe and what it buys.
    record Row(FineTuneRecipe recipe, Plan plan) {

        private List<String> cells() {
            return List.of(
                    recipe.name(),
                    recipe.origin().from(),
                    recipe.encoder().name(),
                    Cells.count(recipe.encoder().image()),
                    Cells.count(recipe.task().classes()),
                    Cells.count(plan.batch()),
                    Cells.count(plan.steps()),
                    Cells.scientific(plan.flopsPerStep()),
                    Cells.scientific(plan.flops()),
                    Cells.scientific(plan.flopsPerDevice()));
        }
    }

    /// A recipe that names no encoder.
    ///
    /// @param task what it fine-tunes on
    public record NotPriced(String name, String task) {}

    /// Prices recipes.
    ///
    /// @param alone whether nothing else is priced, so that one that names no encoder is a mistake
    /// @param devices of each, by its conditions
    static FineTuneTable of(
            List<Table> recipes, boolean alone, ToIntFunction<FineTuneRecipe> devices) {
        List<Row> rows = new ArrayList<>();
        List<Unpriced> withoutEncoder = new ArrayList<>();
        for (Table table : recipes) {
            boolean scratch = table.text("from", Origin.SCRATCH).equals(Origin.SCRATCH);
            if (scratch && !table.has("encoder") && !(alone && recipes.size() == 1)) {
                withoutEncoder.add(
                        new Unpriced(table.name("name"), table.table("task").text("name")));
            } else {
                FineTuneRecipe recipe = FineTuneRecipe.from(table).complete();
                int many = devices.applyAsInt(recipe);
                rows.add(new Row(recipe, recipe.plan(recipe.images(), many)));
            }
        }
        return new FineTuneTable(rows, withoutEncoder);
    }

    boolean isEmpty() {
        return rows.isEmpty() && withoutEncoder.isEmpty();
    }

    /// The only recipe, if there is one alone and it has a price.
    Optional<Row> alone() {
        return rows.size() == 1 && withoutEncoder.isEmpty()
                ? Optional.of(rows.getFirst())
                : Optional.empty();
    }

    /// The names of all recipes.
    List<String> names() {
        List<String> names = new ArrayList<>(rows.stream().map(r -> r.recipe.name()).toList());
        withoutEncoder.forEach(one -> names.add(one.name));
        return names;
    }

    /// One line a recipe, and their sum.
    String text() {
        List<String> lines = new ArrayList<>();
        if (!rows.isEmpty()) {
            List<List<String>> cells = new ArrayList<>();
            cells.add(HEADS);
            rows.forEach(row -> cells.add(row.cells()));
            lines.addAll(TextTable.aligned(cells, column -> column < WORDS));
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%,d fine-tuning %s, together %s; of the fine-tuning alone, in no sum"
                                    + " of pre-training; judging is not counted%s",
                            rows.size(),
                            rows.size() == 1 ? "run" : "runs",
                            Work.readable(total()),
                            rows.stream().anyMatch(row -> row.recipe.wantsScratch())
                                    ? ", nor are runs from scratch beside them"
                                    : ""));
        }
        withoutEncoder.forEach(one -> lines.add(one.name + " is not priced: it " + REMEDY));
        return String.join("\n", lines);
    }

    private BigInteger total() {
        return rows.stream().map(r -> r.plan.flops()).reduce(BigInteger.ZERO, BigInteger::add);
    }

    /// Each as `isoflop plan` prints it alone.
    List<Map<String, Object>> json() {
        List<Map<String, Object>> all = new ArrayList<>();
        rows.forEach(row -> all.add(FineTunePlan.json(row.recipe, row.plan)));
        for (Unpriced one : withoutEncoder) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", one.name);
            row.put("task", one.task);
            row.put("notPriced", REMEDY);
            all.add(row);
        }
        return all;
    }
}
