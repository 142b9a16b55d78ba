package dev.isoflop.task;

import dev.isoflop.data.MaskLabels;
import dev.isoflop.fault.InputException;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Evaluates a segmentation by its protocol: mean intersection over union, and the shares of pixels
/// that are right.
final class SegmentationEvaluation implements Evaluation {

    private final Segmentation task;
    private final Segmentation.Config config;
    private final Evaluation.Data on;
    private final EvaluationImages images;

    /// @param task that is evaluated
    /// @param config its settings, with its number of classes and its protocol
    /// @param on data with masks
    SegmentationEvaluation(Segmentation task, Segmentation.Config config, Evaluation.Data on) {
        this.task = task;
        this.config = config;
        this.on = on;
        images =
                new EvaluationImages(
                        on.images(),
                        MaskLabels.of(on.images()),
                        config.protocol(),
                        task.encoder().shape().patch(),
                        on.workers(),
                        on.brokenShare());
    }

    @Override
    public Optional<Evaluated> run(Device device, RunListener to, Stop stop) {
        MeanIoU all = new MeanIoU(config.classes());
        List<SegmentationFigure.Mark> marks = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        int total = on.images().size();
        long start = System.nanoTime();
        boolean complete =
                images.visit(
                        example -> {
                            byte[] prediction = predict(example, device);
                            all.add(prediction, example.truth());
                            marks.add(mark(example, prediction));
                            to.progress("evaluation", marks.size(), total);
                            return !stop.wanted();
                        },
                        broken::add);
        if (!complete && marks.size() < total) {
            return Optional.empty();
        }
        if (marks.isEmpty()) {
            throw new InputException(
                    "none of the %,d images of %s to judge on can be read; the first: %s"
                            .formatted(total, on.images().name(), broken.getFirst()));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        MeanIoU.Figures figures = all.figures();
        LearnedClasses learned = LearnedClasses.of(on.learned());
        Score score =
                new SegmentationScore(config, images.labels().names(), on, learned.name())
                        .of(
                                figures,
                                marks.size(),
                                seconds,
                                learned.without(figures.neverFound(), to, stop),
                                broken);
        score.warnings().forEach(warning -> to.said("warning: " + warning));
        return Optional.of(
                new Evaluated(
                        score,
                        () ->
                                SegmentationFigure.of(
                                        marks,
                                        images,
                                        on.name(),
                                        example -> predict(example, device))));
    }

    private SegmentationFigure.Mark mark(EvaluationImages.Example example, byte[] prediction) {
        MeanIoU own = new MeanIoU(config.classes());
        own.add(prediction, example.truth());
        return new SegmentationFigure.Mark(
                example.number(), example.name(), own.figures().meanIoU());
    }

    /// The class of every pixel that has a label, as the network sees it.
    private byte[] predict(EvaluationImages.Example example, Device device) {
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            Tensor pixels = example.pixels().to(device, Engine.parameterType(on.precision()));
            Tensor scores =
                    config.protocol() instanceof Protocol.Sliding sliding
                            ? SlidingWindow.scores(
                                    pixels, sliding, config.classes(), x -> scores(x, device))
                            : scores(pixels, device); // [1, K, H, W]
            Tensor shown =
                    scores.narrow(2, 0, example.shownHeight())
                            .narrow(3, 0, example.shownWidth()); // [1, K, h, w]
            boolean fits =
                    example.shownHeight() == example.height()
                            && example.shownWidth() == example.width();
            Tensor sized = fits ? shown : Ops.bilinear(shown, example.height(), example.width());
            Tensor best = sized.argmax(new LongOptional(1), false); // [1, h, w]
            return bytes(best);
        }
    }

    private Tensor scores(Tensor pixels, Device device) {
        try (Engine.Autocast _ = Engine.autocast(device, on.precision())) {
            return task.predict(pixels);
        }
    }

    private static byte[] bytes(Tensor classes) {
        Tensor flat = classes.to(new Device("cpu"), ScalarType.Byte).contiguous();
        MemorySegment memory =
                MemorySegment.ofAddress(flat.data_ptr().address()).reinterpret(flat.numel());
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }
}
