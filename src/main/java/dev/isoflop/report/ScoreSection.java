package dev.isoflop.report;

import dev.isoflop.run.Baseline;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Score;
import dev.isoflop.run.Score.ClassScore;
import dev.isoflop.run.Score.Metric;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a fine-tuned network is worth, on the bill and on the page.
final class ScoreSection {

    private ScoreSection() {}

    /// The bill's lines: what it is worth, and, apart from all else, what its encoder had cost.
    static List<RunBill.Line> lines(@Nullable Score score, @Nullable Origin origin) {
        List<RunBill.Line> lines = new ArrayList<>();
        if (score != null) {
            lines.addAll(worth(score));
        }
        if (origin != null) {
            lines.add(pretraining(origin));
        }
        return lines;
    }

    private static List<RunBill.Line> worth(Score score) {
        List<RunBill.Line> lines = new ArrayList<>();
        String time =
                "the evaluation took "
                        + Amount.time(score.seconds())
                        + ", no part of the training time, nor its FLOPs of those spent";
        lines.add(
                line(
                        score.main(),
                        score.data() + "; " + score.protocol(),
                        images(score) + (score.others().isEmpty() ? "; " + time : "")));
        Standing.of(score).ifPresent(standing -> lines.addAll(against(standing)));
        int left = score.others().size();
        for (Metric other : score.others()) {
            left--;
            lines.add(line(other, other.meaning() + "; likewise", left == 0 ? time : ""));
        }
        return lines;
    }

    /// What the main metric is held against.
    private static List<RunBill.Line> against(Standing standing) {
        List<RunBill.Line> lines = new ArrayList<>();
        Baseline baseline = standing.baseline();
        String objection = standing.objection().map(words -> "; the score is " + words).orElse("");
        boolean alone = baseline.untrained().isEmpty();
        if (!alone) {
            lines.add(
                    new RunBill.Line(
                            "From scratch",
                            standing.others(),
                            "",
                            "the same network by the same recipe, begun with random weights"
                                    + objection,
                            ""));
        }
        lines.add(
                new RunBill.Line(
                        "Chance",
                        Amount.percent(baseline.chance()),
                        "",
                        baseline.guess() + (alone ? objection : ""),
                        ""));
        return lines;
    }

    private static RunBill.Line line(Metric metric, String how, String exactly) {
        return new RunBill.Line(metric.title(), Amount.percent(metric.value()), "", how, exactly);
    }

    private static String images(Score score) {
        String images = Amount.whole(score.images()) + " images";
        List<String> metrics = score.classMetrics();
        if (metrics.isEmpty()) {
            return images;
        }
        long known =
                score.classes().stream()
                        .filter(c -> c.values().containsKey(metrics.getFirst()))
                        .count();
        return images + ", " + known + " of " + score.classes().size() + " classes";
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
        Optional<Standing> standing = Standing.of(score);
        String warnings =
                score.warnings().stream().map(ScoreSection::hint).collect(Collectors.joining());
        String others =
                score.others().stream()
                        .map(m -> ", " + Html.escape(m.name()) + " " + Amount.percent(m.value()))
                        .collect(Collectors.joining());
        return """
        <section>
        <h2>What it is worth</h2>
        <p>%s <b>%s</b>%s%s, on %s images of %s. Judged by: %s. Figures of another protocol do not compare.</p>
        %s%s%s</section>
        """
                .formatted(
                        Html.escape(score.main().title()),
                        Amount.percent(score.main().value()),
                        standing.map(it -> " (" + Html.escape(it.text()) + ")").orElse(""),
                        others,
                        Amount.whole(score.images()),
                        Html.escape(score.data()),
                        Html.escape(score.protocol()),
                        standing.flatMap(Standing::objection).map(ScoreSection::hint).orElse(""),
                        warnings,
                        score.classes().isEmpty() ? "" : classes(score));
    }

    private static String hint(String sentence) {
        return "<p class=\"hint\">" + Html.escape(Score.title(sentence)) + ".</p>\n";
    }

    private static String classes(Score score) {
        List<String> metrics = score.classMetrics();
        String heads =
                Stream.concat(metrics.stream(), Stream.of(score.counted()))
                        .map(name ->
                                "<th scope=\"col\">" + Html.escape(Score.title(name)) + "</th>")
                        .collect(Collectors.joining());
        String rows =
                score.classes().stream()
                        .sorted(
                                Comparator.comparingDouble((ClassScore c) -> first(c, metrics))
                                        .reversed())
                        .map(c -> row(c, metrics))
                        .collect(Collectors.joining());
        return """
        <details><summary>Each class</summary><div class="wide"><table>
        <thead><tr><th scope="col">Class</th>%s</tr></thead>
        <tbody>
        %s</tbody>
        </table></div></details>
        """
                .formatted(heads, rows);
    }

    private static String row(ClassScore c, List<String> metrics) {
        String cells =
                metrics.stream()
                        .map(metric -> "<td>" + share(c.values().get(metric)) + "</td>")
                        .collect(Collectors.joining());
        return """
        <tr><th scope="row">%s</th>%s<td>%s</td></tr>
        """
                .formatted(Html.escape(c.name()), cells, Amount.whole(c.count()));
    }

    private static double first(ClassScore c, List<String> metrics) {
        return metrics.isEmpty() ? -1 : c.values().getOrDefault(metrics.getFirst(), -1.0);
    }

    private static String share(@Nullable Double share) {
        return share == null ? "none" : Amount.percent(share);
    }
}
