package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.run.Baseline;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/// What is said of a figure beside what an untrained encoder and chance reach.
class StandingTest {

    private static String words(double value, double chance, Double... untrained) {
        Baseline baseline = new Baseline(chance, "a guess", Arrays.asList(untrained));
        return new Standing(value, baseline, "untrained").words();
    }

    @Test
    void aFigureThatIsBetterStandsBesideBoth() {
        assertThat(words(0.25, 0.129, 0.171)).isEqualTo("untrained 17.1%, chance 12.9%");
    }

    @Test
    void severalSeedsShowTheirMeanAndItsSpread() {
        assertThat(words(0.25, 0.129, 0.163, 0.171, 0.179))
                .isEqualTo("untrained 17.1% +- 0.8 (3 seeds), chance 12.9%");
    }

    @Test
    void oneThatIsNoBetterIsSaidToBeNoBetter() {
        assertThat(words(0.171, 0.129, 0.171))
                .isEqualTo("untrained 17.1%, chance 12.9%: no better than untrained");
        assertThat(words(0.175, 0.129, 0.163, 0.171, 0.179))
                .endsWith(": no better than untrained, within the spread of its seeds");
        assertThat(words(0.1, 0.129, 0.171))
                .endsWith(": no better than untrained, nor than chance");
        assertThat(words(0.129, 0.129)).isEqualTo("chance 12.9%: no better than chance");
        assertThat(new Standing(0.3, new Baseline(0.1, "", List.of()), "untrained").objection())
                .isEmpty();
    }
}
