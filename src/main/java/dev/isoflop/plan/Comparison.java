package dev.isoflop.plan;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.carbon.Footprint;
import dev.isoflop.fault.InputException;
import dev.isoflop.method.Method;
import dev.isoflop.pretrain.PlanText;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.pretrain.PricedRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.TextTable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What one budget buys each method on the same encoder.
///
/// @param recipe whose budget, encoder, batch, data and cost they share
/// @param devices that share each step
/// @param bought by method, in the order in which methods are always listed
public record Comparison(PretrainRecipe recipe, int devices, List<Bought> bought) {

    /// What is compared on where no recipe is named.
    private static final String USUAL =
            """
            name: comparison
            method: {name: mae}
            encoder: B/16
            image: 224
            data: {kind: folder, path: imagenet-1k/train, images: 1281167}
            batch: 4096
            """;

    private static final int CLASSES = 1000; // of ImageNet-1K, where none are given

    /// What a method gets for the budget, or why it gets nothing.
    public record Bought(
            String method, Optional<Plan> plan, Optional<Footprint> cost, Optional<String> why) {}

    /// What is compared on where no recipe is named, but for a budget: ViT-B/16 on ImageNet-1K.
    public static Table usual() {
        return Table.parse("--compare", USUAL);
    }

    /// Compares all methods: the recipe's own with its settings, the others with their defaults.
    ///
    /// @param table a recipe that pre-trains
    /// @param costs on what it is reckoned
    /// @throws InputException if the recipe will not do
    /// @throws Exception if data that must be counted cannot be opened
    public static Comparison of(Table table, CostAssumptions costs) throws Exception {
        PretrainRecipe recipe = PretrainRecipe.from(costs.changed(table));
        return of(recipe, costs.devices(recipe.cost()));
    }

    private static Comparison of(PretrainRecipe recipe, int devices) throws Exception {
        long images = recipe.datasetSize();
        List<Bought> bought = new ArrayList<>();
        for (String name : Method.Config.NAMES) {
            Table table = Table.parse("method", "name: " + name + "\n");
            Method.Config usual =
                    recipe.method().name().equals(name)
                            ? recipe.method()
                            : Method.Config.from(table);
            Method.Config method = usual.withClasses(CLASSES);
            bought.add(bought(recipe, method, images, devices));
        }
        return new Comparison(recipe, devices, bought);
    }

    private static Bought bought(
            PretrainRecipe recipe, Method.Config method, long images, int devices) {
        try {
            Plan plan = recipe.plan(method, images, devices);
            return new Bought(
                    method.name(), Optional.of(plan), recipe.footprint(plan), Optional.empty());
        } catch (IllegalArgumentException | InputException e) {
            return new Bought(
                    method.name(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /// One line a method.
    public String text() {
        boolean costs = recipe.cost().isPresent();
        List<List<String>> rows = new ArrayList<>();
        List<String> heads =
                new ArrayList<>(List.of("method", "an image", "steps", "images", "epochs", "FLOP"));
        if (costs) {
            heads.addAll(List.of("hours", "kWh", "kg CO2e"));
        }
        boolean priced = recipe.cost().flatMap(on -> on.price()).isPresent();
        if (priced) {
            heads.add(recipe.cost().orElseThrow().price().orElseThrow().currency());
        }
        rows.add(heads);
        bought.stream()
                .filter(one -> one.plan().isPresent())
                .forEach(one -> rows.add(cells(one, costs, priced)));
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%s buys, with %s on images of %d and %,d images a step:",
                        recipe.budget().readable(),
                        recipe.encoder().name(),
                        recipe.encoder().image(),
                        recipe.batch()));
        lines.addAll(TextTable.aligned(rows, column -> column == 0));
        bought.forEach(
                one -> one.why().ifPresent(why -> lines.add(one.method() + ": nothing; " + why)));
        lines.add(
                "FLOP, convention matmul (forward and backward, multiply-add = 2), total over all"
                        + " devices; an image's price is that of the method's default settings");
        lines.add(
                costs
                        ? "on "
                                + conditions()
                                + "; products in "
                                + recipe.precision().key()
                                + " (--set precision=bf16 for another); middles of their bands,"
                                + " which isoflop plan RECIPE shows"
                        : "hours, energy and CO2e: name a device, such as --on h100");
        return String.join("\n", lines);
    }

    private String conditions() {
        return recipe.cost().map(PricedRecipe::conditions).orElse("");
    }

    private static List<String> cells(Bought one, boolean costs, boolean priced) {
        Plan plan = one.plan().orElseThrow();
        List<String> cells = new ArrayList<>();
        cells.add(one.method());
        cells.add(Work.readable(plan.perImage().flops()));
        cells.add(Cells.count(plan.steps()));
        cells.add(Cells.count(plan.images()));
        cells.add(String.format(Locale.ROOT, "%.4g", plan.epochs()));
        cells.add(Cells.scientific(plan.flops()));
        if (costs) {
            cells.add(Cells.plain(one.cost().map(Footprint::hours)));
            cells.add(Cells.plain(one.cost().flatMap(Footprint::energy)));
            cells.add(Cells.plain(one.cost().flatMap(Footprint::carbon)));
        }
        if (priced) {
            cells.add(Cells.plain(one.cost().flatMap(Footprint::money)));
        }
        return cells;
    }

    /// The same as one object.
    public Map<String, Object> json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("budget", recipe.budget().readable());
        root.put("encoder", recipe.encoder().name());
        root.put("image", recipe.encoder().image());
        root.put("batch", recipe.batch());
        root.put("convention", "matmul");
        root.put("precision", recipe.precision().key());
        if (recipe.cost().isPresent()) {
            root.put("conditions", conditions());
        }
        root.put("methods", bought.stream().map(Comparison::json).toList());
        return root;
    }

    private static Map<String, Object> json(Bought one) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("method", one.method());
        one.why().ifPresent(why -> row.put("nothing", why));
        one.plan()
                .ifPresent(plan -> {
                    Map<String, Object> flops = new LinkedHashMap<>();
                    flops.put("perImage", plan.perImage().flops());
                    flops.putAll(PlanText.flops(plan));
                    row.put("steps", plan.steps());
                    row.put("images", plan.images());
                    row.put("epochs", plan.epochs());
                    row.put("flops", flops);
                });
        one.cost().ifPresent(cost -> row.putAll(PlanText.numbers(cost)));
        one.cost().ifPresent(cost -> row.put("estimates", PlanText.estimates(cost, false)));
        return row;
    }
}
