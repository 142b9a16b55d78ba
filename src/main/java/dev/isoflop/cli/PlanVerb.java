package dev.isoflop.cli;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/// `isoflop plan`: what a recipe buys, before anything is spent.
@Command(
        name = "plan",
        description = "What a recipe buys: steps, images and FLOPs with their derivation.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  isoflop plan recipes/demo/mae.yaml --set budget='1 PFLOP'",
            "  isoflop plan recipes/paper --devices 32",
            "",
            "Convention matmul: matrix products and attention, forward and backward, multiply-add ="
                    + " 2."
        })
final class PlanVerb implements Callable<Integer> {

    @Parameters(paramLabel = "RECIPE", description = "A recipe file, a study, or a folder of them.")
    private Path file = Path.of("");

    @Mixin private RecipeOptions options = new RecipeOptions();

    @Option(
            names = "--devices",
            defaultValue = "1",
            description = "Devices that share each step; FLOPs are also given for one of them.")
    private int devices;

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (devices < 1) {
            throw new InputException("--devices is " + devices + "; it must be at least 1");
        }
        List<Table> tables = options.readAll(file);
        List<Planned> planned = new ArrayList<>();
        for (Table table : tables) {
            Recipe recipe = Recipe.from(table).complete();
            planned.add(new Planned(recipe, recipe.plan(recipe.datasetSize(), devices)));
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean one = planned.size() == 1 && !Files.isDirectory(file);
        if (json) {
            out.println(Json.write(one ? json(planned.getFirst()) : PlanTable.json(planned)));
        } else {
            out.println(one ? text(planned.getFirst()) : PlanTable.text(planned));
        }
        out.flush();
        return 0;
    }

    /// A recipe and what it buys.
    record Planned(Recipe recipe, Plan plan) {}

    static String text(Planned planned) {
        Recipe recipe = planned.recipe;
        Plan plan = planned.plan;
        return String.format(
                Locale.ROOT,
                """
                plan        %s: %s, %s on images of %d
                budget      %s
                steps       %,d of %,d images: %,d images, %.4g epochs
                FLOPs       %s total; %s a step; %s per device of %d
                convention  matmul, forward and backward, multiply-add = 2
                %s
                %s\
                """,
                recipe.name(),
                recipe.method().name(),
                recipe.encoder().name(),
                recipe.encoder().image(),
                recipe.budget().readable(),
                plan.steps(),
                plan.batch(),
                plan.images(),
                plan.epochs(),
                Work.readable(plan.flops()),
                Work.readable(plan.flopsPerStep()),
                Work.readable(plan.flopsPerDevice()),
                plan.devices(),
                again(recipe, plan),
                plan.derivation().explain());
    }

    /// A line on what runs twice because the batch is cut, if anything does.
    private static String again(Recipe recipe, Plan plan) {
        if (plan.again().flops().signum() == 0) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                """
                executed    %s of matrix products: a batch of %,d goes through in cuts of %,d, and
                            the loss compares all its images, so that %s an image runs once more
                """,
                Work.readable(plan.executedFlops()),
                plan.batch(),
                recipe.microBatch(),
                Work.readable(plan.again().flops()));
    }

    private static Map<String, Object> json(Planned planned) {
        Recipe recipe = planned.recipe;
        Plan plan = planned.plan;
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("convention", "matmul");
        flops.put("unit", "FLOP");
        flops.put("perImage", plan.perImage().flops());
        flops.put("perStep", plan.flopsPerStep());
        flops.put("total", plan.flops());
        flops.put("perDevice", plan.flopsPerDevice());
        flops.put("devices", plan.devices());
        flops.put("executedTotal", plan.executedFlops());
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("name", recipe.name());
        root.put("method", recipe.method().name());
        root.put("encoder", recipe.encoder().name());
        root.put("image", recipe.encoder().image());
        root.put("batch", plan.batch());
        root.put("steps", plan.steps());
        root.put("images", plan.images());
        root.put("epochs", plan.epochs());
        root.put("flops", flops);
        root.put("derivation", plan.derivation());
        return root;
    }
}
