package dev.isoflop.report;

import de.siegmar.fastcsv.writer.CsvWriter;

import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.Plan;
import dev.isoflop.carbon.Footprint;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Priced runs as a table for other programs: one line a run, numbers in full, units in the names
/// of the columns, nothing where nothing is known.
public final class StudyCsv {

    private static final List<String> COLUMNS =
            List.of(
                    "name",
                    "method",
                    "encoder",
                    "data",
                    "figures",
                    "batch",
                    "steps",
                    "images",
                    "epochs",
                    "flop_per_step",
                    "flop_total",
                    "flop_per_device",
                    "devices",
                    "flop_executed",
                    "hours",
                    "hours_low",
                    "hours_high",
                    "kwh",
                    "kwh_low",
                    "kwh_high",
                    "kg_co2e",
                    "kg_co2e_low",
                    "kg_co2e_high",
                    "embodied_kg_co2e",
                    "money",
                    "currency");

    private StudyCsv() {}

    /// The table, with a line of names.
    public static String write(PricedStudy study) {
        var text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().build(text)) {
            csv.writeRecord(COLUMNS);
            study.runs().forEach(run -> csv.writeRecord(cells(run)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static List<String> cells(PricedRun run) {
        Plan plan = run.plan();
        List<String> cells = new ArrayList<>();
        cells.add(run.name());
        cells.add(run.method());
        cells.add(run.encoder());
        cells.add(run.data());
        cells.add(String.join("; ", run.figures()));
        cells.add(String.valueOf(plan.batch()));
        cells.add(String.valueOf(plan.steps()));
        cells.add(String.valueOf(plan.images()));
        cells.add(String.valueOf(plan.epochs()));
        cells.add(plan.flopsPerStep().toString());
        cells.add(plan.flops().toString());
        cells.add(plan.flopsPerDevice().toString());
        cells.add(String.valueOf(plan.devices()));
        cells.add(plan.executedFlops().toString());
        cells.addAll(banded(run.cost().map(Footprint::hours)));
        cells.addAll(banded(run.cost().flatMap(Footprint::energy)));
        cells.addAll(banded(run.cost().flatMap(Footprint::carbon)));
        cells.add(value(run.cost().flatMap(Footprint::embodied)));
        Optional<Estimate> money = run.cost().flatMap(Footprint::money);
        cells.add(value(money));
        cells.add(money.map(Estimate::unit).orElse(""));
        return cells;
    }

    private static List<String> banded(Optional<Estimate> estimate) {
        return List.of(
                value(estimate),
                estimate.map(e -> String.valueOf(e.low())).orElse(""),
                estimate.map(e -> String.valueOf(e.high())).orElse(""));
    }

    private static String value(Optional<Estimate> estimate) {
        return estimate.map(e -> String.valueOf(e.value())).orElse("");
    }
}
