package dev.isoflop.task;

import dev.isoflop.image.ImageGrid;
import dev.isoflop.image.MaskOverlay;
import dev.isoflop.image.Raster;
import dev.isoflop.report.Figure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// The best, the median and the worst image of an evaluation, each with its truth and what is
/// predicted.
final class SegmentationFigure {

    private SegmentationFigure() {}

    /// An image and how it went.
    ///
    /// @param number with which it can be had again
    /// @param meanIoU of the image's own classes, 0 to 1; NaN where nothing is labelled
    record Mark(int number, String name, double meanIoU) {}

    /// Draws them; nothing where no image has a figure.
    ///
    /// @param marks of all images
    /// @param data what they are images of, in words
    /// @param predict the class of every pixel of an example
    static List<Figure> of(
            List<Mark> marks,
            EvaluationImages images,
            String data,
            Function<EvaluationImages.Example, byte[]> predict) {
        List<Mark> ranked =
                marks.stream()
                        .filter(mark -> !Double.isNaN(mark.meanIoU))
                        .sorted(Comparator.comparingDouble(Mark::meanIoU).reversed())
                        .toList();
        if (ranked.isEmpty()) {
            return List.of();
        }
        List<Mark> chosen =
                List.of(ranked.getFirst(), ranked.get(ranked.size() / 2), ranked.getLast());
        List<List<Raster>> rows = new ArrayList<>();
        for (Mark mark : chosen) {
            images.visit(
                    mark.number,
                    example -> {
                        byte[] prediction = predict.apply(example);
                        Raster picture = example.picture();
                        rows.add(
                                List.of(
                                        MaskOverlay.square(picture),
                                        overlay(picture, example.truth()),
                                        overlay(picture, prediction)));
                        return true;
                    });
        }
        String caption =
                String.format(
                        Locale.ROOT,
                        "Rows: the best, the median and the worst image of %,d, by the mean IoU of"
                            + " the image's own classes (%.3f, %.3f, %.3f): %s, %s, %s. Columns:"
                            + " the image, the truth, what the network says; dark is unlabelled."
                            + " %s; %s.",
                        marks.size(),
                        chosen.get(0).meanIoU,
                        chosen.get(1).meanIoU,
                        chosen.get(2).meanIoU,
                        chosen.get(0).name,
                        chosen.get(1).name,
                        chosen.get(2).name,
                        data,
                        images.protocol().describe());
        return List.of(new Figure("Image, truth, prediction", caption, ImageGrid.png(rows)));
    }

    private static Raster overlay(Raster picture, byte[] labels) {
        return MaskOverlay.square(MaskOverlay.of(picture, labels));
    }
}
