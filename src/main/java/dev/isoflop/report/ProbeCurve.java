package dev.isoflop.report;

import dev.isoflop.run.Baseline;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.RunRecord;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What an encoder is worth along its run's budget, beside what it was worth untrained and what
/// chance reaches: a picture, a sentence and the table behind it.
///
/// The picture is SVG that takes the page's colours and needs no script. Across, places are shares
/// of its width, so that letters keep their size on any screen; down, they are pixels.
///
/// @param probes at rising shares of the budget; none at 0
/// @param untrained the same before the first step, where it was probed
public record ProbeCurve(List<Probed> probes, Optional<OnlineProbe> untrained) {

    private static final int HEIGHT = 316;
    private static final int TOP = 22;
    private static final int BOTTOM = 264;
    private static final int BELOW = 285; // where the shares stand
    private static final int TITLE = 307; // and what they are
    private static final int AXIS = 44; // pixels for the numbers on the left
    private static final int NAMES = 112; // and for the names on the right
    private static final int APART = 17; // pixels between two names, at least
    private static final int ABOVE = 11; // pixels between a point and its number over it
    private static final int UNDER = 19; // and under it
    private static final int HALF_LETTER = 4;
    private static final int MOST_NUMBERS = 6; // of points, before they cover each other
    private static final int MOST_MARKS = 5; // on the left, beside 0
    private static final int QUARTERS = 4;
    private static final double HEADROOM = 1.08;
    private static final double LEAST = 1e-3; // at the top, where all is 0
    private static final List<Double> STEPS = List.of(1.0, 2.0, 5.0, 10.0);

    /// A probe of the encoder in training.
    ///
    /// @param share of the budget that was spent
    /// @param probe what it showed
    public record Probed(long step, double share, OnlineProbe probe) {}

    public ProbeCurve {
        probes = List.copyOf(probes);
    }

    /// The curve of a run, which may still go on.
    static ProbeCurve of(RunRecord run) {
        List<Probed> probes = new ArrayList<>();
        for (Measurement m : run.measurements()) {
            OnlineProbe probe = m.probe();
            if (probe != null) {
                probes.add(new Probed(m.step(), m.share(), probe));
            }
        }
        return new ProbeCurve(probes, run.untrained());
    }

    /// A probe in a line: `k-NN 58.1% (untrained 21.6%, chance 12.9%)`.
    public static String inShort(OnlineProbe probe) {
        return "k-NN "
                + Amount.percent(probe.value())
                + Standing.of(probe).map(standing -> " (" + standing.words() + ")").orElse("");
    }

    /// What a probe's value is held against, before what follows; empty where that is not known.
    static String against(OnlineProbe probe) {
        return Standing.of(probe).map(standing -> standing.words() + "; ").orElse("");
    }

    /// What all its figures have in common: the last probe, or that of the untrained encoder.
    private Optional<OnlineProbe> any() {
        return probes.isEmpty() ? untrained : Optional.of(probes.getLast().probe());
    }

    private @Nullable Baseline baseline() {
        return any().map(OnlineProbe::baseline).orElse(null);
    }

