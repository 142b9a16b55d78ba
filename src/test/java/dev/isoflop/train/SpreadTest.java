package dev.isoflop.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// When embeddings count as collapsed, and when not.
class SpreadTest {

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void directionsThatAreSpreadEvenlyDeviateByOneAndUseEveryDimension() {
        Spread few = spread(64, 8, random -> gaussian(random, 8));
        assertThat(few.deviation()).isCloseTo(1, within(0.05));
        assertThat(few.effectiveRank()).isBetween(7.0, 8.0);
        assertThat(few.collapsed()).isFalse();
        Spread many = spread(64, 512, random -> gaussian(random, 512));
        assertThat(many.deviation()).isCloseTo(1, within(0.05));
        assertThat(many.effectiveRank()).as("64 images use 63 dimensions").isBetween(60.0, 63.0);
    }

    @Test
    void imagesThatAllLookTheSameHaveCollapsed() {
        double[] same = gaussian(new Random(2), 32);
        Spread spread = spread(16, 32, _ -> same);
        assertThat(spread.deviation()).isCloseTo(0, within(1e-9));
        assertThat(spread.collapsed()).isTrue();
    }

    @Test
    void almostTheSameIsCollapsedThoughItsNoiseHasEveryDimension() {
        double[] same = gaussian(new Random(2), 32);
        Spread spread = spread(64, 32, random -> sum(same, gaussian(random, 32), 1e-3));
        assertThat(spread.effectiveRank()).isGreaterThan(20);
        assertThat(spread.deviation()).isLessThan(Spread.LEAST_DEVIATION);
        assertThat(spread.collapsed()).isTrue();
    }

    @Test
    void imagesAlongOneDirectionHaveCollapsedHoweverFarApart() {
        double[] direction = gaussian(new Random(2), 32);
        Spread spread =
                spread(64, 32, random -> sum(new double[32], direction, random.nextGaussian()));
        assertThat(spread.effectiveRank()).isCloseTo(1, within(1e-3));
        assertThat(spread.deviation()).isGreaterThan(0.5);
        assertThat(spread.collapsed()).isTrue();
    }

    @Test
    void theLengthOfAnEmbeddingSaysNothing() {
        Spread once = spread(16, 8, random -> gaussian(random, 8));
        Spread scaled = spread(16, 8, random -> sum(new double[8], gaussian(random, 8), 1e6));
        assertThat(scaled.deviation()).isCloseTo(once.deviation(), within(1e-6));
        assertThat(scaled.effectiveRank()).isCloseTo(once.effectiveRank(), within(1e-6));
    }

    @Test
    void zerosHaveCollapsed() {
        assertThat(spread(4, 8, _ -> new double[8])).isEqualTo(new Spread(0, 1));
        assertThat(new Spread(0, 1).collapsed()).isTrue();
    }

    @Test
    void tooFewImagesAndNumbersThatAreNoneHaveNoSpread() {
        assertThat(measured(3, 8, random -> gaussian(random, 8))).isEmpty();
        assertThat(measured(8, 8, _ -> new double[] {1, 2, 3, 4, 5, 6, 7, Double.NaN})).isEmpty();
        assertThat(new Spread(Double.NaN, 3).collapsed()).isTrue();
    }

    @Test
    void onlyTheFirstImagesAreLookedAt() {
        Tensor tensor = Ops.tensor(gaussian(new Random(3), 6 * 4), 6, 4).to(ScalarType.BFloat16);
        assertThat(Spread.rows(tensor, 2)).hasSize(2);
        assertThat(Spread.rows(tensor, 9)).hasSize(6);
        assertThat(Spread.rows(tensor, 0)).isEmpty();
        assertThat(Spread.rows(tensor, 6))
                .allSatisfy(row ->
                        assertThat(Arrays.stream(row).map(x -> x * x).sum())
                                .isCloseTo(1, within(1e-9)));
    }

    private static Spread spread(int n, int d, Row row) {
        return measured(n, d, row).orElseThrow();
    }

    /// Makes the embedding of an image.
    private interface Row {
        double[] of(Random random);
    }

    private static Optional<Spread> measured(int n, int d, Row row) {
        Random random = new Random(1);
        double[] all = new double[n * d];
        for (int i = 0; i < n; i++) {
            System.arraycopy(row.of(random), 0, all, i * d, d);
        }
        List<double[]> rows = Spread.rows(Ops.tensor(all, n, d), n);
        return Spread.of(rows);
    }

    private static double[] gaussian(Random random, int d) {
        return random.doubles(d, 0, 1).map(_ -> random.nextGaussian()).toArray();
    }

    private static double[] sum(double[] base, double[] other, double scale) {
        double[] sum = base.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += scale * other[i];
        }
        return sum;
    }
}
