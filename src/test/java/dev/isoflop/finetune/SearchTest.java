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
}
