package dev.isoflop.report;

import dev.isoflop.budget.Work;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunRecord;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A run as one HTML file, for people who would rather look than read.
///
/// Everything is inside, as [PageShell] says, pictures too.
public final class RunPage {

    /// Lines of the bill that stand in its table, and not among the key figures.
    private static final Set<String> BELOW =
            Set.of("Mean power", "Energy at rest", "Embodied CO2e", "Broken images", "Encoder");

    private final RunBill bill;
    private final Curves curves;
    private final Optional<Provenance> provenance;
    private final Optional<Result> result;
    private final String worth;
    private final String probes;
    private final String recipe;
    private final List<Figure> figures;
    private final boolean fineTuned;

    private RunPage(RunRecord run, List<Figure> figures) {
        this.bill = RunBill.of(run);
        this.curves = Curves.of(run.measurements());
        this.worth = ProbeCurve.of(run).html(run.provenance());
        this.probes = ProbeSection.html(run.probe().orElse(null));
        this.provenance = run.provenance();
        this.result = run.result();
        this.recipe = run.folder().readRecipe();
        this.figures = figures;
        this.fineTuned = run.origin().isPresent();
    }

    /// Writes the page of a run, which may still go on.
    ///
    /// @param figures pictures to show, such as [Figure#in] of the run's pictures
    /// @param file the page, replaced if it is there
    /// @throws dev.isoflop.fault.InputException if a file of the folder is damaged
    /// @throws dev.isoflop.fault.RunException if the page cannot be written
    public static void write(RunFolder folder, List<Figure> figures, Path file) {
        write(RunRecord.of(folder), figures, file);
    }

    /// Writes the page of a run whose files were read.
    ///
    /// @throws dev.isoflop.fault.RunException if the page cannot be written
    public static void write(RunRecord run, List<Figure> figures, Path file) {
        String html = new RunPage(run, figures).html();
        DurableFiles.write(file, html.getBytes(StandardCharsets.UTF_8));
    }

    private String html() {
        String content =
                header()
                        + keyFigures()
                        + ScoreSection.html(result.map(Result::score).orElse(null))
                        + worth
                        + charts()
                        + probes
                        + pictures()
                        + costs()
                        + origins()
                        + notes();
        return new PageShell(bill.name(), List.of("page.css"), "page.js", "curves")
                .around(content, curves.json());
    }

    private String header() {
        String subject =
                provenance
                        .map(p ->
                                List.of(
                                        p.subject().method(),
                                        p.subject().encoder(),
                                        p.subject().data()))
                        .orElse(List.of())
                        .stream()
                        .map(part -> "<li>" + Html.escape(part) + "</li>")
                        .collect(Collectors.joining());
        return """
        <header>
        <p class="kicker">isoflop &middot; %s run <span class="status %s">%s</span></p>
        <h1>%s</h1>
        <ul class="subject">%s</ul>
        <p class="verdict">%s</p>
        </header>
        """
                .formatted(
                        fineTuned ? "fine-tuning" : "pre-training",
                        Html.escape(bill.status()),
                        Html.escape(bill.status()),
                        Html.escape(bill.name()),
                        subject,
                        Html.figures(bill.verdict()));
    }

    private String keyFigures() {
        return bill.lines().stream()
                .filter(line -> !BELOW.contains(line.label()))
                .map(line ->
                        Html.keyFigure(
                                line.label(), line.value(), line.unit(), Html.escape(line.how())))
                .collect(Collectors.joining("", "<dl class=\"key\">\n", "</dl>\n"));
    }

    private String charts() {
        if (curves.all().isEmpty()) {
            return "<p class=\"none\">No step has been measured, so there is nothing to draw"
                    + " yet.</p>\n";
        }
        return """
        <section>
        <h2>The loss</h2>
        <figure>
        <div class="by" role="group" aria-label="horizontal axis">
        <button type="button" data-by="flops" aria-pressed="true">FLOPs</button>\
        <button type="button" data-by="images" aria-pressed="false">images</button>\
        <button type="button" data-by="steps" aria-pressed="false">steps</button>
        </div>
        <div class="chart tall" data-chart="loss" role="img" aria-label="Loss over FLOPs spent"></div>
        %s<figcaption>Each step (thin%s), and the mean of the steps around it (bold; %d at most).</figcaption>
        </figure>
        </section>
        <section>
        <h2>The course of training</h2>
        <div class="panels">
        %s%s%s%s%s</div>
        </section>
        """
                .formatted(
                        withoutScript(),
                        curves.stride() > 1 ? "; one in " + curves.stride() + " is drawn" : "",
                        curves.window(),
                        curves.parts().isEmpty()
                                ? ""
                                : panel("parts", "Beside the loss", "as the method names it"),
                        panel("rate", "Learning rate", "that the step was taken with"),
                        panel("gradient", "Gradient norm", "before clipping"),
                        panel("throughput", "Throughput", "images per second, waiting included"),
                        curves.spread()
                                ? panel(
                                                "spread",
                                                "Spread of the embeddings",
                                                "1 is even, 0 a collapse")
                                        + panel("rank", "Effective rank", "dimensions in use")
                                : "");
    }

