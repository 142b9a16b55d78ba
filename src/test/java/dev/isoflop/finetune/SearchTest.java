package dev.isoflop.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.SearchReport;
import dev.isoflop.run.Stop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongPredicate;

/// A search that someone stops writes down what it has, and goes on from there.
class SearchTest {

    private static final Table RECIPE =
            Table.parse(
                    "small",
                    """
                    name: small
                    task: {name: segmentation, channels: 8}
                    encoder: {width: 32, depth: 1, heads: 2, patch: 8}
                    image: 16
                    data: {kind: world, images: 12}
                    validation: {kind: world, images: 3, seed: 1}
                    budget: 2 steps
                    batch: 4
                    optimiser: {warmup: 0}
                    search: {rates: [1e-3, 1e-4], decays: [0.1], seeds: 1, held-out: 0.4}
                    threads: 1
                    """);

    @TempDir private Path temporary;

    /// Wants to stop once an evaluation has come so far.
    private static final class Impatient implements RunListener, Stop {

        private final LongPredicate left; // images
        private boolean wanted;

        Impatient(LongPredicate left) {
            this.left = left;
        }

        @Override
        public void progress(String what, long done, long of) {
            wanted |= what.equals("evaluation") && left.test(of - done);
        }

        @Override
        public boolean wanted() {
            return wanted;
        }
    }

    private SearchReport search(Impatient who) throws InterruptedException {
        return Search.of(RECIPE, new Search.Wanted(true, true, 0)).run(folder(), who, who);
    }

    private Path folder() {
        return temporary.resolve("search");
    }

    private SearchReport written() {
        try (RunFolder read = RunFolder.read(folder())) {
            return read.readSearch().orElseThrow();
        }
    }

    @Test
    void askedBetweenTwoRunsItBeginsNoOther() throws InterruptedException {
        SearchReport report = search(new Impatient(left -> left == 0));
        assertThat(report).isEqualTo(written());
        assertThat(report.complete()).isFalse();
        assertThat(report.cells())
                .extracting(SearchReport.Cell::status)
                .containsExactly(Result.Status.FINISHED);
        assertThat(report.message())
                .isEqualTo(
                        "Stopped after cells/rate-0.001-decay-0.1; continue with: isoflop finetune"
                                + " --resume "
                                + folder());
        assertThat(Search.isIn(folder())).isTrue();
        assertThatThrownBy(() -> FineTuning.resume(folder(), RunListener.NONE, Stop.NEVER))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("holds a search");

        SearchReport whole = Search.resume(folder(), RunListener.NONE, Stop.NEVER);
        assertThat(whole.complete()).isTrue();
        assertThat(whole.cells()).hasSize(2).startsWith(report.cells().getFirst());
        assertThat(whole.message()).startsWith("Mean IoU 0.").contains("by mean IoU on the valid");
    }

    @Test
    void askedDuringAnEvaluationItStopsThere() throws InterruptedException {
        SearchReport report = search(new Impatient(left -> left == 2));
        assertThat(report).isEqualTo(written());
        assertThat(report.message()).startsWith("Stopped in cells/rate-0.001-decay-0.1;");
        SearchReport.Cell cell = report.cells().getFirst();
        assertThat(cell.status()).isEqualTo(Result.Status.INTERRUPTED);
        assertThat(cell.score()).isNull();

        SearchReport whole = Search.resume(folder(), RunListener.NONE, Stop.NEVER);
        assertThat(whole.complete()).isTrue();
        assertThat(whole.median()).isNotNull();
    }

    @Test
    void aCellThatDivergedIsNamedAndCannotBeChosen() throws InterruptedException {
        Table recipe = RECIPE.with("search.rates", "[1e-3, 1e30]");
        SearchReport report =
                Search.of(recipe, new Search.Wanted(true, true, 0))
                        .run(folder(), RunListener.NONE, Stop.NEVER);
        assertThat(report.divergedCells()).extracting(SearchReport.Cell::rate).containsOnly(1e30);
        assertThat(report.message())
                .contains("at rate 0.001 and weight decay 0.1, the best of 2")
                .contains("; 1 of them diverged: rate 1.0E30 with weight decay 0.1.");
    }

    @Test
    void whereEveryCellDivergedThereIsNoFigure() throws InterruptedException {
        Table recipe = RECIPE.with("search.rates", "[1e29, 1e30]");
        SearchReport report =
                Search.of(recipe, new Search.Wanted(true, true, 0))
                        .run(folder(), RunListener.NONE, Stop.NEVER);
        assertThat(report.complete()).isTrue();
        assertThat(report.median()).isNull();
        assertThat(report.message()).isEqualTo("No figure: 2 of 2 cells diverged; see cells.");
    }

    @Test
    void whereEverySeedDivergedThereIsNoFigure() throws InterruptedException {
        Table recipe = RECIPE.with("optimiser.base-rate", "1e30");
        SearchReport report =
                Search.of(recipe, new Search.Wanted(false, true, 2))
                        .run(folder(), RunListener.NONE, Stop.NEVER);
        assertThat(report.median()).isNull();
        assertThat(report.message())
                .isEqualTo(
                        "No figure: 2 diverged of 2 seeds at the recipe's own rate and weight"
                                + " decay; see seeds.");
    }

    @Test
    void aSearchDoesNotGoOnOverOtherData() throws Exception {
        var _ = search(new Impatient(left -> left == 0)); // after the first cell
        Path recipe = folder().resolve("recipe.yaml");
        String more = Files.readString(recipe).replace("images: 12", "images: 16");
        Files.writeString(recipe, more);
        assertThatThrownBy(() -> Search.resume(folder(), RunListener.NONE, Stop.NEVER))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "the training data are not those that "
                                + folder().resolve("cells/rate-0.001-decay-0.1")
                                + " was begun on: 12 images then, 16 now; put them back as they"
                                + " were (world, seed 0), or start a new search");
        assertThat(folder().resolve("cells/rate-1.0E-4-decay-0.1")).doesNotExist();
    }

    @Test
    void aSearchDoesNotGoOnWithAnotherEncoder() throws Exception {
        var _ = FineTuning.of(RECIPE).run(temporary.resolve("a"), RunListener.NONE, Stop.NEVER);
        Table other = RECIPE.with("seed", "9");
        var _ = FineTuning.of(other).run(temporary.resolve("b"), RunListener.NONE, Stop.NEVER);
        Path encoder = temporary.resolve("encoder.safetensors");
        String kept = "checkpoints/step-2/encoder.safetensors";
        Files.copy(temporary.resolve("a").resolve(kept), encoder);
        Impatient who = new Impatient(left -> left == 0);
        var _ =
                Search.of(RECIPE.with("from", encoder.toString()), new Search.Wanted(true, true, 0))
                        .run(folder(), who, who);
        Files.delete(encoder);
        Files.copy(temporary.resolve("b").resolve(kept), encoder);
        assertThatThrownBy(() -> Search.resume(folder(), RunListener.NONE, Stop.NEVER))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(
                        "the encoder of %s is not the one that %s began with: its SHA-256 is "
                                .formatted(encoder, folder()));
    }
}
