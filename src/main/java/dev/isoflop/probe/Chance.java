package dev.isoflop.probe;

import dev.isoflop.run.Baseline;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// What the best guess reaches that sees no image, and knows only how common each class is among
/// the images learned from.
///
/// It says the same of every image and is judged as a probe is: accuracy is the share of the
/// commonest class, and the average precision of each class the share of images that show it. Of
/// classes that are equally common it takes the one that most of the images judged show: what a
/// probe must be better than is not to be easy.
final class Chance {

    private Chance() {}

    /// Chance as a baseline, without what an untrained encoder reaches.
    ///
    /// @param learned what the images learned from show
    /// @param validation what the images judged show
    /// @param multiLabel whether images may show several classes
    /// @param counted the classes that count for the mean of average precisions
    /// @param names of the classes
    static Baseline of(
            GroundTruth learned,
            GroundTruth validation,
            boolean multiLabel,
            BitSet counted,
            List<String> names) {
        double[] common = new double[learned.classes()];
        learned.labels().forEach(row -> row.forEach(label -> common[label]++));
        double few = 0.5 / (validation.rows() + 1); // all of it is less than one image learned from
        validation.labels().forEach(row -> common[row.getFirst()] += few);
        double[][] guess = new double[validation.rows()][];
        Arrays.fill(guess, common);
        double value = ClassificationMetrics.of(guess, validation, multiLabel, counted).value();
        return new Baseline(
                value,
                multiLabel
                        ? "the same of every image"
                        : "always \"%s\", the commonest class".formatted(names.get(most(common))),
                List.of());
    }

    /// Chance of one who learned from no image and knows only the names.
    ///
    /// @param validation what the images judged show
    /// @param multiLabel whether images may show several classes
    /// @param counted the classes that count for the mean of average precisions
    static Baseline amongNames(GroundTruth validation, boolean multiLabel, BitSet counted) {
        int classes = validation.classes();
        double[][] guess = new double[validation.rows()][classes];
        return multiLabel
                ? new Baseline(
                        ClassificationMetrics.of(guess, validation, true, counted).value(),
                        "the same of every image",
                        List.of())
                : new Baseline(
                        1.0 / classes,
                        "any of the %,d classes at random".formatted(classes),
                        List.of());
    }

    private static int most(double[] numbers) {
        int most = 0;
        for (int i = 1; i < numbers.length; i++) {
            most = numbers[i] > numbers[most] ? i : most;
        }
        return most;
    }
}
