package dev.isoflop.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.run.SearchReport.Cell;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A median of seeds says of how many it is.
class SeedRangeTest {

    private static final SearchReport.Wanted WANTED =
            new SearchReport.Wanted(true, "val", 0.1, List.of(1e-4), List.of(0.1), 5);

    /// A seed that came to an end with a score, or that diverged.
    private static Cell seed(long number, String came) {
        boolean diverged = came.equals("diverged");
        double value = diverged ? 0.9 : Double.parseDouble(came); // of a run that collapsed
        return new Cell(
                "seeds/seed-" + number,
                1e-4,
                0.1,
                number,
                diverged ? Result.Status.UNSTABLE : Result.Status.FINISHED,
                new Score.Metric("mean IoU", value, "mean over classes"),
                "centre crop of 512",
                "made up",
                BigInteger.TEN,
                "");
    }

    private static SearchReport report(String... seeds) {
        List<Cell> cells = new ArrayList<>();
        Arrays.stream(seeds).forEach(came -> cells.add(seed(cells.size(), came)));
        return SearchReport.begun(WANTED).with(List.of(), null, cells, true, "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0.3 0.1 0.5 0.2 0.4           | 0.3000 (median of 5 seeds)
                    0.3 0.1 diverged 0.2 diverged | 0.2000* (median of 3 of 5 seeds; 2 diverged)
                    0.3 diverged NaN 0.2 0.1      | 0.2000* (median of 3 of 5 seeds; 1 diverged, 1 without a score)
                    diverged diverged diverged diverged 0.4 | 0.4000* (median of 1 of 5 seeds; 4 diverged)
                    diverged diverged diverged diverged diverged | no figure: 5 diverged of 5 seeds
                    NaN NaN NaN NaN NaN           | no figure: 5 without a score of 5 seeds
                    """)
    void theFigureSaysOfHowManySeedsItIs(String seeds, String figure) {
        assertThat(report(seeds.split(" ")).figure()).isEqualTo(figure);
    }

    @Test
    void theFileCarriesHowManyFinishedAndHowManyDiverged() {
        SeedRange range = report("0.3", "diverged", "0.2", "diverged", "NaN").range();
        assertThat(range.median()).isEqualTo(0.25);
        assertThat(range.finished()).isEqualTo(2);
        assertThat(range.diverged()).isEqualTo(2);
    }

    @Test
    void whileSeedsAreLeftThereIsNoMedian() {
        SearchReport report =
                SearchReport.begun(WANTED)
                        .with(List.of(), null, List.of(seed(0, "0.3")), false, "under way");
        assertThat(report.median()).isNull();
        assertThat(report.range().finished()).isEqualTo(1);
    }
}
