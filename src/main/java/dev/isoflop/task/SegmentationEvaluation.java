package dev.isoflop.task;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.ImageGrid;
import dev.isoflop.image.MaskOverlay;
import dev.isoflop.image.Raster;
import dev.isoflop.report.Figure;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.Score.ClassScore;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Judges a segmentation by its protocol, and shows the best, the worst and the median image.
///
/// Forward passes of judging are no part of any bill.
public final class SegmentationEvaluation implements Evaluation {

    private final Segmentation task;
    private final EvaluationImages images;
    private final int classes;
    private final Precision precision;
    private final double holdOut;

    /// @param task that is evaluated
    /// @param images on which, and by which protocol
    /// @param classes that the task tells apart, K
    /// @param precision of matrix products
    /// @param holdOut share of the training data that these images are; 0 for data of their own
    public SegmentationEvaluation(
            Segmentation task,
            EvaluationImages images,
            int classes,
            Precision precision,
            double holdOut) {
        this.task = task;
        this.images = images;
        this.classes = classes;
        this.precision = precision;
        this.holdOut = holdOut;
    }

    /// An image and how it went.
    private record Mark(long number, String name, double meanIoU) {}

    @Override
    public Optional<Evaluated> run(Device device, RunListener to, Stop stop) {
        MeanIoU all = new MeanIoU(classes);
        List<Mark> marks = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        long start = System.nanoTime();
        boolean complete =
                images.ask(
                        question -> {
                            byte[] claims = answer(question, device);
                            all.add(claims, question.truth());
                            MeanIoU own = new MeanIoU(classes);
                            own.add(claims, question.truth());
                            double mean = own.figures().meanIoU();
                            marks.add(new Mark(question.number(), question.name(), mean));
                            to.progress("evaluation", marks.size(), images.data().size());
                            return !stop.wanted();
                        },
                        broken::add);
        if (!complete && marks.size() < images.data().size()) {
            return Optional.empty();
        }
        if (marks.isEmpty()) {
            throw new InputException(
                    "none of the %,d images of %s to judge on can be read; the first: %s"
                            .formatted(
                                    images.data().size(), images.data().name(), broken.getFirst()));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Score score = score(all.figures(), marks.size(), seconds, broken);
        score.warnings().forEach(warning -> to.said("warning: " + warning));
        return Optional.of(new Evaluated(score, figures(marks, device)));
    }

    /// The class of every pixel that has a label, as the network sees it.
    private byte[] answer(EvaluationImages.Question question, Device device) {
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            Tensor pixels = question.pixels().to(device, Engine.parameterType(precision));
            Tensor scores =
                    images.protocol() instanceof Protocol.Sliding sliding
                            ? slid(pixels, sliding, device)
                            : judged(pixels, device); // [1, K, H, W]
            Tensor shown =
                    scores.narrow(2, 0, question.shownHeight())
                            .narrow(3, 0, question.shownWidth()); // [1, K, h, w]
            boolean fits =
                    question.shownHeight() == question.height()
                            && question.shownWidth() == question.width();
            Tensor sized = fits ? shown : Ops.bilinear(shown, question.height(), question.width());
            Tensor best = sized.argmax(new LongOptional(1), false); // [1, h, w]
            return bytes(best);
        }
    }

    private Tensor judged(Tensor pixels, Device device) {
        try (Engine.Autocast _ = Engine.autocast(device, precision)) {
            return task.judged(pixels);
        }
    }

    /// Scores averaged over squares that overlap.
    ///
    /// @param pixels `[1, 3, H, W]`
    /// @return `[1, K, H', W']`, at least as large as a square
    private Tensor slid(Tensor pixels, Protocol.Sliding sliding, Device device) {
        int side = sliding.side();
        int height = Math.max(side, Math.toIntExact(pixels.size(2)));
        int width = Math.max(side, Math.toIntExact(pixels.size(3)));
        long[] room = {0, width - pixels.size(3), 0, height - pixels.size(2)};
        Tensor padded = torch.constant_pad_nd(pixels, room); // [1, 3, H', W']
        long[] shape = {1, classes, height, width};
        Tensor sum = torch.zeros(shape, Ops.like(pixels)); // [1, K, H', W']
        Tensor times = torch.zeros(new long[] {1, 1, height, width}, Ops.like(pixels));
        for (int top : sliding.starts(height)) {
            for (int left : sliding.starts(width)) {
                try (PointerScope _ = new PointerScope()) { // a square's tensors are large
                    Tensor square = square(padded, top, left, side).contiguous(); // [1, 3, S, S]
                    square(sum, top, left, side).add_(judged(square, device));
                    square(times, top, left, side).add_(new Scalar(1));
                }
            }
        }
        return sum.div(times);
    }

    private static Tensor square(Tensor map, long top, long left, long side) {
        return map.narrow(2, top, side).narrow(3, left, side);
    }

    private static byte[] bytes(Tensor classes) {
        Tensor flat = classes.to(new Device("cpu"), ScalarType.Byte).contiguous();
        MemorySegment memory =
                MemorySegment.ofAddress(flat.data_ptr().address()).reinterpret(flat.numel());
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    private Score score(MeanIoU.Figures figures, int read, double seconds, List<String> broken) {
        MaskLabels labels = images.labels();
        List<ClassScore> classes = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        for (int k = 0; k < figures.classes().size(); k++) {
            MeanIoU.Counts counts = figures.classes().get(k);
            String name = k < labels.names().size() ? labels.names().get(k) : "class " + k;
            Double iou = orNone(counts.iou());
            classes.add(new ClassScore(name, iou, orNone(counts.accuracy()), counts.truth()));
            if (counts.truth() == 0) {
                absent.add(name);
            }
        }
        return new Score(
                "segmentation",
                images.protocol().describe(),
                judgedOn(),
                read,
                figures.meanIoU(),
                figures.meanAccuracy(),
                figures.pixelAccuracy(),
                seconds,
                classes,
                warnings(absent, broken));
    }

    private String judgedOn() {
        return holdOut > 0
                ? String.format(Locale.ROOT, "%s, %s of it held out", images.data().name(), holdOut)
                : images.data().name();
    }

    private List<String> warnings(List<String> absent, List<String> broken) {
        List<String> warnings = new ArrayList<>();
        if (!absent.isEmpty()) {
            warnings.add(
                    "%,d of %,d classes never occur in %s, so that nothing is known of them: %s"
                            .formatted(
                                    absent.size(), classes, images.data().name(), first(absent)));
        }
        if (!broken.isEmpty()) {
            warnings.add(
                    "%,d images could not be read and are not judged: %s"
                            .formatted(broken.size(), first(broken)));
        }
        return warnings;
    }

    private static String first(List<String> names) {
        int shown = Math.min(5, names.size());
        String more = shown < names.size() ? " and others" : "";
        return String.join(", ", names.subList(0, shown)) + more;
    }

    private static @Nullable Double orNone(double value) {
        return Double.isNaN(value) ? null : value;
    }

    /// The best, the median and the worst image, each with its truth and what was said.
    private List<Figure> figures(List<Mark> marks, Device device) {
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
            images.again(
                    mark.number,
                    question -> {
                        byte[] claims = answer(question, device);
                        rows.add(
                                List.of(
                                        MaskOverlay.square(question.picture()),
                                        MaskOverlay.square(
                                                MaskOverlay.of(
                                                        question.picture(), question.truth())),
                                        MaskOverlay.square(
                                                MaskOverlay.of(question.picture(), claims))));
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
                        judgedOn(),
                        images.protocol().describe());
        return List.of(new Figure("Image, truth, prediction", caption, ImageGrid.png(rows)));
    }
}
