package dev.isoflop.pretrain;

import dev.isoflop.budget.Budget;
import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.carbon.Footprint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// One plan, for people and for machines.
public final class PlanText {

    private PlanText() {}

    /// What a recipe buys, with the derivation of every figure.
    public static String text(PricedRecipe planned) {
        PretrainRecipe recipe = planned.recipe();
        Plan plan = planned.plan();
        return String.format(
                Locale.ROOT,
                """
                plan        %s: %s, %s on images of %d
                budget      %s
                %s
                %s%s%s
                %s%s\
                """,
                recipe.name(),
                recipe.method().name(),
                recipe.encoder().name(),
                recipe.encoder().image(),
                budget(recipe),
                bought(plan, ""),
                again(recipe, plan),
                probes(recipe, plan),
                cost(planned),
                plan.derivation().explain(),
                planned.cost().map(cost -> "\n\n" + cost.explain()).orElse(""));
    }

    /// What a plan buys, as the lines that every plan has: steps, FLOPs and their convention.
    ///
    /// @param more what else to say of the FLOPs; may be empty
    public static String bought(Plan plan, String more) {
        return String.format(
                Locale.ROOT,
                """
                steps       %,d of %,d images: %,d images, %.4g epochs
                FLOPs       %s total; %s a step; %s per device of %d%s
                convention  matmul, forward and backward, multiply-add = 2\
                """,
                plan.steps(),
                plan.batch(),
                plan.images(),
                plan.epochs(),
                Work.readable(plan.flops()),
                Work.readable(plan.flopsPerStep()),
                Work.readable(plan.flopsPerDevice()),
                plan.devices(),
                more);
    }

    private static String budget(PretrainRecipe recipe) {
        String asked =
                recipe.budgetAsked()
                        .map(b -> b.readable() + ", which became " + recipe.budget().readable())
                        .orElse(recipe.budget().readable());
        return recipe.budget() instanceof Budget.Cost
                ? asked + ", converted at the figures below"
                : asked;
    }

    /// A line on what runs twice because the batch is cut, if anything does.
    private static String again(PretrainRecipe recipe, Plan plan) {
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

    /// A line on probes beside the training, if there are any.
    private static String probes(PretrainRecipe recipe, Plan plan) {
        return recipe.probe()
                .map(probe ->
                        String.format(
                                Locale.ROOT,
                                "probes      %d beside the training%s; executed, but no part of"
                                        + " the budget: %s%n",
                                probe.times(plan.steps()),
                                probe.baseline() ? " and one before it" : "",
                                probe.most(recipe.encoder(), plan.steps())
                                        .map(work -> Work.readable(work.flops()) + " at most")
                                        .orElse("forward passes of all images")))
                .orElse("");
    }

    /// Lines on hours, energy, carbon and money, if a device is named.
    private static String cost(PricedRecipe planned) {
        if (planned.cost().isEmpty()) {
            return "";
        }
        Footprint cost = planned.cost().get();
        List<String> lines = new ArrayList<>();
        lines.add("on          " + planned.conditions());
        lines.add("hours       " + cost.hours().readable());
        lines.add("            " + cost.deviceHours().readable() + " of all devices");
        lines.add(
                "energy      "
                        + cost.energy()
                                .map(Estimate::readable)
                                .orElse("not reckoned: the device states no power"));
        planned.idle()
                .ifPresent(idle ->
                        lines.add(
                                "            of which idle devices would draw " + idle.readable()));
        cost.carbon().ifPresent(carbon -> lines.add("carbon      " + carbon.readable()));
        cost.embodied()
                .ifPresent(made ->
                        lines.add(
                                "embodied    "
                                        + made.readable()
                                        + " of making the devices, beside it"));
        cost.money().ifPresent(money -> lines.add("money       " + money.readable()));
        lines.add("bands       what is expected; they come from those of the factors below");
        return String.join("\n", lines) + "\n";
    }

    /// The same as one object. Hours, energy and carbon are numbers; `estimates` has their bands
    /// and derivations.
    public static Map<String, Object> json(PricedRecipe planned) {
        PretrainRecipe recipe = planned.recipe();
        Plan plan = planned.plan();
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("convention", "matmul");
        flops.put("unit", "FLOP");
        flops.put("perImage", plan.perImage().flops());
        flops.putAll(flops(plan));
        flops.put("executedTotal", plan.executedFlops());
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("name", recipe.name());
        root.put("method", recipe.method().name());
        root.put("encoder", recipe.encoder().name());
        root.put("image", recipe.encoder().image());
        root.put("data", recipe.data().name());
        root.put("budget", recipe.budgetAsked().orElse(recipe.budget()).readable());
        root.put("batch", plan.batch());
        root.put("steps", plan.steps());
        root.put("images", plan.images());
        root.put("epochs", plan.epochs());
        root.put("flops", flops);
        if (!planned.conditions().isEmpty()) {
            root.put("conditions", planned.conditions());
        }
        planned.cost().ifPresent(cost -> root.putAll(numbers(cost)));
        planned.idle().ifPresent(idle -> root.put("kWhIdle", idle.value()));
        planned.cost().ifPresent(cost -> root.put("estimates", estimates(cost, true)));
        root.put("derivation", plan.derivation());
        return root;
    }

    /// The FLOPs of a plan, convention matmul: of a step, of all, and of each device.
    public static Map<String, Object> flops(Plan plan) {
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("perStep", plan.flopsPerStep());
        flops.put("total", plan.flops());
        flops.put("perDevice", plan.flopsPerDevice());
        flops.put("devices", plan.devices());
        return flops;
    }

    /// What is known of hours, energy, carbon and money, as plain numbers.
    public static Map<String, Object> numbers(Footprint cost) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("hours", cost.hours().value());
        numbers.put("deviceHours", cost.deviceHours().value());
        cost.energy().ifPresent(e -> numbers.put("kWh", e.value()));
        cost.carbon().ifPresent(e -> numbers.put("kgCO2e", e.value()));
        cost.embodied().ifPresent(e -> numbers.put("kgCO2eEmbodied", e.value()));
        cost.money()
                .ifPresent(e ->
                        numbers.put("money", Map.of("amount", e.value(), "currency", e.unit())));
        return numbers;
    }

    /// The same with their bands.
    ///
    /// @param derived whether also with how they come about
    public static Map<String, Object> estimates(Footprint cost, boolean derived) {
        Map<String, Object> estimates = new LinkedHashMap<>();
        estimates.put("hours", json(cost.hours(), derived));
        estimates.put("deviceHours", json(cost.deviceHours(), derived));
        cost.energy().ifPresent(e -> estimates.put("kWh", json(e, derived)));
        cost.carbon().ifPresent(e -> estimates.put("kgCO2e", json(e, derived)));
        cost.embodied().ifPresent(e -> estimates.put("kgCO2eEmbodied", json(e, derived)));
        cost.money().ifPresent(e -> estimates.put("money", json(e, derived)));
        return estimates;
    }

    public static Map<String, Object> json(Estimate estimate, boolean derived) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (derived) {
            object.put("name", estimate.name());
        }
        object.put("value", estimate.value());
        object.put("low", estimate.low());
        object.put("high", estimate.high());
        object.put("unit", estimate.unit());
        if (derived) {
            object.put("how", estimate.how());
            String source = estimate.source();
            if (source != null) {
                object.put("source", source);
            }
            object.put("parts", estimate.parts().stream().map(part -> json(part, true)).toList());
        }
        return object;
    }
}