    /// The part of a page; empty where nothing was probed.
    ///
    /// @param provenance of the run, which says what the budget is
    String html(Optional<Provenance> provenance) {
        Optional<OnlineProbe> any = any();
        if (any.isEmpty()) {
            return "";
        }
        OnlineProbe like = any.get();
        String budget =
                provenance
                        .map(p ->
                                " of "
                                        + Amount.size(p.planned().derivation().flops())
                                        + " FLOP (matmul, total)")
                        .orElse("");
        Baseline baseline = baseline();
        String caption =
                "%s of weighted k-NN, k = %s, over the share of the budget%s that is spent. %s images of %s judged by %s of %s, %s classes.%s Probing is no part of the budget."
                        .formatted(
                                capital(like.metric()),
                                Amount.whole(like.neighbours()),
                                budget,
                                Amount.whole(like.validationImages()),
                                like.validation(),
                                Amount.whole(like.trainImages()),
                                like.train(),
                                Amount.whole(like.classes()),
                                baseline == null ? "" : " Chance: " + baseline.guess() + ".");
        return Html.section(
                "What its encoder is worth, as it learns",
                """
                <figure>
                <div class="worth" role="img" aria-label="%s">
                %s%s%s</div>
                <figcaption>%s</figcaption>
                </figure>
                <details><summary>The figures behind it</summary>%s</details>
                """
                        .formatted(
                                Html.escape(inWords()),
                                axis(),
                                plot(),
                                names(),
                                Html.figures(caption),
                                table()));
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /// The picture for those who do not see it.
    String inWords() {
        String metric = any().map(OnlineProbe::metric).orElse("");
        List<String> said = new ArrayList<>();
        untrained.ifPresent(probe -> said.add("untrained " + Amount.percent(probe.value())));
        for (Probed at : probes) {
            said.add(
                    "after %s of the budget %s"
                            .formatted(
                                    Amount.percent(at.share()),
                                    Amount.percent(at.probe().value())));
        }
        Baseline baseline = baseline();
        if (baseline != null) {
            said.add("chance " + Amount.percent(baseline.chance()));
        }
        return "%s of weighted k-NN: %s".formatted(capital(metric), String.join("; ", said));
    }

    /// A place in the picture.
    ///
    /// @param share across, 0 to 1
    /// @param value up
    private record Place(double share, double value) {

        String x() {
            return String.format(Locale.ROOT, "%.2f%%", 100 * share);
        }
    }

    /// From the untrained encoder to the last probe.
    private List<Place> places() {
        List<Place> places = new ArrayList<>();
        untrained.ifPresent(probe -> places.add(new Place(0, probe.value())));
        probes.forEach(at -> places.add(new Place(at.share(), at.probe().value())));
        return places;
    }

    /// The highest value, with some room above it.
    private double most() {
        Baseline baseline = baseline();
        double value = places().stream().mapToDouble(Place::value).max().orElse(0);
        double chance = baseline == null ? 0 : baseline.chance();
        return Math.max(Math.max(value, chance) * HEADROOM, LEAST);
    }

    /// The distance between two numbers on the left, of which the lowest is 0.
    private double step() {
        double rough = most() / MOST_MARKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        return STEPS.stream()
                .mapToDouble(step -> step * power)
                .filter(step -> step >= rough)
                .findFirst()
                .orElse(rough);
    }

    private int marks() {
        return (int) Math.ceil(most() / step());
    }

    private int y(double value) {
        double top = step() * marks();
        return (int) Math.round(BOTTOM - value / top * (BOTTOM - TOP));
    }

    private String axis() {
        var svg = new StringBuilder();
        for (int mark = 0; mark <= marks(); mark++) {
            double value = mark * step();
            svg.append(
                    text(
                            "soft",
                            AXIS - 8 + "",
                            y(value) + HALF_LETTER,
                            "end",
                            mark == 0 ? "0" : shortly(value)));
        }
        return svg("axis", AXIS, svg);
    }

    /// A share as the axis has it: `20%`, `2.5%`.
    private static String shortly(double share) {
        return String.format(Locale.ROOT, "%.3f", 100 * share).replaceFirst("\\.?0+$", "") + "%";
    }

    private String plot() {
        var svg = new StringBuilder();
        for (int mark = 0; mark <= marks(); mark++) {
            svg.append(line("grid", new Place(0, mark * step()), new Place(1, mark * step())));
        }
        for (int quarter = 0; quarter <= QUARTERS; quarter++) {
            String anchor = quarter == 0 ? "start" : quarter == QUARTERS ? "end" : "middle";
            String share = 100 * quarter / QUARTERS + "%";
            String of = quarter % 2 == 0 ? "soft" : "soft between"; // left out where it is narrow
            svg.append(text(of, share, BELOW, anchor, share));
        }
        svg.append(text("soft", "50%", TITLE, "middle", "share of the budget"));
        Baseline baseline = baseline();
        if (baseline != null) {
            svg.append(across("chance", baseline.chance()));
        }
        untrained.ifPresent(probe -> svg.append(across("untrained", probe.value())));
        List<Place> places = places();
        for (int i = 1; i < places.size(); i++) {
            svg.append(line("knn", places.get(i - 1), places.get(i)));
        }
        for (Place place : places) {
            svg.append(
                    "<circle class=\"knn\" cx=\"%s\" cy=\"%d\" r=\"4\"/>\n"
                            .formatted(place.x(), y(place.value())));
        }
        if (places.size() <= MOST_NUMBERS) {
            for (Place place : places.subList(0, places.size() - 1)) { // the last is named
                if (place.share() > 0) {
                    svg.append(number(place));
                }
            }
        }
        return svg("plot", 0, svg);
    }

    /// The number of a point: over it, or under it where it would lie on the untrained line.
    private String number(Place place) {
        boolean low = untrained.map(probe -> place.value() < probe.value()).orElse(false);
        int y = y(place.value()) + (low ? UNDER : -ABOVE);
        return text("knn", place.x(), y, "middle", Amount.percent(place.value()));
    }

    private String across(String of, double value) {
        return line(of, new Place(0, value), new Place(1, value));
    }

    private String line(String of, Place from, Place to) {
        return "<line class=\"%s\" x1=\"%s\" y1=\"%d\" x2=\"%s\" y2=\"%d\"/>\n"
                .formatted(of, from.x(), y(from.value()), to.x(), y(to.value()));
    }

    private static String text(String of, String x, int y, String anchor, String text) {
        return "<text class=\"%s\" x=\"%s\" y=\"%d\" text-anchor=\"%s\">%s</text>\n"
                .formatted(of, x, y, anchor, Html.escape(text));
    }

    /// @param width in pixels; 0 for what is left of the page's
    private static String svg(String name, int width, CharSequence content) {
        return "<svg class=\"%s\"%s height=\"%d\" aria-hidden=\"true\">\n%s</svg>\n"
                .formatted(name, width == 0 ? "" : " width=\"" + width + "\"", HEIGHT, content);
    }

    /// A name at the right end, beside what it names.
    private record Name(String of, String text, int y) {}

    private String names() {
        List<Name> names = new ArrayList<>();
        if (!probes.isEmpty()) {
            double value = probes.getLast().probe().value();
            names.add(new Name("knn", "k-NN " + Amount.percent(value), y(value)));
        }
        untrained.ifPresent(probe ->
                names.add(
                        new Name(
                                "untrained",
                                "untrained " + Amount.percent(probe.value()),
                                y(probe.value()))));
        Baseline baseline = baseline();
        if (baseline != null) {
            double chance = baseline.chance();
            names.add(new Name("chance", "chance " + Amount.percent(chance), y(chance)));
        }
        return svg(
                "names",
                NAMES,
                apart(names).stream()
                        .map(name -> text(name.of, "10", name.y + HALF_LETTER, "start", name.text))
                        .collect(Collectors.joining()));
    }

    /// The same from the top down, moved until none covers another: down where they must, and up
    /// again where the picture ends.
    private static List<Name> apart(List<Name> names) {
        List<Name> down = new ArrayList<>();
        for (Name name : names.stream().sorted(Comparator.comparingInt(Name::y)).toList()) {
            int least = down.isEmpty() ? 0 : down.getLast().y + APART;
            down.add(new Name(name.of, name.text, Math.max(name.y, least)));
        }
        List<Name> up = new ArrayList<>();
        for (Name name : down.reversed()) {
            int most = up.isEmpty() ? BOTTOM : up.getLast().y - APART;
            up.add(new Name(name.of, name.text, Math.min(name.y, most)));
        }
        return up.reversed();
    }

    private String table() {
        var rows = new StringBuilder();
        untrained.ifPresent(probe -> rows.append(row("untrained", 0, probe)));
        probes.forEach(
                at -> rows.append(row("step " + Amount.whole(at.step()), at.share(), at.probe())));
        return Html.table(
                List.of("Encoder", "Budget spent", "Reached", "How it was counted"),
                rows.toString());
    }

    private static String row(String encoder, double share, OnlineProbe probe) {
        return Html.row(
                encoder,
                Amount.percent(share),
                Amount.percent(probe.value()),
                Html.figures(how(probe)));
    }

    /// How the figure of a probe came about.
    static String how(OnlineProbe probe) {
        Double joules = probe.joules();
        Baseline baseline = probe.baseline();
        return "%s of weighted k-NN, k = %s, %s images of %s judged by %s of %s, %s classes%s; %s FLOP in %s%s, no part of the budget"
                .formatted(
                        probe.metric(),
                        Amount.whole(probe.neighbours()),
                        Amount.whole(probe.validationImages()),
                        probe.validation(),
                        Amount.whole(probe.trainImages()),
                        probe.train(),
                        Amount.whole(probe.classes()),
                        baseline == null
                                ? ""
                                : "; chance "
                                        + Amount.percent(baseline.chance())
                                        + ": "
                                        + baseline.guess(),
                        Amount.size(probe.flops()),
                        Amount.time(probe.seconds()),
                        joules == null ? "" : " and " + Amount.real(joules) + " J");
    }
}
