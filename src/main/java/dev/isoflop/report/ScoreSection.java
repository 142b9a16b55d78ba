package dev.isoflop.report;

import dev.isoflop.run.Origin;
import dev.isoflop.run.Score;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// What a fine-tuned network is worth, on the bill and on the page.
final class ScoreSection {

    private ScoreSection() {}

    /// The bill's lines: what it is worth, and, apart from all else, what its encoder had cost.
    static List<RunBill.Line> lines(@Nullable Score score, @Nullable Origin origin) {
        List<RunBill.Line> lines = new ArrayList<>();
        if (score != null) {
            String how = score.data() + "; " + score.protocol();
            lines.add(
                    new RunBill.Line(
                            "Mean IoU",
                            Amount.percent(score.meanIoU()),
                            "",
                            how,
                            Amount.whole(score.images())
                                    + " images, "
                                    + score.classes().stream().filter(c -> c.iou() != null).count()
                                    + " of "
                                    + score.classes().size()
                                    + " classes; mean of their accuracies "
                                    + Amount.percent(score.meanAccuracy())));
            lines.add(
                    new RunBill.Line(
                            "Pixel accuracy",
                            Amount.percent(score.pixelAccuracy()),
                            "",
                            "of labelled pixels; likewise",
                            "judging took "
                                    + Amount.time(score.seconds())
                                    + ", no part of the training time, nor its FLOPs of those"
                                    + " spent"));
        }
        if (origin != null) {
            lines.add(pretraining(origin));
        }
        return lines;
    }

    private static RunBill.Line pretraining(Origin origin) {
        BigInteger flops = origin.flops();
        Double seconds = origin.seconds();
        if (origin.from().equals(Origin.SCRATCH)) {
            return new RunBill.Line(
                    "Pre-training", "none", "", "the encoder began with random weights", "");
        }
        String method = origin.method() == null ? "" : " by " + origin.method();
        String data = origin.data() == null ? "" : " on " + origin.data();
        String how = "of the encoder of " + origin.from() + method + data;
        return flops == null
                ? new RunBill.Line("Pre-training", "unknown", "", how, "")
                : new RunBill.Line(
                        "Pre-training",
                        Amount.size(flops),
                        "FLOP",
                        how + "; matmul, total; no part of the FLOPs spent here",
                        "exactly "
                                + flops
                                + (seconds == null ? "" : ", in " + Amount.time(seconds)));
    }

    /// The page's section: each class, the best first; empty without a score.
    static String html(@Nullable Score score) {
        if (score == null) {
            return "";
        }
        String rows =
                score.classes().stream()
                        .sorted(Comparator.comparingDouble(ScoreSection::iou).reversed())
                        .map(c ->
                                Html.row(
                                        c.name(),
                                        share(c.iou()),
                                        share(c.accuracy()),
                                        Amount.whole(c.pixels())))
                        .collect(Collectors.joining());
        String warnings =
                score.warnings().stream()
                        .map(warning -> "<p class=\"hint\">" + Html.escape(warning) + ".</p>\n")
                        .collect(Collectors.joining());
        return Html.section(
                "What it is worth",
                """
                <p>Mean IoU <b>%s</b>, pixel accuracy %s, on %s images of %s. Judged by: %s. Figures of another protocol do not compare.</p>
                %s<details><summary>Each class</summary>%s</details>
                """
                        .formatted(
                                Amount.percent(score.meanIoU()),
                                Amount.percent(score.pixelAccuracy()),
                                Amount.whole(score.images()),
                                Html.escape(score.data()),
                                Html.escape(score.protocol()),
                                warnings,
                                Html.table(List.of("Class", "IoU", "Accuracy", "Pixels"), rows)));
    }

    private static double iou(Score.ClassScore c) {
        Double iou = c.iou();
        return iou == null ? -1 : iou;
    }

    private static String share(@Nullable Double share) {
        return share == null ? "none" : Amount.percent(share);
    }
}
