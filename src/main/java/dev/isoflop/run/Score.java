package dev.isoflop.run;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/// What a fine-tuned network is worth on data that it did not learn from.
///
/// Every figure belongs to its protocol: figures of different ones cannot be compared.
///
/// @param task "segmentation"
/// @param protocol how it was judged, in a sentence
/// @param data that it was judged on
/// @param images of them
/// @param meanIoU mean over classes of intersection over union, 0 to 1, pixels of all images
///   together; classes that are neither there nor claimed are left out. NaN where there is none
/// @param meanAccuracy mean over classes of the share of their pixels that were found, 0 to 1
/// @param pixelAccuracy share of labelled pixels that are right, 0 to 1
/// @param seconds that judging took; no part of the training time
/// @param classes each class's own figures
/// @param warnings what to know before the figures are used; none mostly
public record Score(
        String task,
        String protocol,
        String data,
        long images,
        double meanIoU,
        double meanAccuracy,
        double pixelAccuracy,
        double seconds,
        List<ClassScore> classes,
        List<String> warnings) {

    public Score {
        Objects.requireNonNull(protocol, "protocol");
        classes = List.copyOf(classes);
        warnings = List.copyOf(warnings);
    }

    /// The figures of one class.
    ///
    /// @param name of the class
    /// @param iou intersection over union, 0 to 1; null for a class that is neither there nor
    ///   claimed
    /// @param accuracy share of its pixels that were found, 0 to 1; null for one that is not there
    /// @param pixels that are of it
    public record ClassScore(
            String name, @Nullable Double iou, @Nullable Double accuracy, long pixels) {}
}
