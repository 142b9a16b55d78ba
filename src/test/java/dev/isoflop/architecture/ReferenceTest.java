package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

import dev.isoflop.budget.Work;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.method.Method;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.DataCard;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.Origin;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.Score;
import dev.isoflop.run.SearchReport;
import dev.isoflop.train.Checkpoint;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The reference pages say all that recipes and run folders hold, and nothing else.
class ReferenceTest {

    private static final Path RECIPE = Path.of("docs/reference/recipe.md");
    private static final Path METHODS = Path.of("docs/methods.md");
    private static final Path FINE_TUNING = Path.of("docs/reference/fine-tuning-recipe.md");
    private static final Path FOLDER = Path.of("docs/reference/run-folder.md");
    private static final Pattern NAME = Pattern.compile("name: (\\w+)");
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([^`]+)` \\|");

    private static final Set<String> OF_OTHER_KINDS =
            Set.of(
                    "data.path",
                    "data.split",
                    "data.captions",
                    "data.instances",
                    "data.hierarchy",
                    "data.masks",
                    "data.classes",
                    "data.class-names",
                    "data.held-out",
                    "data.part",
                    "data.held-out-seed",
                    "view.base",
                    "view.least-factor",
                    "view.most-factor",
                    "view.factor-step",
                    "optimiser.clip",
                    "optimiser.clip-each",
                    "optimiser.momentum",
                    "optimiser.trust",
                    "optimiser.classic-momentum",
                    "probe",
                    "probe.at",
                    "probe.train",
                    "probe.validation",
                    "probe.train-images",
                    "probe.validation-images",
                    "probe.held-out",
                    "probe.labels",
                    "probe.unseen",
                    "probe.seed",
                    "probe.neighbours",
                    "probe.temperature",
                    "probe.baseline",
                    "optimiser.power",
                    "tokenizer",
                    "budget-asked",
                    "figures",
                    "cost",
                    "cost.on",
                    "cost.devices",
                    "cost.region",
                    "cost.grams-per-kwh",
                    "cost.pue",
                    "cost.price",
                    "cost.share-of-peak",
                    "vary");

    @Test
    void everyKeyOfARecipeIsOnItsPageAndNoOther() {
        var cells = new TreeSet<>(firstCells(Project.text(RECIPE)));
        cells.addAll(firstCells(Project.text(METHODS)));
        assertThat(cells).isEqualTo(RecipeKeys.known());
    }

    @Test
    void everyMethodHasItsRowAndItsSection() {
        String page = Project.text(METHODS);
        assertThat(Method.Config.NAMES)
                .hasSize(Method.Config.class.getPermittedSubclasses().length)
                .allMatch(name -> page.contains("| [`" + name + "`](#" + name + ") |"))
                .allMatch(name -> page.contains("\n## `" + name + "`\n"));
    }

    @Test
    void everyKeyThatOnlyFineTuningHasIsOnItsPageAndNoOther() {
        var own = new TreeSet<>(RecipeKeys.ofFineTuning());
        own.removeAll(RecipeKeys.known());
        assertThat(firstCells(Project.text(FINE_TUNING))).isEqualTo(own);
    }

    @Test
    void theDefaultsOfFineTuningOnThePageAreThoseOfTheCode() {
        List<FineTuneRecipe> recipes =
                Page.read(FINE_TUNING).yaml().subList(0, 2).stream()
                        .map(yaml -> FineTuneRecipe.from(Table.parse(FINE_TUNING.toString(), yaml)))
                        .toList();
        assertThat(recipes.getLast()).isEqualTo(recipes.getFirst());
    }

    @Test
    void theDefaultsOnThePageAreThoseOfTheCode() {
        List<PretrainRecipe> recipes =
                Page.read(RECIPE).yaml().subList(0, 2).stream()
                        .map(yaml -> PretrainRecipe.from(Table.parse(RECIPE.toString(), yaml)))
                        .toList();
        assertThat(recipes.getLast()).isEqualTo(recipes.getFirst());
    }

    @Test
    void theDefaultsOfEachMethodAreThoseOfTheCode() {
        String shortest = Page.read(RECIPE).yaml().getFirst();
        String ofMae = "method: {name: mae}\n";
        assertThat(shortest).contains(ofMae);
        for (String method : methods()) {
            Matcher name = NAME.matcher(method);
            assertThat(name.find()).as(method).isTrue();
            String plain = "method: {name: " + name.group(1) + "}\n";
            PretrainRecipe left =
                    PretrainRecipe.from(Table.parse("out", shortest.replace(ofMae, plain)));
            PretrainRecipe whole =
                    PretrainRecipe.from(Table.parse("whole", shortest.replace(ofMae, method)));
            assertThat(whole).isEqualTo(left);
        }
    }

    /// Every method with its defaults, as its section has it.
    private static List<String> methods() {
        List<String> yaml = Page.read(METHODS).yaml();
        assertThat(yaml).hasSize(Method.Config.class.getPermittedSubclasses().length);
        return yaml;
    }

    @Test
    void theRecipesThatLeaveNothingOutHaveEveryKeyOfTheirKind() {
        String whole = String.join("\n", Page.read(RECIPE).yaml()) + String.join("\n", methods());
        assertThat(RecipeKeys.known())
                .filteredOn(key -> !OF_OTHER_KINDS.contains(key))
                .map(key -> key.substring(key.indexOf('.') + 1))
                .allMatch(key -> Pattern.compile("\\b" + key + ":").matcher(whole).find());
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Measurement.class,
                Provenance.class,
                Result.class,
                ProbeReport.Probe.class,
                Score.class,
                Origin.class,
                SearchReport.class
            })
    void everyFieldOfARunsFileIsInItsTableAndNoOther(Class<?> type) {
        String heading = type.getSimpleName();
        String section =
                Arrays.stream(Project.text(FOLDER).split("(?m)^## "))
                        .filter(text -> text.startsWith(heading))
                        .findFirst()
                        .orElseThrow();
        assertThat(firstCells(section)).isEqualTo(fields(type));
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Provenance.Peak.class,
                Result.Broken.class,
                Result.BrokenImage.class,
                Result.Artifact.class,
                Result.Probes.class,
                OnlineProbe.class,
                ProbeReport.class,
                ProbeReport.Part.class,
                ProbeReport.Encoder.class,
                ProbeReport.Features.class,
                ProbeReport.Untrained.class,
                Baseline.class,
                ProbeReport.ClassScore.class,
                ProbeReport.Confusion.class,
                Score.Metric.class,
                Score.ClassScore.class,
                SearchReport.Cell.class,
                DataCard.class,
                Work.class,
                Checkpoint.Manifest.class,
                Checkpoint.Part.class
            })
    void everyFieldOfAPartOfAFileIsNamed(Class<?> type) {
        assertThat(fields(type))
                .allMatch(field -> Project.text(FOLDER).contains("`" + field + "`"));
    }

    private static Set<String> firstCells(String text) {
        var cells = new TreeSet<String>();
        FIRST_CELL.matcher(text).results().forEach(match -> cells.add(match.group(1)));
        return cells;
    }

    private static Set<String> fields(Class<?> type) {
        var fields = new TreeSet<String>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
                fields.addAll(fields(component.getType())); // a group of a flat file
            } else {
                fields.add(component.getName());
            }
        }
        return fields;
    }
}
