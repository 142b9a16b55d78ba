package dev.isoflop.probe;

import dev.isoflop.fault.Check;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// What predictions are worth: accuracy where a row shows one class, mean average precision where
/// it may show several.
///
/// @param metric in words: "top-1 accuracy" or "mean average precision"
/// @param value of the metric, 0 to 1
/// @param topFive share of rows whose class is among the five highest; of accuracy, and of more
///   than five classes only
/// @param classes each class that was counted, in the order of their numbers
/// @param confusions how often one class was predicted for another, the most frequent first; of
///   accuracy only
record ClassificationMetrics(
        String metric,
        double value,
        OptionalDouble topFive,
        List<ClassScore> classes,
        List<Confusion> confusions) {

    static final String ACCURACY = "top-1 accuracy";
    static final String MEAN_AVERAGE_PRECISION = "mean average precision";

    private static final int FEW = 5;

    ClassificationMetrics {
        classes = List.copyOf(classes);
        confusions = List.copyOf(confusions);
    }

    /// How one class fared.
    ///
    /// @param label the class
    /// @param value share of its rows that were right, or its average precision
    /// @param rows that show it
    record ClassScore(int label, double value, int rows) {}

    /// Rows of one class for which another was predicted.
    record Confusion(int truth, int predicted, int rows) {}

    /// Accuracy, or mean average precision where rows show several classes.
    ///
    /// @param scores of each row for each class, `rows x classes`
    /// @param multiLabel whether rows may show several classes
    /// @param counted the classes that count for the mean of average precisions
    static ClassificationMetrics of(
            double[][] scores, GroundTruth truth, boolean multiLabel, BitSet counted) {
        return multiLabel ? meanAveragePrecision(scores, truth, counted) : accuracy(scores, truth);
    }

    /// How often the highest score is that of the row's main class. Among equal scores the class of
    /// the lowest number comes first.
    ///
    /// @param scores of each row for each class, `rows x classes`
    static ClassificationMetrics accuracy(double[][] scores, GroundTruth truth) {
        requireRows(scores, truth);
        int[] rows = new int[truth.classes()];
        int[] right = new int[truth.classes()];
        int amongFive = 0;
        Map<Integer, Integer> wrong = new TreeMap<>(); // by truth x classes + predicted
        for (int row = 0; row < scores.length; row++) {
            int label = truth.main(row);
            int before = before(scores[row], label);
            rows[label]++;
            right[label] += before == 0 ? 1 : 0;
            amongFive += before < FEW ? 1 : 0;
            if (before > 0) {
                int predicted = highest(scores[row]);
                wrong.merge(label * truth.classes() + predicted, 1, Integer::sum);
            }
        }
        double all = scores.length;
        return new ClassificationMetrics(
                ACCURACY,
                IntStream.of(right).sum() / all,
                truth.classes() > FEW ? OptionalDouble.of(amongFive / all) : OptionalDouble.empty(),
                IntStream.range(0, rows.length)
                        .filter(label -> rows[label] > 0)
                        .mapToObj(c -> new ClassScore(c, (double) right[c] / rows[c], rows[c]))
                        .toList(),
                confusions(wrong, truth.classes()));
    }

    /// The mean of the classes' average precisions, each class counting the same.
    ///
    /// @param scores of each row for each class, `rows x classes`
    /// @param counted the classes that count, of those that some row shows
    static ClassificationMetrics meanAveragePrecision(
            double[][] scores, GroundTruth truth, BitSet counted) {
        requireRows(scores, truth);
        BitSet shown = truth.seen();
        shown.and(counted);
        Check.that(!shown.isEmpty(), "counted has no class that a row shows");
        List<ClassScore> classes = new ArrayList<>();
        shown.stream()
                .forEach(label -> {
                    boolean[] shows = truth.shows(label);
                    double[] column = new double[scores.length];
                    int rows = 0;
                    for (int row = 0; row < column.length; row++) {
                        column[row] = scores[row][label];
                        rows += shows[row] ? 1 : 0;
                    }
                    classes.add(new ClassScore(label, AveragePrecision.of(column, shows), rows));
                });
        double mean = classes.stream().mapToDouble(ClassScore::value).average().orElseThrow();
        return new ClassificationMetrics(
                MEAN_AVERAGE_PRECISION, mean, OptionalDouble.empty(), classes, List.of());
    }

    private static void requireRows(double[][] scores, GroundTruth truth) {
        Check.that(
                scores.length == truth.rows() && scores.length > 0,
                "scores has %s rows where %s have labels",
                scores.length,
                truth.rows());
    }

    /// Classes that come before this one in the order of the scores.
    private static int before(double[] scores, int label) {
        int before = 0;
        for (int other = 0; other < scores.length; other++) {
            boolean equal = scores[other] == scores[label];
            if (scores[other] > scores[label] || (equal && other < label)) {
                before++;
            }
        }
        return before;
    }

    private static int highest(double[] scores) {
        int highest = 0;
        for (int label = 1; label < scores.length; label++) {
            if (scores[label] > scores[highest]) {
                highest = label;
            }
        }
        return highest;
    }

    private static List<Confusion> confusions(Map<Integer, Integer> wrong, int classes) {
        return wrong.entrySet().stream()
                .map(e -> new Confusion(e.getKey() / classes, e.getKey() % classes, e.getValue()))
                .sorted(Comparator.comparingInt(Confusion::rows).reversed())
                .toList();
    }
}
