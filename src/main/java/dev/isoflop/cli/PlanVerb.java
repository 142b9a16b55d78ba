package dev.isoflop.cli;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.data.Dataset;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.LinkedHashMap;
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
            "Example:",
            "  isoflop plan recipes/demo/mae.yaml --set budget='1 PFLOP'",
            "",
            "Convention matmul: matrix products and attention, forward and backward, multiply-add ="
                    + " 2."
        })
final class PlanVerb implements Callable<Integer> {

    @Parameters(paramLabel = "RECIPE", description = "A recipe file.")
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
            throw new dev.isoflop.fault.InputException(
                    "--devices is " + devices + "; it must be at least 1");
        }
        Recipe read = Recipe.from(options.read(file));
        Recipe recipe;
        Plan plan;
        try (Dataset data = read.data().open()) {
            recipe = read.on(data);
            plan = recipe.plan(data.size(), devices);
        }
        if (json) {
            spec.commandLine().getOut().println(Json.write(json(recipe, plan)));
        } else {
            spec.commandLine().getOut().println(text(recipe, plan));
        }
        spec.commandLine().getOut().flush();
        return 0;
    }

    static String text(Recipe recipe, Plan plan) {
        return String.format(
                Locale.ROOT,
                """
                plan        %s: %s, %s on images of %d
                budget      %s
                steps       %,d of %,d images: %,d images, %.4g epochs
                FLOPs       %s total; %s a step; %s per device of %d
                convention  matmul, forward and backward, multiply-add = 2

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
                plan.derivation().explain());
    }

    static Map<String, Object> json(Recipe recipe, Plan plan) {
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("convention", "matmul");
        flops.put("unit", "FLOP");
        flops.put("perImage", plan.perImage().flops());
        flops.put("perStep", plan.flopsPerStep());
        flops.put("total", plan.flops());
        flops.put("perDevice", plan.flopsPerDevice());
        flops.put("devices", plan.devices());
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
