package dev.isoflop.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Precision;
import dev.isoflop.vit.VitShape;

import org.junit.jupiter.api.Test;

import java.time.LocalDate;
import java.util.List;

/// Which share of a masked autoencoder its decoder is.
class DecoderSharesTest {

    @Test
    void theSharesOfTheStudysSizesAreThoseOfWhatWeCount() {
        DecoderShares shares =
                new DecoderShares(
                        new TimingConditions("none", 1, 1, 0, "", LocalDate.EPOCH),
                        VitShape.of("B/16", 224),
                        1,
                        Precision.F32,
                        DecoderShares.PERCENT.stream()
                                .map(percent -> new DecoderShares.Row(percent, rounds()))
                                .toList());
        assertThat(shares.text())
                .containsSubsequence("0.55", "40.8%", "about 45%", "0.65", "47.0%", "0.75", "54.9%")
                .containsSubsequence("about 65%", "0.85", "66.7%", "0.75", "14.6%", "21.8%")
                .containsSubsequence("faster", "90.0%", "100.0%", "72% or 95%");
    }

    /// The ratio of each round is taken first, then the median: 1 - 1/4, 1 - 2/4, 1 - 30/40.
    @Test
    void aLoadThatChangesBetweenRoundsLeavesTheSharesAlone() {
        DecoderShares.Row row = new DecoderShares.Row(75, rounds());
        assertThat(row.share(8, DecoderShares.Pass::seconds)).isEqualTo(0.75);
        assertThat(row.share(1, DecoderShares.Pass::seconds)).isEqualTo(0.5);
        assertThat(row.faster(DecoderShares.Pass::seconds)).isEqualTo(1);
        assertThat(row.share(8, DecoderShares.Pass::processor)).isEqualTo(0.5);
    }

    private static List<DecoderShares.Round> rounds() {
        return List.of(round(4, 1, 2), round(4, 2, 2), round(40, 10, 20));
    }

    private static DecoderShares.Round round(double deep, double encoder, double tiny) {
        return new DecoderShares.Round(
                new DecoderShares.Pass(deep, 2),
                new DecoderShares.Pass(encoder, 1),
                new DecoderShares.Pass(tiny, 1));
    }
}
