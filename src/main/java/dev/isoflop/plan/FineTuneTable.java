package dev.isoflop.plan;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.finetune.FineTunePlan;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Origin;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/// What the fine-tuning recipes of a folder buy, beside those that pre-train: in FLOPs alone, and
/// summed by themselves.
///
/// @param rows that have a price
/// @param withoutEncoder recipes that name no encoder, and so have none
public record FineTuneTable(List<Row> rows, List<NotPriced> withoutEncoder) {

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

    public FineTuneTable {
        rows = List.copyOf(rows);
        withoutEncoder = List.copyOf(withoutEncoder);
    }

    /// A fine-tuning recipe and what it buys.
    public record Row(FineTuneRecipe recipe, Plan plan) {

        private List<String> cells() {
            return List.of(
                    recipe.name(),
                    recipe.origin().from(),
                    recipe.encoder().name(),
                    count(recipe.encoder().image()),
                    count(recipe.task().classes()),
                    count(plan.batch()),
                    count(plan.steps()),
                    scientific(plan.flopsPerStep()),
                    scientific(plan.flops()),
                    scientific(plan.flopsPerDevice()));
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
    public static FineTuneTable of(
            List<Table> recipes, boolean alone, ToIntFunction<FineTuneRecipe> devices) {
        List<Row> rows = new ArrayList<>();
        List<NotPriced> withoutEncoder = new ArrayList<>();
        for (Table table : recipes) {
            boolean scratch = table.text("from", Origin.SCRATCH).equals(Origin.SCRATCH);
            if (scratch && !table.has("encoder") && !(alone && recipes.size() == 1)) {
                withoutEncoder.add(
                        new NotPriced(table.text("name"), table.table("task").text("name")));
            } else {
                FineTuneRecipe recipe = FineTuneRecipe.from(table).complete();
                int many = devices.applyAsInt(recipe);
                rows.add(new Row(recipe, recipe.plan(recipe.images(), many)));
            }
        }
        return new FineTuneTable(rows, withoutEncoder);
    }

    public boolean isEmpty() {
        return rows.isEmpty() && withoutEncoder.isEmpty();
    }

    /// The names of all recipes.
    public List<String> names() {
        List<String> names = new ArrayList<>(rows.stream().map(r -> r.recipe.name()).toList());
        withoutEncoder.forEach(one -> names.add(one.name));
        return names;
    }

    /// One line a recipe, and their sum.
    public String text() {
        List<String> lines = new ArrayList<>();
        if (!rows.isEmpty()) {
            List<List<String>> cells = new ArrayList<>();
            cells.add(HEADS);
            rows.forEach(row -> cells.add(row.cells()));
            lines.addAll(PlanTable.aligned(cells, WORDS));
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%,d fine-tuning %s, together %s; of the fine-tuning alone, in no sum"
                                    + " of pre-training; judging is not counted",
                            rows.size(),
                            rows.size() == 1 ? "run" : "runs",
                            Work.readable(total())));
        }
        withoutEncoder.forEach(one -> lines.add(one.name + " is not priced: it " + REMEDY));
        return String.join("\n", lines);
    }

    private BigInteger total() {
        return rows.stream().map(r -> r.plan.flops()).reduce(BigInteger.ZERO, BigInteger::add);
    }

    /// Each as `isoflop plan` prints it alone.
    public List<Map<String, Object>> json() {
        List<Map<String, Object>> all = new ArrayList<>();
        rows.forEach(row -> all.add(FineTunePlan.json(row.recipe, row.plan)));
        for (NotPriced one : withoutEncoder) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", one.name);
            row.put("task", one.task);
            row.put("notPriced", REMEDY);
            all.add(row);
        }
        return all;
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String scientific(BigInteger flops) {
        return String.format(Locale.ROOT, "%.3e", flops.doubleValue());
    }
}
