package dev.isoflop.report;

import dev.isoflop.run.Measurement;
import dev.isoflop.run.OnlineProbe;
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
        Part train = probe.data().train();
        line(text, "learns from", train == null ? "no image" : part(train));
        line(text, "judged on", part(probe.data().validation()));
        line(text, "left out", leftOut(probe.data().leftOut()));
        line(
                text,
                "encoder",
                "%s, %s, %s, SHA-256 %s"
                        .formatted(
                                place(probe.encoder()),
                                probe.encoder().view(),
                                probe.encoder().precision(),
                                probe.encoder().sha256()));
        line(text, "features", features(probe.features()));
        line(text, "executed", executed(probe));
        line(text, "best", classes(probe.fared().best()));
        line(text, "worst", classes(probe.fared().worst()));
        line(text, "confused", confusions(probe));
        return text.toString();
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

    /// The figure with its name: `top-1 accuracy 41.2%, top-5 70.3%, of 200 classes`.
    private static String verdict(Probe probe) {
        Double five = probe.outcome().topFive();
        return "%s %s%s, of %s classes"
                .formatted(
                        probe.outcome().metric(),
                        Amount.percent(probe.outcome().value()),
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
    static String html(List<Measurement> measurements, @Nullable ProbeReport report) {
        String online = online(measurements);
        String later =
                report == null
                        ? ""
                        : report.probes().stream()
                                .map(ProbeSection::html)
                                .collect(Collectors.joining());
        if (online.isEmpty() && later.isEmpty()) {
            return "";
        }
        return Html.section("What its encoder is worth, frozen", later + online);
    }

    private static String html(Probe probe) {
        Part train = probe.data().train();
        String rows =
                row("how", probe.outcome().how())
                        + row("tried", trials(probe.outcome().trials()))
                        + row("learns from", train == null ? "no image" : part(train))
                        + row("judged on", part(probe.data().validation()))
                        + row("left out", leftOut(probe.data().leftOut()))
                        + row("checkpoint", place(probe.encoder()))
                        + row("shown", probe.encoder().view() + ", " + probe.encoder().precision())
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

    /// One line a probe that ran beside the training.
    private static String online(List<Measurement> measurements) {
        var rows = new StringBuilder();
        for (Measurement step : measurements) {
            OnlineProbe probe = step.probe();
            if (probe != null) {
                rows.append(
                        Html.row(
                                Amount.whole(step.step()),
                                Amount.percent(step.share()),
                                Amount.percent(probe.value()),
                                Html.figures(how(probe))));
            }
        }
        if (rows.isEmpty()) {
            return "";
        }
        List<String> heads = List.of("Step", "Budget spent", "Reached", "How it was counted");
        return "<h3>While it was trained</h3>\n" + Html.table(heads, rows.toString()) + "\n";
    }

    /// How the figure of an online probe came about.
    static String how(OnlineProbe probe) {
        Double joules = probe.joules();
        return "%s of weighted k-NN, k = %s, %s images of %s judged by %s of %s, %s classes; %s FLOP in %s%s, no part of the budget"
                .formatted(
                        probe.metric(),
                        Amount.whole(probe.neighbours()),
                        Amount.whole(probe.validationImages()),
                        probe.validation(),
                        Amount.whole(probe.trainImages()),
                        probe.train(),
                        Amount.whole(probe.classes()),
                        Amount.size(probe.flops()),
                        Amount.time(probe.seconds()),
                        joules == null ? "" : " and " + Amount.real(joules) + " J");
    }
}
