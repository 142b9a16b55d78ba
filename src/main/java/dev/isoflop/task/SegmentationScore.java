package dev.isoflop.task;

import dev.isoflop.run.Baseline;
import dev.isoflop.run.Score;
import dev.isoflop.run.Score.ClassScore;
import dev.isoflop.run.Score.Metric;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;

/// The score of a segmentation: figures, what they are to be held against, and what to know of
/// them.
///
/// Pure.
///
/// @param config of the task, with its protocol
/// @param names of the classes, by number; fewer than the task has where it was given more
/// @param on what was judged
/// @param learned what was learned from, for people
record SegmentationScore(
        Segmentation.Config config, List<String> names, Evaluation.Data on, String learned) {

    private static final int NAMED = 5; // classes or images in a warning

    /// @param read images that were judged
    /// @param unlearned classes that are judged and are in no mask that was learned from
    /// @param broken images that could not be read, each with the reason
    Score of(
            MeanIoU.Figures figures,
            int read,
            double seconds,
            SortedSet<Integer> unlearned,
            List<String> broken) {
        List<ClassScore> classes = new ArrayList<>();
        for (int k = 0; k < figures.classes().size(); k++) {
            classes.add(classScore(nameOf(k), figures.classes().get(k)));
        }
        return new Score(
                config.name(),
                config.evaluatedBy(),
                on.name(),
                read,
                new Metric(
                        "mean IoU",
                        figures.meanIoU(),
                        "mean over classes of intersection over union"),
                List.of(
                        new Metric(
                                "mean accuracy",
                                figures.meanAccuracy(),
                                "mean over classes of the share of their pixels that are found"),
                        new Metric(
                                "pixel accuracy",
                                figures.pixelAccuracy(),
                                "share of labelled pixels that are right")),
                seconds,
                "pixels",
                classes,
                warnings(figures, unlearned, broken),
                baseline(figures));
    }

    private static ClassScore classScore(String name, MeanIoU.Counts counts) {
        Map<String, Double> values = new LinkedHashMap<>();
        put(values, "IoU", counts.iou());
        put(values, "accuracy", counts.accuracy());
        return new ClassScore(name, values, counts.truth());
    }

    private static void put(Map<String, Double> values, String metric, double value) {
        if (!Double.isNaN(value)) {
            values.put(metric, value);
        }
    }

    /// What is reached without a look at the images; null where no pixel is judged.
    private @Nullable Baseline baseline(MeanIoU.Figures figures) {
        OptionalInt commonest = figures.commonest();
        if (commonest.isEmpty()) {
            return null;
        }
        int k = commonest.getAsInt();
        return new Baseline(
                figures.always(k).meanIoU(),
                "always \"%s\", the commonest class of the judged pixels".formatted(nameOf(k)),
                List.of());
    }

    /// What to know of the figures. By these rules a class counts that only one part has: of one
    /// without a judged pixel nothing is known, and it is no part of the mean, unless it was
    /// predicted, when it counts 0; one that was not learned counts 0.
    private List<String> warnings(
            MeanIoU.Figures figures, SortedSet<Integer> unlearned, List<String> broken) {
        List<String> present = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        List<String> imagined = new ArrayList<>();
        for (int k = 0; k < figures.classes().size(); k++) {
            MeanIoU.Counts counts = figures.classes().get(k);
            (counts.truth() > 0 ? present : absent).add(nameOf(k));
            if (counts.truth() == 0 && counts.predicted() > 0) {
                imagined.add(nameOf(k));
            }
        }
        List<String> warnings = new ArrayList<>();
        String judged = on.images().name();
        if (!absent.isEmpty()) {
            warnings.add(
                    "%,d of %,d classes never occur in %s, so that nothing is known of them: %s"
                            .formatted(absent.size(), config.classes(), judged, first(absent)));
        }
        if (!imagined.isEmpty()) {
            warnings.add(
                    "%,d of these %s predicted all the same, and %s 0 in the mean: %s"
                            .formatted(
                                    imagined.size(),
                                    imagined.size() == 1 ? "was" : "were",
                                    imagined.size() == 1 ? "counts" : "count",
                                    first(imagined)));
        }
        if (!unlearned.isEmpty()) {
            warnings.add(
                    "%,d of the judged classes %s in no mask that was learned from (%s), and %s 0 in the mean: %s"
                            .formatted(
                                    unlearned.size(),
                                    unlearned.size() == 1 ? "is" : "are",
                                    learned,
                                    unlearned.size() == 1 ? "counts" : "count",
                                    first(unlearned.stream().map(this::nameOf).toList())));
        }
        if (present.size() == 1) {
            warnings.add(
                    "all judged pixels are of one class, %s: who always says it is right everywhere"
                            .formatted(present.getFirst()));
        }
        if (!broken.isEmpty()) {
            warnings.add(
                    "%,d images could not be read and are not judged: %s"
                            .formatted(broken.size(), first(broken)));
        }
        return warnings;
    }

    private String nameOf(int k) {
        return k < names.size() ? names.get(k) : "class " + k;
    }

    private static String first(List<String> names) {
        int shown = Math.min(NAMED, names.size());
        String more = shown < names.size() ? " and others" : "";
        return String.join(", ", names.subList(0, shown)) + more;
    }
}
