package dev.isoflop.profile;

import dev.isoflop.budget.Device;
import dev.isoflop.budget.PowerLaw;
import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Speed;
import dev.isoflop.method.Method;
import dev.isoflop.report.Scatter;

import org.hipparchus.stat.descriptive.rank.Median;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Steps that were timed on one machine, and the power law through them.
///
/// @param conditions where and when
/// @param precision of matrix products
/// @param peak highest rate of matrix products seen before and after, FLOP/s
/// @param rows by rising FLOPs
record TimedSteps(TimingConditions conditions, Precision precision, double peak, List<Row> rows)
        implements Profile {

    static final int LEAST_POINTS = 3; // that a line can be fitted to
    private static final int PLACES = 41; // where the line and its interval are drawn

    /// A step that was timed several times.
    ///
    /// @param image side in pixels
    /// @param batch images
    /// @param flops of the step, convention matmul
    /// @param seconds of each time
    record Row(
            String method,
            String encoder,
            int image,
            int batch,
            double flops,
            List<Double> seconds) {

        public Row {
            seconds = List.copyOf(seconds);
        }

        /// The median.
        public double stepSeconds() {
            return new Median().evaluate(seconds.stream().mapToDouble(s -> s).toArray());
        }

        public PowerLaw.Point point() {
            return new PowerLaw.Point(flops, 1 / stepSeconds());
        }
    }

    public TimedSteps {
        rows = rows.stream().sorted(Comparator.comparingDouble(Row::flops)).toList();
    }

    /// The line, where there are enough steps of different size.
    public Optional<PowerLaw> law() {
        long sizes = rows.stream().mapToDouble(Row::flops).distinct().count();
        return rows.size() < LEAST_POINTS || sizes < 2
                ? Optional.empty()
                : Optional.of(PowerLaw.fit(rows.stream().map(Row::point).toList()));
    }

    /// As a device states it.
    public Device.Timed timed() {
        return new Device.Timed(rows.stream().map(Row::point).toList(), how());
    }

    /// How they were timed, in one line.
    public String how() {
        int least = rows.stream().mapToInt(row -> row.seconds.size()).min().orElse(0);
        int most = rows.stream().mapToInt(row -> row.seconds.size()).max().orElse(0);
        return "%d steps of %s with %s, batches %s, images of %s: medians of %s repetitions, optimiser included, random images, %s; %s"
                .formatted(
                        rows.size(),
                        listed(rows.stream().map(Row::method).distinct().sorted().toList()),
                        listed(rows.stream().map(Row::encoder).distinct().sorted().toList()),
                        listed(rows.stream().map(Row::batch).distinct().sorted().toList()),
                        listed(rows.stream().map(Row::image).distinct().sorted().toList()),
                        least == most ? String.valueOf(least) : least + " to " + most,
                        precision.key(),
                        conditions.words());
    }

    private static String listed(List<?> things) {
        return String.join(", ", things.stream().map(String::valueOf).toList());
    }

    @Override
    public String text() {
        List<String> lines = new ArrayList<>();
        Optional<PowerLaw> law = law();
        lines.add(
                "%-11s %-9s %5s %12s %10s %12s %12s %9s  %s"
                        .formatted(
                                "method",
                                "encoder",
                                "batch",
                                "FLOP a step",
                                "s a step",
                                "steps/s",
                                "line says",
                                "off by",
                                "share of peak"));
        for (Row row : rows) {
            double rate = 1 / row.stepSeconds();
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%-11s %-9s %,5d %12.3e %10.4f %12.4f %12s %9s  %.3f",
                            row.method,
                            row.encoder,
                            row.batch,
                            row.flops,
                            row.stepSeconds(),
                            rate,
                            law.map(l -> String.format(Locale.ROOT, "%.4f", l.at(row.flops)))
                                    .orElse(""),
                            law.map(l ->
                                            String.format(
                                                    Locale.ROOT,
                                                    "%+.1f%%",
                                                    100 * (rate / l.at(row.flops) - 1)))
                                    .orElse(""),
                            row.flops * rate / peak));
        }
        lines.add(
                law.map(this::words)
                        .orElse("No line: it needs three steps or more, of different size."));
        lines.add(
                String.format(
                        Locale.ROOT,
                        "peak        %.1f GFLOP/s, %s matrix products of side 2048",
                        peak / 1e9,
                        precision.key()));
        lines.add("measured    " + how());
        return String.join("\n", lines);
    }

    private String words(PowerLaw law) {
        PowerLaw.Interval at = law.interval(Math.exp(law.meanLogFlops()), Speed.CONFIDENCE);
        double middle = law.at(Math.exp(law.meanLogFlops()));
        return String.format(
                Locale.ROOT,
                """
                steps/s   = e^%.4f x FLOP^%.4f, by least squares of logarithms
                R2          %.4f of logarithms, %.4f of steps/s themselves (Koppula et al. 2022: 0.97, of one of them)
                a new step  %.2f to %.2f times what the line says, in 95 of 100 cases, in the middle of these sizes\
                """,
                law.intercept(),
                law.slope(),
                law.r2Log(),
                law.r2Linear(),
                at.low() / middle,
                at.high() / middle);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("precision", precision.key());
        root.put("convention", "matmul");
        root.put("peakFlopsPerSecond", peak);
        Optional<PowerLaw> law = law();
        law.ifPresent(l -> root.put("law", l));
        root.put("steps", rows.stream().map(row -> json(row, law)).toList());
        root.put("how", how());
        root.put("here", conditions.json());
        return root;
    }

    private static Map<String, Object> json(Row row, Optional<PowerLaw> law) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("method", row.method);
        json.put("encoder", row.encoder);
        json.put("image", row.image);
        json.put("batch", row.batch);
        json.put("flopsPerStep", row.flops);
        json.put("secondsPerStep", row.stepSeconds());
        json.put("stepsPerSecond", 1 / row.stepSeconds());
        law.ifPresent(l -> {
            PowerLaw.Interval interval = l.interval(row.flops, Speed.CONFIDENCE);
            json.put("lineSays", l.at(row.flops));
            json.put("low", interval.low());
            json.put("high", interval.high());
        });
        json.put("seconds", row.seconds);
        return json;
    }

    /// Steps, line and interval.
    @Override
    public Optional<String> picture() {
        return Optional.of(svg());
    }

    private String svg() {
        Map<String, List<Scatter.Point>> groups = new LinkedHashMap<>();
        for (String method : Method.Config.NAMES) {
            List<Scatter.Point> points =
                    rows.stream()
                            .filter(row -> row.method.equals(method))
                            .map(row -> new Scatter.Point(row.flops, 1 / row.stepSeconds()))
                            .toList();
            if (!points.isEmpty()) {
                groups.put(method, points);
            }
        }
        return new Scatter(
                        "Steps per second, " + precision.key(),
                        law().map(l ->
                                        String.format(
                                                Locale.ROOT,
                                                "Line: FLOP^%.3f, R2 %.3f of logarithms; band: 95%%"
                                                        + " prediction interval.%n%s",
                                                l.slope(),
                                                l.r2Log(),
                                                conditions.words()))
                                .orElse(conditions.words()),
                        "FLOP of a step, convention matmul",
                        "steps a second",
                        groups,
                        law().map(this::line).orElse(List.of()))
                .svg();
    }

    private List<Scatter.Place> line(PowerLaw law) {
        double from = Math.log(rows.getFirst().flops);
        double to = Math.log(rows.getLast().flops);
        List<Scatter.Place> places = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            double flops = Math.exp(from + (to - from) * i / (PLACES - 1));
            PowerLaw.Interval interval = law.interval(flops, Speed.CONFIDENCE);
            places.add(new Scatter.Place(flops, law.at(flops), interval.low(), interval.high()));
        }
        return places;
    }
}
