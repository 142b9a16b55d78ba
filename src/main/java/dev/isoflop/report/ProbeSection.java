package dev.isoflop.report;

import dev.isoflop.run.Baseline;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.ProbeReport.ClassScore;
import dev.isoflop.run.ProbeReport.Part;
import dev.isoflop.run.ProbeReport.Probe;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What probes say of an encoder, as lines of text and as the part of a page.
public final class ProbeSection {

    private ProbeSection() {}

    /// The probes as lines for a terminal.
    public static String text(List<Probe> probes) {
        return probes.stream().map(ProbeSection::text).collect(Collectors.joining());
    }

    private static String text(Probe probe) {
        var text = new StringBuilder();
        text.append("%s: %s%n".formatted(probe.protocol(), verdict(probe)));
        line(text, "how", probe.outcome().how());
        line(text, "tried", trials(probe.outcome().trials()));
        line(text, "chance", chance(probe));
        line(text, "untrained", untrained(probe));
        Part train = probe.data().train();
        line(text, "learns from", train == null ? "no image" : part(train));
        line(text, "judged on", part(probe.data().validation()));
        line(text, "left out", leftOut(probe.data().leftOut()));
        line(text, "not judged", unjudged(probe));
        line(
                text,
                "encoder",
                "%s, %s, %s%s, SHA-256 %s"
                        .formatted(
                                place(probe.encoder()),
                                probe.encoder().view(),
                                feature(probe.encoder()),
                                probe.encoder().precision(),
                                probe.encoder().sha256()));
        line(text, "features", features(probe.features()));
        line(text, "executed", executed(probe));
        line(text, "best", classes(probe.fared().best()));
        line(text, "worst", classes(probe.fared().worst()));
        line(text, "confused", confusions(probe));
        return text.toString();
    }

    private static String feature(ProbeReport.Encoder encoder) {
        String read = encoder.feature();
        return read == null ? "" : read + ", ";
    }

    /// The checkpoint of a run, or the file.
    private static String place(ProbeReport.Encoder encoder) {
        Long step = encoder.step();
        return step == null ? String.valueOf(encoder.file()) : "step " + Amount.whole(step);
    }

    private static void line(StringBuilder text, String label, String value) {
        if (!value.isEmpty()) {
            text.append("  %-12s %s%n".formatted(label, value));
        }
    }

    /// The figure with its name and what it is held against: `top-1 accuracy 41.2% (untrained 3.2%,
    /// chance 0.6%), top-5 70.3%, of 200 classes`.
    private static String verdict(Probe probe) {
        Double five = probe.outcome().topFive();
        return "%s %s%s%s, of %s classes"
                .formatted(
                        probe.outcome().metric(),
                        Amount.percent(probe.outcome().value()),
                        Standing.of(probe.outcome())
                                .map(standing -> " (" + standing.words() + ")")
                                .orElse(""),
                        five == null ? "" : ", top-5 " + Amount.percent(five),
                        Amount.whole(probe.outcome().classes()));
    }

