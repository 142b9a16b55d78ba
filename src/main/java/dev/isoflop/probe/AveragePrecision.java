package dev.isoflop.probe;

import dev.isoflop.fault.Check;

import java.util.Comparator;
import java.util.stream.IntStream;

/// How well scores put what belongs to a class before what does not: the area under the steps of
/// the precision-recall curve, without interpolation.
///
/// `sum over thresholds of (recall - recall before) x precision`, rows of equal score entering
/// together, as in scikit-learn's `average_precision_score`.
final class AveragePrecision {

    private AveragePrecision() {}

    /// The average precision of one class.
    ///
    /// @param scores of each row
    /// @param relevant whether the row shows the class; at least one does
    /// @return above 0, at most 1
    static double of(double[] scores, boolean[] relevant) {
        Check.that(
                scores.length == relevant.length,
                "scores has %s rows where %s have labels",
                scores.length,
                relevant.length);
        int[] order =
                IntStream.range(0, scores.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(row -> -scores[row]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        int positives = 0;
        int found = 0; // of the positives before this threshold
        double sum = 0;
        for (int i = 0; i < order.length; i++) {
            positives += relevant[order[i]] ? 1 : 0;
            boolean last = i == order.length - 1 || scores[order[i]] != scores[order[i + 1]];
            if (last) {
                sum += (positives - found) * ((double) positives / (i + 1));
                found = positives;
            }
        }
        Check.that(positives > 0, "relevant has no row of this class; it has no average precision");
        return sum / positives;
    }
}
