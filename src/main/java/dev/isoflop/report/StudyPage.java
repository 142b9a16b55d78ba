package dev.isoflop.report;

import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.Plan;
import dev.isoflop.carbon.Footprint;
import dev.isoflop.files.Json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The price of a study as one HTML file: sums, a chart, and a table that sorts by any column and
/// shows the runs of one figure.
///
/// Everything is inside, as [PageShell] says; without script the table is still there.
public final class StudyPage {

    private final PricedStudy study;
    private final String title;
    private final boolean costs;

    private StudyPage(PricedStudy study, String title) {
        this.study = study;
        this.title = title;
        this.costs = study.runs().stream().anyMatch(run -> run.cost().isPresent());
    }

    /// The page.
    ///
    /// @param title above it: the study's folder or file
    public static String html(PricedStudy study, String title) {
        return new StudyPage(study, title).html();
    }

    private String html() {
        String content = header() + keyFigures() + chart() + remarks() + table() + origins();
        return new PageShell(title, List.of("page.css", "study.css"), "study.js", "runs")
                .around(content, json());
    }

    private String header() {
        return """
        <header>
        <p class="kicker">isoflop &middot; the price of a study, before it is run</p>
        <h1>%s</h1>
        <ul class="subject"><li>%,d runs</li>%s</ul>
        </header>
        """
                .formatted(
                        Html.escape(title),
                        study.runs().size(),
                        study.conditions().isEmpty()
                                ? ""
                                : "<li>" + Html.escape(study.conditions()) + "</li>");
    }

    private String keyFigures() {
        PricedStudy.Sum sum = study.total();
        var figures = new StringBuilder("<dl class=\"key\">\n");
        figures.append(
                key("FLOPs", Amount.size(sum.flops()), "FLOP", "matmul, total over all devices"));
        sum.hours().ifPresent(e -> figures.append(key("Hours", e, "one run after the other")));
        sum.energy().ifPresent(e -> figures.append(key("Energy", e, "the building's included")));
        sum.carbon().ifPresent(e -> figures.append(key("CO2e", e, "of that energy")));
        sum.embodied().ifPresent(e -> figures.append(key("Embodied", e, "of making the devices")));
        sum.money().ifPresent(e -> figures.append(key("Money", e, "at the recipes' price")));
        return figures.append("</dl>\n").toString();
    }

    private static String key(String label, Estimate estimate, String how) {
        String band =
                estimate.isUncertain()
                        ? Estimate.plain(estimate.low())
                                + " to "
                                + Estimate.plain(estimate.high())
                                + "; "
                        : "";
        return key(label, Estimate.plain(estimate.value()), estimate.unit(), band + how);
    }

    private static String key(String label, String value, String unit, String how) {
        return Html.keyFigure(label, value, unit, Html.figures(how));
    }

    private String chart() {
        String axes =
                costs
                        ? """
                        <button type="button" data-by="co2" aria-pressed="true">kg CO2e</button>\
                        <button type="button" data-by="hours" aria-pressed="false">hours</button>\
                        <button type="button" data-by="total" aria-pressed="false">FLOPs</button>\
                        <button type="button" data-by="device" aria-pressed="false">FLOPs a device</button>
                        """
                        : """
                        <button type="button" data-by="total" aria-pressed="true">FLOPs</button>\
                        <button type="button" data-by="device" aria-pressed="false">FLOPs a device</button>
                        """;
        String figures =
                study.figures().stream()
                        .map(name ->
                                "<button type=\"button\" data-figure=\"%s\""
                                                .formatted(Html.escape(name))
                                        + " aria-pressed=\"false\">"
                                        + Html.escape(name)
                                        + "</button>")
                        .collect(Collectors.joining());
        return """
        <section>
        <h2>What each method costs</h2>
        %s<figure>
        <div class="by" role="group" aria-label="horizontal axis">
        %s</div>
        <div class="chart tall" data-chart="runs" role="img" aria-label="Every run by method and cost"></div>
        <figcaption>Each dot is a run, on a logarithmic axis; filled: the smaller encoders, hollow: ViT-L and larger.</figcaption>
        </figure>
        </section>
        """
                .formatted(
                        figures.isEmpty()
                                ? ""
                                : "<div class=\"by\" role=\"group\" aria-label=\"figure\"><button"
                                        + " type=\"button\" data-figure=\"\""
                                        + " aria-pressed=\"true\">all runs</button>"
                                        + figures
                                        + "</div>\n",
                        axes);
    }

    private String table() {
        List<String> names = new ArrayList<>(List.of("run", "method", "encoder", "batch", "steps"));
        names.addAll(List.of("FLOP a step", "FLOP total", "FLOP a device"));
        if (costs) {
            names.addAll(List.of("hours", "kWh", "kg CO2e"));
        }
        names.add("shown in");
        String head =
                names.stream()
                        .map(n ->
                                "<th scope=\"col\"><button type=\"button\">" + n + "</button></th>")
                        .collect(Collectors.joining());
        String rows = study.runs().stream().map(this::row).collect(Collectors.joining());
        return """
        <section>
        <h2>Every run</h2>
        <p class="hint" id="shown">%,d runs. A click on a heading sorts.</p>
        <div class="wide"><table class="runs">
        <thead><tr>%s</tr></thead>
        <tbody>
        %s</tbody>
        </table></div>
        </section>
        """
                .formatted(study.runs().size(), head, rows);
    }