    private static String panel(String chart, String title, String unit) {
        return """
        <figure>
        <h3>%s <small>%s</small></h3>
        <div class="chart" data-chart="%s" role="img" aria-label="%s"></div>
        </figure>
        """
                .formatted(title, unit, chart, title);
    }

    private String withoutScript() {
        return """
        <noscript><svg class="plain" viewBox="-4 -4 808 308" role="img" aria-label="Loss over steps">\
        <path d="M0 0V300H800"/><polyline points="%s"/></svg></noscript>
        """
                .formatted(curves.polyline(800, 300));
    }

    private String pictures() {
        if (figures.isEmpty()) {
            return "";
        }
        String shown =
                figures.stream()
                        .map(figure ->
                                """
                                <figure><h3>%s</h3><img alt="%s" src="data:image/png;base64,%s"><figcaption>%s</figcaption></figure>
                                """
                                        .formatted(
                                                Html.escape(figure.title()),
                                                Html.escape(figure.title()),
                                                Base64.getEncoder().encodeToString(figure.png()),
                                                Html.escape(figure.caption())))
                        .collect(Collectors.joining());
        return Html.section(
                "What it learned to see", "<div class=\"pictures\">\n" + shown + "</div>\n");
    }

    private String costs() {
        String rows =
                bill.lines().stream()
                        .map(line ->
                                Html.row(
                                        line.label(),
                                        Html.figures(line.amount()),
                                        Html.escape(line.explanation())))
                        .collect(Collectors.joining());
        String derivation = provenance.map(p -> tree(p.planned().derivation(), true)).orElse("");
        return Html.section(
                "The bill",
                """
                %s
                <h3>How the planned FLOPs come about</h3>
                <div class="tree">%s</div>
                <p class="hint">The same in a terminal: <code>%s</code></p>
                %s\
                """
                        .formatted(
                                Html.table(List.of("What", "How much", "How it was counted"), rows),
                                derivation,
                                Html.escape(bill.explain()),
                                carbon()));
    }

    private String carbon() {
        return bill.carbon()
                .map(carbon ->
                        """
                        <h3>How the CO2e comes about</h3>
                        <details><summary>Each factor with its source</summary><pre>%s</pre></details>
                        """
                                .formatted(Html.escape(carbon.explain())))
                .orElse("");
    }

    static String tree(Work derivation, boolean open) {
        String sum =
                """
                <span class="name">%s</span> <span class="sum" title="%s FLOP">%s FLOP</span> <code>%s</code>\
                """
                        .formatted(
                                Html.escape(derivation.name()),
                                derivation.flops(),
                                Html.figures(Amount.size(derivation.flops())),
                                Html.escape(derivation.how()));
        if (derivation.parts().isEmpty()) {
            return "<p>" + sum + "</p>\n";
        }
        String parts =
                derivation.parts().stream()
                        .map(part -> tree(part, false))
                        .collect(Collectors.joining());
        return "<details%s><summary>%s</summary>\n%s</details>\n"
                .formatted(open ? " open" : "", sum, parts);
    }

    private String origins() {
        String facts =
                provenance.map(RunPage::facts).orElse(Map.of()).entrySet().stream()
                        .map(fact -> Html.row(fact.getKey(), Html.escape(fact.getValue())))
                        .collect(Collectors.joining());
        return Html.section(
                "Where it comes from",
                """
                %s%s<details><summary>Machine, versions and seed</summary>%s</details>
                <details><summary>The recipe, with all that was set</summary><pre>%s</pre></details>
                """
                        .formatted(broken(), leftOut(), Html.table(facts), Html.escape(recipe)));
    }

