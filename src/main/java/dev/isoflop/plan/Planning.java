package dev.isoflop.plan;

import dev.isoflop.finetune.FineTunePlan;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.finetune.TuningStudy;
import dev.isoflop.pretrain.PlanText;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.pretrain.PricedRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.PricedStudy;
import dev.isoflop.report.StudyCsv;
import dev.isoflop.report.StudyPage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What recipes buy and cost, before anything is spent: steps and FLOPs, and where a device is
/// named hours, energy, CO2e and money.
///
/// ```java
/// List<Table> recipes = new RecipeFiles(List.of(), null).readAll(Path.of("recipes/paper"));
/// System.out.println(Planning.of(recipes, CostAssumptions.NONE).text());
/// ```
///
/// Recipes that fine-tune are priced beside those that pre-train and are in none of their sums.
public final class Planning {

    private final List<PricedRecipe> pretraining;
    private final FineTuneTable fineTuning;
    private final List<StudyTable> studies;
    private final boolean listed;

    private Planning(
            List<PricedRecipe> pretraining,
            FineTuneTable fineTuning,
            List<StudyTable> studies,
            boolean listed) {
        this.pretraining = List.copyOf(pretraining);
        this.studies = List.copyOf(studies);
        this.fineTuning = fineTuning;
        this.listed = listed;
    }

    /// Prices recipes.
    ///
    /// @param recipes as [dev.isoflop.recipe.RecipeFiles] reads them, at least one
    /// @param costs on what they are reckoned
    /// @throws dev.isoflop.fault.InputException if a recipe will not do
    /// @throws Exception if data that must be counted cannot be opened
    public static Planning of(List<Table> recipes, CostAssumptions costs) throws Exception {
        List<PricedRecipe> pretraining = new ArrayList<>();
        List<Table> tuning = new ArrayList<>();
        List<StudyTable> studies = new ArrayList<>();
        for (Table table : recipes) {
            if (TuningStudy.isOne(table)) {
                studies.add(new StudyTable(TuningStudy.from(table)));
                continue;
            }
            Table changed = costs.changed(table);
            if (FineTuneRecipe.isOne(table)) {
                tuning.add(changed);
            } else {
                pretraining.add(priced(PretrainRecipe.from(changed).complete(), costs));
            }
        }
        FineTuneTable fineTuning =
                FineTuneTable.of(
                        tuning,
                        pretraining.isEmpty() && studies.isEmpty(),
                        recipe -> costs.devices(recipe.settings().cost()));
        return new Planning(pretraining, fineTuning, studies, false);
    }

    private static PricedRecipe priced(PretrainRecipe recipe, CostAssumptions costs)
            throws Exception {
        int devices = costs.devices(recipe.cost());
        PricedRecipe one = PricedRecipe.of(recipe, recipe.plan(recipe.datasetSize(), devices));
        return costs.asPaper() ? one.asTheStudy() : one;
    }

    /// The same, a single recipe that pre-trains also as the line of a table.
    public Planning listed() {
        return new Planning(pretraining, fineTuning, studies, true);
    }

    /// The names of the recipes that fine-tune; neither [#csv] nor [#page] has them.
    public List<String> fineTuned() {
        List<String> names = new ArrayList<>(fineTuning.names());
        studies.forEach(one -> names.add(one.study().name()));
        return names;
    }

    /// For people: one recipe with the derivation of every figure, several line by line with their
    /// sums.
    public String text() {
        List<String> texts = new ArrayList<>();
        if (!pretraining.isEmpty()) {
            texts.add(inFull() ? text(pretraining.getFirst()) : PlanTable.text(study()));
        }
        if (!fineTuning.isEmpty()) {
            texts.add(
                    fineTuning
                            .alone()
                            .filter(_ -> pretraining.isEmpty() && studies.isEmpty())
                            .map(row -> FineTunePlan.text(row.recipe(), row.plan()))
                            .orElseGet(fineTuning::text));
        }
        studies.forEach(one -> texts.add(one.text()));
        return String.join("\n\n", texts);
    }

    private static String text(PricedRecipe planned) {
        return PlanText.text(planned)
                + (planned.cost().isPresent()
                        ? ""
                        : "\n\nhours, energy and CO2e: name a device, such as --on h100");
    }

    /// The same as one object.
    public Map<String, Object> json() {
        List<Map<String, Object>> tuned = fineTuning.json();
        if (pretraining.isEmpty() && tuned.isEmpty() && studies.size() == 1) {
            return studies.getFirst().json();
        }
        if (pretraining.isEmpty() && studies.isEmpty()) {
            return fineTuning.alone().isPresent() ? tuned.getFirst() : Map.of("fineTuning", tuned);
        }
        if (inFull() && studies.isEmpty()) {
            return PlanText.json(pretraining.getFirst());
        }
        Map<String, Object> root =
                pretraining.isEmpty() ? new LinkedHashMap<>() : PlanTable.json(study());
        if (!tuned.isEmpty()) {
            root.put("fineTuning", tuned);
        }
        if (!studies.isEmpty()) {
            root.put("studies", studies.stream().map(StudyTable::json).toList());
        }
        return root;
    }

    private boolean inFull() {
        return pretraining.size() == 1 && !listed;
    }

    /// What pre-trains as a table for other programs, a line a run.
    public String csv() {
        return StudyCsv.write(study());
    }

    /// What pre-trains as an HTML file that needs no network.
    ///
    /// @param title above it
    public String page(String title) {
        return StudyPage.html(study(), title);
    }

    private PricedStudy study() {
        long conditions =
                pretraining.stream().map(one -> one.recipe().cost()).distinct().limit(2).count();
        return new PricedStudy(
                pretraining.stream().map(PricedRecipe::priced).toList(),
                conditions == 1 ? pretraining.getFirst().conditions() : "what each recipe says");
    }
}
