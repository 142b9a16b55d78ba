package dev.isoflop.pretrain;

import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.Plan;
import dev.isoflop.carbon.Conditions;
import dev.isoflop.carbon.Footprint;
import dev.isoflop.carbon.StudyCalculator;
import dev.isoflop.report.PricedRun;

import java.util.Locale;
import java.util.Optional;

/// A recipe and what it buys.
///
/// @param recipe as read
/// @param plan steps and FLOPs
/// @param cost hours, energy, carbon and money, where the recipe says on what it is reckoned
/// @param asPaper whether energy and carbon are reckoned as the study did
public record PricedRecipe(
        PretrainRecipe recipe, Plan plan, Optional<Footprint> cost, boolean asPaper) {

    /// A plan under the recipe's own conditions.
    public static PricedRecipe of(PretrainRecipe recipe, Plan plan) {
        return new PricedRecipe(recipe, plan, recipe.footprint(plan), false);
    }

    /// The same, energy and carbon as the study reckoned them.
    public PricedRecipe asTheStudy() {
        return new PricedRecipe(recipe, plan, cost.map(StudyCalculator.OF_THE_STUDY::of), true);
    }

    /// Energy that the same devices would draw idle, where that is stated.
    public Optional<Estimate> idle() {
        return asPaper ? Optional.empty() : cost.flatMap(bill -> recipe.cost().flatMap(bill::idle));
    }

    /// For reports, which know no recipes.
    public PricedRun priced() {
        return new PricedRun(
                recipe.name(),
                recipe.method().name(),
                recipe.encoder().name(),
                recipe.data().name(),
                recipe.figures(),
                plan,
                cost);
    }

    /// On what it is reckoned, for people; empty where nothing is said.
    public String conditions() {
        return recipe.cost().map(on -> asPaper ? ofTheStudy() : conditions(on)).orElse("");
    }

    /// The same of any conditions.
    public static String conditions(Conditions on) {
        return String.format(
                Locale.ROOT,
                "%,d x %s, %s, PUE %s",
                on.devices(),
                on.device().name(),
                on.grid().id().equals("stated")
                        ? on.grid().intensity().readable()
                        : on.grid().id() + " at " + on.grid().intensity().readable(),
                on.pue().readable());
    }

    private static String ofTheStudy() {
        StudyCalculator study = StudyCalculator.OF_THE_STUDY;
        return String.format(
                Locale.ROOT,
                "as Koppula et al. 2022: %d TPUv3 chips of %.0f W, %.2f kg/kWh, no PUE: %.3f kg an"
                        + " hour (%.3f at the grid's %.0f g/kWh)",
                study.chips(),
                study.watts(),
                study.kilogramsPerKwh(),
                study.kilogramsAnHour(study.kilogramsPerKwh()),
                study.kilogramsAnHour(study.gramsPerKwh() / 1000),
                study.gramsPerKwh());
    }
}
