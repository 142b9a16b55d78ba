package dev.isoflop.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.List;

/// Accuracy and average precision of scores.
class ClassificationMetricsTest {

    private static final double CLOSE = 1e-12;

    @Test
    void averagePrecisionIsTheMeanOfThePrecisionsWhereAPositiveIsFound() {
        double[] scores = {0.9, 0.8, 0.7, 0.6, 0.5};
        boolean[] relevant = {true, false, true, false, true};
        double byHand = (1 + 2.0 / 3 + 3.0 / 5) / 3;
        assertThat(AveragePrecision.of(scores, relevant)).isCloseTo(byHand, within(CLOSE));
    }

    @Test
    void rowsOfEqualScoreEnterTogether() {
        double[] scores = {1, 1, 1, 0};
        boolean[] relevant = {true, false, false, true};
        double byHand = 0.5 * (1.0 / 3) + 0.5 * (2.0 / 4);
        assertThat(AveragePrecision.of(scores, relevant)).isCloseTo(byHand, within(CLOSE));
        double[] blind = {0, 0, 0, 0};
        assertThat(AveragePrecision.of(blind, relevant)).as("the share").isEqualTo(0.5);
    }

    @Test
    void aClassThatNoRowShowsHasNoAveragePrecision() {
        assertThatThrownBy(() -> AveragePrecision.of(new double[] {1}, new boolean[] {false}))
                .hasMessageContaining("has no average precision");
    }

    @Test
    void severalLabelsAreEvaluatedByTheMeanOverClasses() {
        double[][] scores = {{0.9, 0.1, 0.3}, {0.2, 0.8, 0.1}, {0.7, 0.6, 0.2}};
        GroundTruth truth = new GroundTruth(List.of(List.of(0, 1), List.of(1), List.of(1)), 3);
        ClassificationMetrics metrics = ClassificationMetrics.of(scores, truth, true, truth.seen());
        double first = 1; // the only row that shows it is the highest
        double second = (1 + 1 + 1) / 3.0 - (1 - 1); // order: row 1, row 2, row 0, all positive
        assertThat(metrics.value()).isCloseTo((first + second) / 2, within(CLOSE));
        assertThat(metrics.metric()).isEqualTo("mean average precision");
        assertThat(metrics.classes())
                .extracting(ClassificationMetrics.ClassScore::label)
                .containsExactly(0, 1);
        double[][] worse = {{0.1, 0.1, 0.3}, {0.2, 0.8, 0.1}, {0.7, 0.6, 0.2}};
        ClassificationMetrics last = ClassificationMetrics.of(worse, truth, true, truth.seen());
        assertThat(last.value()).isCloseTo((1.0 / 3 + 1) / 2, within(CLOSE));
    }

    @Test
    void classesThatDoNotCountAreOutOfTheMean() {
        double[][] scores = {{0.1, 0.9}, {0.2, 0.8}};
        GroundTruth truth = new GroundTruth(List.of(List.of(0, 1), List.of(1)), 2);
        var counted = truth.seen();
        counted.clear(0);
        assertThat(ClassificationMetrics.of(scores, truth, true, counted).value()).isEqualTo(1);
    }

    @Test
    void accuracyCountsTheHighestAndTheFiveHighest() {
        double[][] scores = {
            {9, 1, 2, 3, 4, 5, 0}, // right
            {9, 1, 2, 3, 4, 5, 0}, // class 2 comes fifth
            {9, 1, 2, 3, 4, 5, 0}, // class 6 comes last
            {9, 1, 2, 3, 4, 5, 0} // class 6 again
        };
        GroundTruth truth =
                new GroundTruth(List.of(List.of(0), List.of(2), List.of(6), List.of(6)), 7);
        ClassificationMetrics metrics =
                ClassificationMetrics.of(scores, truth, false, truth.seen());
        assertThat(metrics.metric()).isEqualTo("top-1 accuracy");
        assertThat(metrics.value()).isEqualTo(0.25);
        assertThat(metrics.topFive()).hasValue(0.5);
        assertThat(metrics.classes())
                .containsExactly(
                        new ClassificationMetrics.ClassScore(0, 1, 1),
                        new ClassificationMetrics.ClassScore(2, 0, 1),
                        new ClassificationMetrics.ClassScore(6, 0, 2));
        assertThat(metrics.confusions())
                .containsExactly(
                        new ClassificationMetrics.Confusion(6, 0, 2),
                        new ClassificationMetrics.Confusion(2, 0, 1));
    }

    @Test
    void amongEqualScoresOnlyOneClassComesFirst() {
        double[][] blind = {{0, 0}, {0, 0}};
        GroundTruth truth = new GroundTruth(List.of(List.of(0), List.of(1)), 2);
        ClassificationMetrics metrics = ClassificationMetrics.accuracy(blind, truth);
        assertThat(metrics.value()).as("chance, not certainty").isEqualTo(0.5);
        assertThat(metrics.topFive()).as("of two classes").isEmpty();
    }
}
