package dev.isoflop.finetune;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.pretrain.PlanText;
import dev.isoflop.run.Origin;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What a fine-tuning recipe buys, for people and for programs.
public final class FineTunePlan {

    private FineTunePlan() {}

    public static String text(FineTuneRecipe recipe, Plan plan) {
        return String.format(
                Locale.ROOT,
                """
                plan        %s: %s, %s on images of %d, %,d classes
                encoder     from %s%s
                budget      %s
                %s
                judged by   %s%s

                %s\
                """,
                recipe.name(),
                recipe.task().name(),
                recipe.encoder().name(),
                recipe.encoder().image(),
                recipe.task().classes(),
                recipe.origin().from(),
                pretraining(recipe.origin()),
                recipe.settings().budget().readable(),
                PlanText.bought(plan, "; of the fine-tuning alone"),
                recipe.task().evaluatedBy(),
                baseline(recipe, plan),
                plan.derivation().explain());
    }

    /// A line on the run from scratch that comes after it, if one is wanted.
    private static String baseline(FineTuneRecipe recipe, Plan plan) {
        return recipe.wantsScratch()
                ? "\nbaseline    the same network from scratch after it, %s more unless it is known; --no-baseline leaves it out"
                        .formatted(FromScratch.price(plan))
                : "";
    }

    private static String pretraining(Origin origin) {
        String method = origin.method() == null ? "" : ", pre-trained by " + origin.method();
        return origin.flops() == null
                ? method
                : method
                        + " with "
                        + Work.readable(origin.flops())
                        + ", which are not counted here";
    }

    /// What the run from scratch costs beside it; null where none is wanted.
    private static @Nullable Map<String, Object> baselineOf(FineTuneRecipe recipe, Plan plan) {
        return recipe.wantsScratch()
                ? new TreeMap<>(Map.of("flops", plan.flops(), "steps", plan.steps()))
                : null;
    }

    public static Map<String, Object> json(FineTuneRecipe recipe, Plan plan) {
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("convention", "matmul");
        flops.put("unit", "FLOP");
        flops.put("perImage", plan.perImage().flops());
        flops.putAll(PlanText.flops(plan));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("name", recipe.name());
        root.put("task", recipe.task().name());
        root.put("encoder", recipe.encoder().name());
        root.put("image", recipe.encoder().image());
        root.put("classes", recipe.task().classes());
        root.put("batch", plan.batch());
        root.put("steps", plan.steps());
        root.put("images", plan.images());
        root.put("epochs", plan.epochs());
        root.put("protocol", recipe.task().evaluatedBy());
        root.put("origin", recipe.origin());
        root.put("flops", flops);
        root.put("baseline", baselineOf(recipe, plan));
        root.put("derivation", plan.derivation());
        return root;
    }
}
