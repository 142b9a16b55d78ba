package dev.isoflop.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.RecipeFiles;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// What recipes buy, as a program of one's own asks for it.
class PlanningTest {

    private static final CostAssumptions ON_H100 =
            new CostAssumptions(Map.of("on", "h100", "region", "fra"), OptionalInt.empty(), false);

    private static List<Table> recipes(String path) {
        return new RecipeFiles(List.of(), null).readAll(Path.of(path));
    }

    @Test
    void oneRecipeIsSaidInFullAndListedOnlyWhereThatIsAsked() throws Exception {
        Planning mae = Planning.of(recipes("recipes/demo/mae.yaml"), CostAssumptions.NONE);
        assertThat(mae.text()).contains("one image", "decoder").contains("name a device");
        assertThat(mae.json()).containsEntry("name", "demo").containsKey("derivation");
        assertThat(mae.listed().text()).doesNotContain("one image").contains("1 runs, together");
        assertThat(mae.listed().json()).containsKeys("runs", "totals");
    }

    @Test
    void whatFineTunesIsInNoSumOfPreTraining() throws Exception {
        Planning demo = Planning.of(recipes("recipes/demo"), CostAssumptions.NONE);
        assertThat(demo.fineTuned()).hasSize(1);
        assertThat(demo.text())
                .contains("6 runs, together")
                .contains("1 fine-tuning run, together");
        assertThat(demo.csv().lines()).hasSize(1 + 6);
        assertThat(demo.json()).containsKey("fineTuning");
    }

    @Test
    void assumedCostsGoBeforeThoseOfTheRecipe() throws Exception {
        Map<String, Object> here = Planning.of(recipes("recipes/demo/mae.yaml"), ON_H100).json();
        assertThat(here).containsKeys("hours", "kWh", "kgCO2e").containsKey("conditions");
        assertThat(String.valueOf(here.get("conditions"))).startsWith("1 x ").contains("fra at");
    }

    @Test
    void aPageStandsForItself() throws Exception {
        Planning demo = Planning.of(recipes("recipes/demo"), ON_H100);
        assertThat(demo.page("demo")).startsWith("<!doctype html>").contains("<h1>demo</h1>");
    }

    @Test
    void oneBudgetIsComparedOverAllMethods() throws Exception {
        Table start = Comparison.usual().with("budget", "1e20 FLOP");
        assertThat(Comparison.of(start, CostAssumptions.NONE).bought())
                .hasSize(6)
                .allSatisfy(one -> assertThat(one.plan()).isPresent());
    }

    @Test
    void costsThatExcludeEachOtherAreRefused() {
        assertThatThrownBy(
                        () -> new CostAssumptions(Map.of("on", "h100"), OptionalInt.empty(), true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("leave out --on");
        assertThatThrownBy(() -> new CostAssumptions(Map.of(), OptionalInt.of(0), false))
                .hasMessage("--devices is 0; it must be at least 1");
        assertThatThrownBy(
                        () -> new CostAssumptions(Map.of("onn", "x"), OptionalInt.empty(), false))
                .hasMessageContaining("known are [on, region");
    }
}
