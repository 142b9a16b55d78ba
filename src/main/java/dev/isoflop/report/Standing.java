package dev.isoflop.report;

import dev.isoflop.fault.Check;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.Score;
import dev.isoflop.run.SearchReport;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// Where a figure stands to what it is held against, in words.
///
/// Pure.
///
/// @param value the figure, 0 to 1
/// @param baseline that it is held against
/// @param other what the baseline's untrained values are of: `untrained`, or `from scratch`
public record Standing(double value, Baseline baseline, String other) {

    private static final String UNTRAINED = "untrained";
    private static final String SCRATCH = "from scratch";

    public Standing {
        Check.that(Double.isFinite(value), "value is %s; it must be a number", value);
        Objects.requireNonNull(baseline, "baseline");
        Objects.requireNonNull(other, "other");
    }

    /// That of a probe, where its baseline is known.
    public static Optional<Standing> of(ProbeReport.Outcome outcome) {
        return Optional.ofNullable(outcome.baseline())
                .map(baseline -> new Standing(outcome.value(), baseline, UNTRAINED));
    }

    /// That of a probe beside a run, where its baseline is known.
    static Optional<Standing> of(OnlineProbe probe) {
        return Optional.ofNullable(probe.baseline())
                .map(baseline -> new Standing(probe.value(), baseline, UNTRAINED));
    }

    /// That of a fine-tuned network's score, where it has a figure and a baseline.
    public static Optional<Standing> of(Score score) {
        return Optional.ofNullable(score.baseline())
                .filter(_ -> Double.isFinite(score.main().value()))
                .map(baseline -> new Standing(score.main().value(), baseline, SCRATCH));
    }

    /// That of the median of a search's seeds, likewise.
    public static Optional<Standing> of(SearchReport report) {
        Double median = report.median();
        Baseline baseline = report.baseline();
        return median == null || baseline == null
                ? Optional.empty()
                : Optional.of(new Standing(median, baseline, SCRATCH));
    }

    /// What it is held against: `untrained 17.1% +- 0.8 (3 seeds), chance 12.9%`.
    public String text() {
        List<String> parts = new ArrayList<>();
        if (!baseline.untrained().isEmpty()) {
            parts.add(other + " " + others());
        }
        parts.add("chance " + Amount.percent(baseline.chance()));
        return String.join(", ", parts);
    }

    /// The mean of the others' seeds, and with two or more of them their standard deviation.
    String others() {
        int seeds = baseline.untrained().size();
        String mean = Amount.percent(mean());
        return seeds < 2
                ? mean
                : String.format(Locale.ROOT, "%s +- %.1f (%d seeds)", mean, 100 * spread(), seeds);
    }

    /// What is to be said of a figure that shows nothing; nothing of any other.
    public Optional<String> objection() {
        List<String> than = new ArrayList<>();
        if (!baseline.untrained().isEmpty() && value <= mean() + spread()) {
            than.add(value <= mean() ? other : other + ", within the spread of its seeds");
        }
        if (value <= baseline.chance()) {
            than.add("chance");
        }
        return than.isEmpty()
                ? Optional.empty()
                : Optional.of("no better than " + String.join(", nor than ", than));
    }

    /// The figure before {@link #words}.
    public String sentence() {
        return Amount.percent(value) + ", " + words();
    }

    /// What it is held against, and what is to be said of that: `untrained 1.6%, chance 0.1%: no
    /// better than untrained`.
    public String words() {
        return text() + objection().map(words -> ": " + words).orElse("");
    }

    private double mean() {
        return baseline.untrained().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    /// The standard deviation of a sample; 0 of a single seed, whose spread nobody knows.
    private double spread() {
        List<Double> seeds = baseline.untrained();
        if (seeds.size() < 2) {
            return 0;
        }
        double mean = mean();
        double squares = seeds.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        return Math.sqrt(squares / (seeds.size() - 1));
    }
}