    private String row(PricedRun run) {
        Plan plan = run.plan();
        var cells = new StringBuilder("<tr>");
        cells.append("<th scope=\"row\">").append(Html.escape(run.name())).append("</th>");
        cells.append("<td>").append(Html.escape(run.method())).append("</td>");
        cells.append("<td>").append(Html.escape(run.encoder())).append("</td>");
        cells.append(number(plan.batch(), Amount.whole(plan.batch())));
        cells.append(number(plan.steps(), Amount.whole(plan.steps())));
        cells.append(number(plan.flopsPerStep(), Amount.size(plan.flopsPerStep())));
        cells.append(number(plan.flops(), Amount.size(plan.flops())));
        cells.append(number(plan.flopsPerDevice(), Amount.size(plan.flopsPerDevice())));
        if (costs) {
            cells.append(estimate(run.cost().map(Footprint::hours)));
            cells.append(estimate(run.cost().flatMap(Footprint::energy)));
            cells.append(estimate(run.cost().flatMap(Footprint::carbon)));
        }
        String figures = Html.escape(String.join(", ", run.figures()));
        return cells.append("<td>").append(figures).append("</td></tr>\n").toString();
    }

    private static String number(Object exact, String shown) {
        return "<td class=\"n\" data-value=\"%s\">%s</td>".formatted(exact, Html.figures(shown));
    }

    private static String estimate(Optional<Estimate> estimate) {
        return estimate.map(e ->
                        "<td class=\"n\" data-value=\"%s\" title=\"%s\">%s</td>"
                                .formatted(
                                        e.value(),
                                        Html.escape(e.readable()),
                                        Html.figures(Estimate.plain(e.value()))))
                .orElse("<td></td>");
    }

    private String remarks() {
        List<BesidePaper.Remark> remarks = BesidePaper.of(study);
        if (remarks.isEmpty()) {
            return "";
        }
        String each =
                remarks.stream()
                        .map(r ->
                                "<h3>%s</h3><p class=\"remark\">%s</p>\n"
                                        .formatted(Html.escape(r.about()), Html.figures(r.text())))
                        .collect(Collectors.joining());
        return Html.section(
                "Beside the paper",
                "<p>What Koppula et al. 2022 say of these runs, and does not add up, or follows"
                        + " only by inference.</p>\n"
                        + each);
    }

    private String origins() {
        Optional<PricedRun> first =
                study.runs().stream().filter(run -> run.cost().isPresent()).findFirst();
        String derivation =
                first.map(run ->
                                """
                                <details><summary>How the figures of %s come about</summary><pre>%s</pre></details>
                                """
                                        .formatted(
                                                Html.escape(run.name()),
                                                Html.escape(
                                                        run.cost().orElseThrow().explain()
                                                                + "\n\n"
                                                                + run.plan()
                                                                        .derivation()
                                                                        .explain())))
                        .orElse("");
        return """
        <section>
        <h2>How to read the figures</h2>
        <p><b>FLOPs</b>, convention <em>matmul</em>: matrix products, convolutions and attention, forward and backward, a
        multiplication and its addition being two, nothing recomputed. <em>Total</em> is over all devices that share a step,
        <em>a device</em> the share of one.</p>
        <p><b>Hours</b> come from steps that were timed on the device, by a power law, or else from a share of its peak; <b>energy</b>
        is power times hours times the building&rsquo;s overhead, <b>CO2e</b> that energy times what the grid emits. Each is an estimate
        with a band: the table shows it when the pointer rests on a figure.</p>
        %s</section>
        """
                .formatted(derivation);
    }

    private String json() {
        List<Map<String, Object>> runs = study.runs().stream().map(StudyPage::point).toList();
        return Json.script(runs);
    }

    private static Map<String, Object> point(PricedRun run) {
        Map<String, Object> point = new LinkedHashMap<>();
        point.put("name", run.name());
        point.put("method", run.method());
        point.put("encoder", run.encoder());
        point.put("large", run.encoder().matches("ViT-[LHg].*"));
        point.put("figures", run.figures());
        point.put("total", run.plan().flops().doubleValue());
        point.put("device", run.plan().flopsPerDevice().doubleValue());
        put(point, "hours", run, cost -> Optional.of(cost.hours()));
        put(point, "kwh", run, Footprint::energy);
        put(point, "co2", run, Footprint::carbon);
        return point;
    }

    private static void put(
            Map<String, Object> point,
            String key,
            PricedRun run,
            Function<Footprint, Optional<Estimate>> what) {
        run.cost()
                .flatMap(what)
                .ifPresent(e -> {
                    point.put(key, e.value());
                    point.put(key + "Text", String.format(Locale.ROOT, "%s", e.readable()));
                });
    }
}
