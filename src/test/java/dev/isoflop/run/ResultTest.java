package dev.isoflop.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;

final class ResultTest {

    @Test
    void figuresComeFromTheMeasurements() {
        List<Measurement> steps =
                IntStream.rangeClosed(1, 40).mapToObj(i -> MadeUpRun.step(i, i)).toList();
        Result result = result(steps);
        assertThat(result.steps()).isEqualTo(40);
        assertThat(result.images()).isEqualTo(40 * 64);
        assertThat(result.flops()).isEqualTo(steps.getLast().flops());
        assertThat(result.spent().convention()).isEqualTo("matmul");
        assertThat(result.spent().scope()).isEqualTo("total");
        assertThat(result.pace().trainingSeconds()).isCloseTo(10, within(1e-9));
        assertThat(result.pace().waitSeconds()).isCloseTo(0.08, within(1e-9));
        assertThat(result.pace().imagesPerSecond()).isEqualTo(256);
        assertThat(result.pace().shareOfPeak()).isEqualTo(0.8);
        assertThat(result.course().firstLoss()).isEqualTo(1.5); // of 1 and 2
        assertThat(result.course().lastLoss()).isEqualTo(39.5); // of 39 and 40
    }

    @Test
    void oneStepIsItsOwnFirstAndLast() {
        Result result = result(List.of(MadeUpRun.step(1, 0.5)));
        assertThat(result.course().firstLoss()).isEqualTo(0.5);
        assertThat(result.course().lastLoss()).isEqualTo(0.5);
    }

    @Test
    void aRunWithoutAStepHasNoMedians() {
        Result result = result(List.of());
        assertThat(result.steps()).isZero();
        assertThat(result.flops()).isEqualTo(BigInteger.ZERO);
        assertThat(result.pace().imagesPerSecond()).isNull();
        assertThat(result.pace().shareOfPeak()).isNull();
        assertThat(result.course().firstLoss()).isNull();
        assertThat(result.course().lastLoss()).isNull();
    }

    @Test
    void aLossThatBrokeDownShows() {
        Result result = result(List.of(MadeUpRun.step(1, 0.5), MadeUpRun.step(2, Double.NaN)));
        assertThat(result.course().lastLoss()).isNaN();
    }

    @Test
    void theSpreadThatWasMeasuredLastIsKept() {
        Result result = result(MadeUpRun.steps(8)); // measured at steps 1 and 5
        assertThat(result.embeddings().spread())
                .isEqualTo(MadeUpRun.step(5, 1).spread())
                .isNotNull();
        assertThat(result.embeddings().effectiveRank()).isEqualTo(12.5);
        assertThat(result(List.of()).embeddings().spread()).isNull();
    }

    private static Result result(List<Measurement> steps) {
        return Result.of(Result.Status.FINISHED, steps, Result.Broken.NONE, null, "");
    }
}