    private static String trials(Map<String, Double> trials) {
        return trials.entrySet().stream()
                .map(trial -> trial.getKey() + " " + Amount.percent(trial.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String part(Part part) {
        return "%s: %s images%s%s"
                .formatted(
                        part.data(),
                        Amount.whole(part.images()),
                        part.withoutLabel() == 0
                                ? ""
                                : "; "
                                        + Amount.whole(part.withoutLabel())
                                        + " without a label passed over",
                        part.broken() == 0
                                ? ""
                                : "; " + Amount.whole(part.broken()) + " broken left out");
    }

    private static String leftOut(List<String> names) {
        return names.isEmpty()
                ? ""
                : "%s classes that no image learned from shows: %s"
                        .formatted(Amount.whole(names.size()), String.join(", ", names));
    }

    private static String unjudged(Probe probe) {
        Integer classes = probe.data().unjudged();
        return classes == null || classes == 0
                ? ""
                : classes == 1
                        ? "1 class that no image judged shows: a possible answer, without a figure"
                                + " of its own"
                        : "%s classes that no image judged shows: possible answers, without a figure of their own"
                                .formatted(Amount.whole(classes));
    }

    /// The guess that sees no image.
    private static String chance(Probe probe) {
        Baseline baseline = probe.outcome().baseline();
        return baseline == null
                ? ""
                : "%s: %s".formatted(Amount.percent(baseline.chance()), baseline.guess());
    }

    /// What the untrained encoders are, what each reached, and what that took.
    private static String untrained(Probe probe) {
        Baseline baseline = probe.outcome().baseline();
        ProbeReport.Untrained untrained = probe.untrained();
        if (baseline == null || untrained == null) {
            return "";
        }
        boolean known = untrained.spent().work().flops().signum() == 0;
        return "%s: %s; %s"
                .formatted(
                        untrained.encoder(),
                        baseline.untrained().stream()
                                .map(Amount::percent)
                                .collect(Collectors.joining(", ")),
                        known
                                ? "known from before"
                                : "features %s; %s FLOP in %s beside them"
                                        .formatted(
                                                features(untrained.features()),
                                                Amount.size(untrained.spent().work().flops()),
                                                Amount.time(untrained.spent().seconds())));
    }

    private static String features(ProbeReport.Features features) {
        if (features.computed() == 0) {
            return "of %s images read again, in %s; nothing was computed"
                    .formatted(Amount.whole(features.reused()), Amount.time(features.seconds()));
        }
        return "of %s images computed%s, in %s: %s FLOP, matmul, forward only"
                .formatted(
                        Amount.whole(features.computed()),
                        features.reused() == 0
                                ? ""
                                : ", of " + Amount.whole(features.reused()) + " read again",
                        Amount.time(features.seconds()),
                        Amount.size(features.work().flops()));
    }

    private static String executed(Probe probe) {
        return "%s FLOP, matmul, beside the features, in %s"
                .formatted(
                        Amount.size(probe.spent().work().flops()),
                        Amount.time(probe.spent().seconds()));
    }

    private static String classes(List<ClassScore> classes) {
        return classes.stream()
                .map(c ->
                        "%s %s of %s"
                                .formatted(
                                        c.name(),
                                        Amount.percent(c.value()),
                                        Amount.whole(c.images())))
                .collect(Collectors.joining(", "));
    }

    private static String confusions(Probe probe) {
        return probe.fared().confusions().stream()
                .map(c -> "%s for %s (%s)".formatted(c.truth(), c.said(), Amount.whole(c.images())))
                .collect(Collectors.joining(", "));
    }

    /// The part of a page; empty where nothing was probed.
    static String html(@Nullable ProbeReport report) {
        if (report == null || report.probes().isEmpty()) {
            return "";
        }
        String all = report.probes().stream().map(ProbeSection::html).collect(Collectors.joining());
        return Html.section("What its encoder is worth, frozen", all);
    }

    private static String html(Probe probe) {
        Part train = probe.data().train();
        String rows =
                row("how", probe.outcome().how())
                        + row("tried", trials(probe.outcome().trials()))
                        + row("chance", chance(probe))
                        + row("untrained", untrained(probe))
                        + row("learns from", train == null ? "no image" : part(train))
                        + row("judged on", part(probe.data().validation()))
                        + row("left out", leftOut(probe.data().leftOut()))
                        + row("not judged", unjudged(probe))
                        + row("checkpoint", place(probe.encoder()))
                        + row(
                                "shown",
                                probe.encoder().view()
                                        + ", "
                                        + feature(probe.encoder())
                                        + probe.encoder().precision())
                        + row("features", features(probe.features()))
                        + row("executed", executed(probe))
                        + row("best classes", classes(probe.fared().best()))
                        + row("worst classes", classes(probe.fared().worst()))
                        + row("taken for another", confusions(probe));
        return """
        <details><summary><b>%s</b>: %s</summary>%s
        <div class="tree">%s</div></details>
        """
                .formatted(
                        Html.escape(probe.protocol()),
                        Html.escape(verdict(probe)),
                        Html.table(rows),
                        RunPage.tree(probe.spent().work(), false));
    }

    private static String row(String label, String value) {
        return value.isEmpty() ? "" : Html.row(label, Html.figures(value));
    }
}
