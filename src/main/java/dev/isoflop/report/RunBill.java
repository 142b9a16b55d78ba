package dev.isoflop.report;

import dev.isoflop.budget.Estimate;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunRecord;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a run cost and what came of it, each figure with its unit and how it was counted.
///
/// @param name the run's name
/// @param status in a word: "finished", "interrupted", "unstable", "failed", or "unfinished" while
///   no result is written
/// @param verdict the run in a sentence
/// @param lines the figures
/// @param explain how to see where the FLOPs come from
/// @param carbon in kg CO2e, with its derivation, if the run's energy is known
public record RunBill(
        String name,
        String status,
        String verdict,
        List<Line> lines,
        String explain,
        Optional<Estimate> carbon) {

    public RunBill {
        lines = List.copyOf(lines);
    }

    /// A figure of the bill.
    ///
    /// @param label what it is: "FLOPs spent"
    /// @param value its number: "1.34e13"
    /// @param unit of the number; empty if the value says it
    /// @param how it was counted: convention, scope, mean or median
    /// @param detail what else to know: the exact number, how a peak was measured; may be empty
    public record Line(String label, String value, String unit, String how, String detail) {

        /// The number with its unit.
        String amount() {
            return unit.isEmpty() ? value : value + " " + unit;
        }

        /// All there is to know about the number.
        String explanation() {
            return detail.isEmpty() ? how : how + "; " + detail;
        }
    }

    /// The bill of a run, which may still go on.
    ///
    /// @throws dev.isoflop.fault.InputException if a file of the folder is damaged
    public static RunBill of(RunFolder folder) {
        return of(RunRecord.of(folder));
    }

    /// The bill of a run whose files were read.
    public static RunBill of(RunRecord run) {
        Optional<Result> written = run.result();
        Optional<OnlineProbe> untrained = run.untrained();
        Provenance provenance = run.provenance().orElse(null);
        String status = written.map(result -> result.status().toString()).orElse("unfinished");
        Result result =
                written.orElseGet(() -> {
                    Result soFar =
                            Result.of(
                                    Result.Status.INTERRUPTED,
                                    run.measurements(),
                                    Result.Broken.NONE,
                                    null,
                                    power(provenance),
                                    "No result is written: the run goes on, or was killed.");
                    return untrained.map(soFar::withUntrained).orElse(soFar);
                });
        EnergyBill energy = EnergyBill.of(result, provenance);
        return new RunBill(
                run.folder().name(),
                status,
                verdict(status, result, provenance),
                lines(result, provenance, energy, run.origin().orElse(null)),
                "isoflop plan " + run.folder().recipe(),
                energy.carbon());
    }

    private static @Nullable Estimate power(@Nullable Provenance provenance) {
        Provenance.Electricity electricity = provenance == null ? null : provenance.electricity();
        return electricity == null ? null : electricity.power();
    }

    /// The bill as lines for a terminal, in columns.
    public String text() {
        List<List<String>> rows =
                lines.stream()
                        .map(line -> List.of(line.label(), line.amount(), line.explanation()))
                        .toList();
        var text = new StringBuilder();
        text.append(name).append(": ").append(status).append(". ").append(verdict).append('\n');
        TextTable.aligned(rows, _ -> true)
                .forEach(row -> text.append("  ").append(row).append('\n'));
        return text.append("How the FLOPs come about: ").append(explain).append('\n').toString();
    }

    private static List<Line> lines(
            Result result,
            @Nullable Provenance provenance,
            EnergyBill energy,
            @Nullable Origin origin) {
        List<Line> lines = new ArrayList<>(ScoreSection.lines(result.score(), origin));
        lines.addAll(probed(result.probes()));
        lines.add(
                new Line(
                        "FLOPs spent",
                        Amount.size(result.flops()),
                        "FLOP",
                        result.spent().convention() + ", " + scope(result, provenance),
                        "exactly " + result.flops()));
        if (provenance != null && provenance.planned().again().flops().signum() > 0) {
            BigInteger again =
                    provenance
                            .planned()
                            .again()
                            .flops()
                            .multiply(BigInteger.valueOf(result.images()));
            lines.add(
                    new Line(
                            "Executed",
                            Amount.size(result.flops().add(again)),
                            "FLOP",
                            "matrix products, with forward passes that ran again as batches were"
                                    + " cut; "
                                    + scope(result, provenance),
                            "exactly " + result.flops().add(again)));
        }
        lines.add(
                new Line(
                        "Images",
                        Amount.whole(result.images()),
                        result.images() == 1 ? "image" : "images",
                        provenance == null
                                ? "seen"
                                : "seen, " + provenance.planned().batch() + " a step",
                        ""));
        lines.add(
                new Line(
                        "Steps",
                        Amount.whole(result.steps()),
                        result.steps() == 1 ? "step" : "steps",
                        provenance == null
                                ? "taken"
                                : "of the "
                                        + Amount.whole(provenance.planned().plannedSteps())
                                        + " that the budget buys",
                        ""));
        lines.add(
                new Line(
                        "Training time",
                        Amount.time(result.pace().trainingSeconds()),
                        "",
                        "sum of the steps, waiting for data included",
                        ""));
        Double throughput = result.pace().imagesPerSecond();
        if (throughput != null) {
            lines.add(
                    new Line(
                            "Throughput",
                            Amount.real(throughput),
                            "images/s",
                            "median of the steps, all devices",
                            ""));
        }
        Double share = result.pace().shareOfPeak();
        if (share != null) {
            lines.add(shareOfPeak(share, provenance == null ? null : provenance.peak()));
        }
        if (result.pace().trainingSeconds() > 0) {
            lines.add(
                    new Line(
                            "Waiting for data",
                            Amount.percent(
                                    result.pace().waitSeconds() / result.pace().trainingSeconds()),
                            "",
                            "of the training time",
                            Amount.time(result.pace().waitSeconds())));
        }
        lines.addAll(energy.lines());
        Double first = result.course().firstLoss();
        Double last = result.course().lastLoss();
        if (first != null && last != null) {
            lines.add(
                    new Line(
                            "Loss",
                            Amount.real(first) + " to " + Amount.real(last),
                            "",
                            "means of the first and the last 5% of the steps",
                            ""));
        }
        Double spread = result.embeddings().spread();
        Double rank = result.embeddings().effectiveRank();
        if (spread != null && rank != null) {
            lines.add(
                    new Line(
                            "Spread",
                            Amount.real(spread),
                            "",
                            "of the embeddings from image to image, when last measured: 1 is even,"
                                    + " 0 a collapse",
                            "effective rank " + Amount.real(rank)));
        }
        lines.addAll(probing(result.probes()));
        if (result.broken().count() > 0) {
            lines.add(
                    new Line(
                            "Broken images",
                            Amount.whole(result.broken().count()),
                            result.broken().count() == 1 ? "image" : "images",
                            "skipped, "
                                    + Amount.percent(result.broken().share())
                                    + " of those tried",
                            ""));
        }
        Result.Artifact encoder = result.encoder();
        if (encoder != null) {
            lines.add(new Line("Encoder", encoder.file(), "", "SHA-256 " + encoder.sha256(), ""));
        }
        return lines;
    }

    /// What the last probe beside the training showed.
    private static List<Line> probed(Result.Probes probes) {
        OnlineProbe last = probes.last();
        return last == null
                ? List.of()
                : List.of(
                        new Line(
                                "Probe",
                                Amount.percent(last.value()),
                                "",
                                ProbeCurve.against(last)
                                        + "k-NN, last of "
                                        + Amount.whole(probes.count())
                                        + " beside the training",
                                ProbeCurve.how(last)));
    }

    /// What probes beside the training took.
    private static List<Line> probing(Result.Probes probes) {
        return probes.flops().signum() == 0
                ? List.of()
                : List.of(
                        new Line(
                                "Probing",
                                Amount.size(probes.flops()),
                                "FLOP",
                                "executed for all probes, forward passes and similarities, matmul;"
                                        + " no part of the FLOPs spent",
                                "exactly "
                                        + probes.flops()
                                        + "; "
                                        + Amount.time(probes.seconds())
                                        + ", no part of the training time"));
    }

    private static Line shareOfPeak(double share, Provenance.@Nullable Peak peak) {
        return new Line(
                "Share of peak",
                Amount.percent(share),
                "",
                "median of the steps"
                        + (peak == null ? "" : "; peak " + Amount.rate(peak.flopsPerSecond())),
                peak == null ? "" : "measured: " + peak.how());
    }

    private static String scope(Result result, @Nullable Provenance provenance) {
        if (provenance == null) {
            return result.spent().scope();
        }
        String devices =
                provenance.hardware().devices() == 1
                        ? "1 device"
                        : provenance.hardware().devices() + " devices";
        return result.spent().scope() + " of " + devices;
    }

    private static String verdict(String status, Result result, @Nullable Provenance provenance) {
        if (result.steps() == 0) {
            return (status.equals("failed") ? "It took no step." : "No step is taken yet.")
                    + said(result);
        }
        String work =
                Amount.size(result.flops())
                        + " FLOP in "
                        + Amount.time(result.pace().trainingSeconds());
        String part = status.equals("finished") ? "" : partOf(result, provenance);
        return "Spent " + work + part + ". " + course(result) + worth(result) + said(result);
    }

    private static String partOf(Result result, @Nullable Provenance provenance) {
        BigInteger planned =
                provenance == null ? BigInteger.ZERO : provenance.planned().derivation().flops();
        return planned.signum() == 0
                ? ""
                : ", "
                        + Amount.percent(result.flops().doubleValue() / planned.doubleValue())
                        + " of the budget";
    }

    private static String course(Result result) {
        Double first = result.course().firstLoss();
        Double last = result.course().lastLoss();
        if (first == null || last == null || !Double.isFinite(first) || !Double.isFinite(last)) {
            return "The loss is not a finite number.";
        }
        if (Amount.real(first).equals(Amount.real(last))) {
            return "The loss stayed at %s.".formatted(Amount.real(last));
        }
        String course = last < first ? "fell" : "rose";
        return "The loss %s from %s to %s."
                .formatted(course, Amount.real(first), Amount.real(last));
    }

    private static String worth(Result result) {
        OnlineProbe last = result.probes().last();
        return last == null ? "" : " " + ProbeCurve.inShort(last) + ".";
    }

    private static String said(Result result) {
        return result.message().isBlank() ? "" : " " + result.message();
    }
}