    private static Map<String, String> facts(Provenance p) {
        Provenance.Software software = p.software();
        Provenance.Hardware hardware = p.hardware();
        var facts = new LinkedHashMap<String, String>();
        facts.put("started", p.started().toString());
        facts.put(
                "isoflop",
                software.commit() == null
                        ? software.isoflop()
                        : software.isoflop() + ", commit " + software.commit());
        facts.put("Java", software.jdk());
        facts.put("libtorch", software.libtorch());
        facts.put("system", software.os());
        facts.put(
                "device",
                hardware.device()
                        + (hardware.devices() == 1 ? "" : ", " + hardware.devices() + " of them"));
        facts.put("cores, threads", hardware.cores() + ", " + hardware.threads());
        facts.put("precision", p.precision());
        Provenance.Peak peak = p.peak();
        if (peak != null) {
            facts.put("peak", Amount.rate(peak.flopsPerSecond()) + ", measured: " + peak.how());
        }
        Provenance.Electricity electricity = p.electricity();
        if (electricity != null) {
            electricity.meters().forEach(m -> facts.put("meter " + m.name(), m.how()));
            for (int i = 0; i < electricity.absent().size(); i++) {
                facts.put("no meter, " + (i + 1), electricity.absent().get(i));
            }
        }
        facts.put("seed", String.valueOf(p.seed()));
        facts.put("recipe, SHA-256", p.recipeSha256());
        p.cards()
                .forEach((part, card) ->
                        facts.put(
                                part + " data",
                                "%s, %s images, card %s"
                                        .formatted(
                                                card.kind(),
                                                Amount.whole(card.images()),
                                                card.digest())));
        return facts;
    }

    private String broken() {
        Result.Broken broken = result.map(Result::broken).orElse(Result.Broken.NONE);
        if (broken.count() == 0) {
            return "";
        }
        String items =
                broken.first().stream()
                        .map(image ->
                                "<li><code>%s</code> %s</li>\n"
                                        .formatted(
                                                Html.escape(image.name()),
                                                Html.escape(image.reason())))
                        .collect(Collectors.joining());
        String more = broken.count() > broken.first().size() ? ", of which the first are" : "";
        return """
        <details open><summary>Images that could not be used: %s%s</summary><ul class="broken">
        %s</ul></details>
        """
                .formatted(Amount.whole(broken.count()), more, items);
    }

    private String leftOut() {
        List<Result.LeftOut> all = result.map(Result::leftOut).orElse(List.of());
        if (all.isEmpty()) {
            return "";
        }
        String items =
                all.stream()
                        .map(left ->
                                "<li>%s: %s (<code>%s</code>%s)</li>\n"
                                        .formatted(
                                                Html.escape(left.reason()),
                                                Amount.whole(left.count()),
                                                Html.escape(String.join("; ", left.first())),
                                                left.count() > left.first().size()
                                                        ? " and others"
                                                        : ""))
                        .collect(Collectors.joining());
        return """
        <details open><summary>Found with the data and no part of them</summary><ul class="broken">
        %s</ul></details>
        """
                .formatted(items);
    }

    private String notes() {
        return """
        <footer>
        <h2>How to read the figures</h2>
        <p><b>FLOPs</b>, convention <em>matmul</em>: matrix products, convolutions and attention, a multiplication and its
        addition being two; backward counts what runs, and nothing is recomputed. Element-wise work is left out.
        Scope <em>total</em>: the sum over all devices.</p>
        <p><b>Share of peak</b>: a step&rsquo;s FLOPs, by its seconds, by the rate that plain matrix products reached on the same
        machine. <b>Throughput</b>: a step&rsquo;s images by its seconds, waiting for data included.</p>
        <p><b>Energy</b>: what the meters of the machine counted, all that ran on it included; where there is no meter, or it
        stopped, an estimate that says so. The building&rsquo;s share (PUE) is in the <b>CO2e</b> and not in the energy.</p>
        <p><b>Loss</b>: first and last are means over a twentieth of the steps, one step at least. The bold line is a centred
        mean over %d steps, fewer at both ends; steps whose loss is not finite are left out of it.</p>
        <p><b>Spread</b>: how much embeddings of length 1 deviate from image to image, mean over their dimensions, times the root
        of how many these are: about 1 where directions are spread evenly, 0 where all images look the same. <b>Effective
        rank</b>: how many dimensions they use. Both are looked at a hundred times a run, on up to 64 images of a step. A run
        that ends with next to none of either has collapsed and is called unstable.</p>
        </footer>
        """
                .formatted(curves.window());
    }
}
