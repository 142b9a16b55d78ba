package dev.isoflop.run;

import dev.isoflop.run.Score.Metric;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// The metrics of a score from before tasks other than segmentation were thought of, when each had
/// a key of its own.
final class OldScore {

    private OldScore() {}

    static Metric meanIoU(@Nullable Double value) {
        return new Metric(
                "mean IoU", orNone(value), "mean over classes of intersection over union");
    }

    static List<Metric> others(@Nullable Double meanAccuracy, @Nullable Double pixelAccuracy) {
        return List.of(
                new Metric(
                        "mean accuracy",
                        orNone(meanAccuracy),
                        "mean over classes of the share of their pixels that are found"),
                new Metric(
                        "pixel accuracy",
                        orNone(pixelAccuracy),
                        "share of labelled pixels that are right"));
    }

    private static double orNone(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }
}
