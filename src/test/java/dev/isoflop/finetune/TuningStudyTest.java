package dev.isoflop.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.pretrain.Pretraining;
import dev.isoflop.recipe.RecipeFiles;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.SearchReport;
import dev.isoflop.run.Stop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The same search on several pre-trained encoders, as a file.
class TuningStudyTest {

    private static final Path SHIPPED = Path.of("recipes/ade20k/study.yaml");

    @TempDir private Path folder = Path.of("");
    private final List<String> said = new ArrayList<>();
    private final RunListener to =
            new RunListener() {
                @Override
                public void said(String line) {
                    said.add(line);
                }
            };

    @Test
    void theShippedOneTriesWhatThePaperTried() {
        Table search = Table.read(SHIPPED).table("search");
        assertThat(search.reals("rates")).containsExactly(1e-5, 5e-5, 1e-4, 5e-4);
        assertThat(search.reals("decays")).containsExactly(0.1, 0.05, 0.01);
        assertThat(search.count("seeds")).isEqualTo(5);
        assertThat(search.text("on")).isEqualTo("val");
    }

    @Test
    void theShippedOneTakesTwelveCellsAndFiveSeedsOnEachModelOf250ThousandSteps() {
        TuningStudy study = TuningStudy.from(Table.read(SHIPPED));
        List<String> wanted =
                new RecipeFiles(List.of(), null)
                        .readAll(Path.of("recipes/paper")).stream()
                                .map(PretrainRecipe::from)
                                .filter(recipe -> recipe.encoder().name().equals("ViT-B/16"))
                                .filter(recipe ->
                                        recipe.budget()
                                                .readable()
                                                .matches("(250|1,?000),?000 steps"))
                                .map(PretrainRecipe::name)
                                .toList();
        assertThat(study.encoders())
                .extracting(TuningStudy.Encoder::name)
                .containsExactlyElementsOf(wanted)
                .contains("mae-jft-b-16-mask-0.75-decoder-8-250000-steps");
        assertThat(study.encoders())
                .allSatisfy(encoder -> {
                    assertThat(encoder.cells()).isEqualTo(12);
                    assertThat(encoder.seeds()).isEqualTo(5);
                    assertThat(encoder.seed().steps()).isEqualTo(80L * 20210 / 32);
                    assertThat(encoder.cell().flops()).isEqualTo(encoder.seed().flops());
                    assertThat(encoder.flops())
                            .isEqualTo(encoder.seed().flops().multiply(BigInteger.valueOf(12 + 5)));
                });
        assertThat(study.runs()).isEqualTo(17L * wanted.size());
        assertThat(study.flops())
                .isEqualTo(
                        study.encoders()
                                .getFirst()
                                .flops()
                                .multiply(BigInteger.valueOf(wanted.size())));
    }

    private Table small() throws IOException {
        Path before = folder.resolve("before.yaml");
        Files.writeString(
                before,
                """
                name: before-{seed}
                method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
                encoder: {width: 32, depth: 1, heads: 2, patch: 8}
                image: 16
                data: {kind: world, images: 16}
                budget: 2 steps
                batch: 4
                threads: 1
                vary: {seed: [1, 2, 3]}
                """);
        Path tuning = folder.resolve("tuning.yaml");
        Files.writeString(
                tuning,
                """
                name: tuning
                task: {name: segmentation, channels: 8}
                image: 16
                data: {kind: world, images: 12}
                validation: {kind: world, images: 3, seed: 1}
                budget: 80 epochs
                batch: 4
                optimiser: {warmup: 0}
                threads: 1
                """);
        return Table.parse(
                "study",
                """
                name: study
                recipe: %s
                budget: 2 steps
                pretrained: {recipes: %s, runs: %s, where: {seed: [1, 3]}}
                search: {rates: [1e-3], decays: [0.1], seeds: 2, on: val}
                """
                        .formatted(tuning, before, folder.resolve("runs")));
    }

    @Test
    void whatIsThereIsSearchedAndWhatIsMissingIsNamed() throws Exception {
        Table table = small();
        TuningStudy study = TuningStudy.from(table);
        assertThat(study.encoders())
                .extracting(TuningStudy.Encoder::name)
                .containsExactly("before-1", "before-3");
        assertThat(study.encoders().getFirst().seed().steps()).as("its own budget").isEqualTo(2);
        assertThatThrownBy(() -> study.run(folder.resolve("out"), to, Stop.NEVER))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("none of the 2 runs of study has ended its pre-training");

        pretrain(3);
        TuningStudy.Outcome some = study.run(folder.resolve("out"), to, Stop.NEVER);
        assertThat(some.missing()).containsExactly("before-1");
        assertThat(some.complete()).isFalse();
        assertThat(said).contains("missing     1 of 2 pre-trained runs: before-1");
        assertThat(some.searches()).containsOnlyKeys("before-3");
        SearchReport report = Objects.requireNonNull(some.searches().get("before-3"));
        assertThat(report.wanted().on()).isEqualTo("val");
        assertThat(report.cells()).hasSize(1);
        assertThat(report.seeds()).hasSize(2);

        pretrain(1);
        TuningStudy.Outcome all = study.run(folder.resolve("out"), to, Stop.NEVER);
        assertThat(all.complete()).isTrue();
        assertThat(all.searches()).containsEntry("before-3", report);
    }

    private void pretrain(int seed) throws InterruptedException {
        Table recipe =
                new RecipeFiles(List.of(), "before-" + seed).read(folder.resolve("before.yaml"));
        var _ =
                Pretraining.of(recipe)
                        .run(folder.resolve("runs/before-" + seed), RunListener.NONE, Stop.NEVER);
    }

    @Test
    void aValueThatNoRunHasIsRefused() throws IOException {
        Table table = small().with("pretrained.where", "{seed: [7]}");
        assertThatThrownBy(() -> TuningStudy.from(table))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("pretrained.where is {seed=[7]}, which no run of ");
    }
}
