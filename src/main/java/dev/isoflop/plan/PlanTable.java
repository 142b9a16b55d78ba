package dev.isoflop.plan;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;
import dev.isoflop.pretrain.PlanText;
import dev.isoflop.report.BesidePaper;
import dev.isoflop.report.PricedRun;
import dev.isoflop.report.PricedStudy;
import dev.isoflop.report.TextTable;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Many plans beside one another.
final class PlanTable {

    private static final List<String> HEADS =
            List.of("run", "method", "encoder", "batch", "steps", "a step", "total", "per device");
    private static final List<String> COSTS = List.of("hours", "kWh", "kg CO2e");

    private static final String FIGURES = "shown in";

    /// Columns that hold words, and so begin at the left.
    private static final int WORDS = 3;

    private PlanTable() {}

    /// One line a run, the sums, and what the study that it is has said of them.
    static String text(PricedStudy study) {
        boolean costs = study.runs().stream().anyMatch(run -> run.cost().isPresent());
        boolean figures = !study.figures().isEmpty();
        List<List<String>> rows = new ArrayList<>();
        rows.add(heads(costs, figures));
        study.runs().forEach(run -> rows.add(cells(run, costs, figures)));
        List<String> lines =
                new ArrayList<>(
                        TextTable.aligned(
                                rows, i -> i < WORDS || rows.getFirst().get(i).equals(FIGURES)));
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%s; FLOP, convention matmul (forward and backward, multiply-add = 2);"
                                + " total over all devices, and for one of %,d",
                        sum("together", study.total()),
                        study.runs().getFirst().plan().devices()));
        study.byFigure().forEach((figure, sum) -> lines.add(figure + ": " + sum("", sum)));
        again(study).ifPresent(lines::add);
        if (costs) {
            lines.add("on " + study.conditions());
        } else {
            lines.add("hours, energy and CO2e: name a device, such as --on h100");
        }
        List<BesidePaper.Remark> remarks = BesidePaper.of(study);
        if (!remarks.isEmpty()) {
            lines.add("");
            lines.add("Beside the paper:");
            remarks.forEach(r -> lines.add("- " + r.about() + ". " + r.text()));
        }
        return String.join("\n", lines);
    }

    private static List<String> heads(boolean costs, boolean figures) {
        List<String> heads = new ArrayList<>(HEADS);
        if (costs) {
            heads.addAll(COSTS);
        }
        if (figures) {
            heads.add(FIGURES);
        }
        return heads;
    }

    private static List<String> cells(PricedRun run, boolean costs, boolean figures) {
        Plan plan = run.plan();
        List<String> cells = new ArrayList<>();
        cells.add(run.name());
        cells.add(run.method());
        cells.add(run.encoder());
        cells.add(Cells.count(plan.batch()));
        cells.add(Cells.count(plan.steps()));
        cells.add(Cells.scientific(plan.flopsPerStep()));
        cells.add(Cells.scientific(plan.flops()));
        cells.add(Cells.scientific(plan.flopsPerDevice()));
        if (costs) {
            cells.add(Cells.plain(run.cost().map(cost -> cost.hours())));
            cells.add(Cells.plain(run.cost().flatMap(cost -> cost.energy())));
            cells.add(Cells.plain(run.cost().flatMap(cost -> cost.carbon())));
        }
        if (figures) {
            cells.add(String.join(", ", run.figures()));
        }
        return cells;
    }

    private static String sum(String together, PricedStudy.Sum sum) {
        List<String> parts = new ArrayList<>();
        parts.add(
                String.format(
                        Locale.ROOT,
                        "%,d runs, %s%s",
                        sum.runs(),
                        together.isEmpty() ? "" : together + " ",
                        Work.readable(sum.flops())));
        sum.hours().ifPresent(e -> parts.add(e.readable()));
        sum.energy().ifPresent(e -> parts.add(e.readable()));
        sum.carbon().ifPresent(e -> parts.add(e.readable()));
        sum.embodied().ifPresent(e -> parts.add(e.readable() + " embodied"));
        sum.money().ifPresent(e -> parts.add(e.readable()));
        return String.join(", ", parts);
    }

    private static Optional<String> again(PricedStudy study) {
        List<PricedRun> again = study.again();
        if (again.isEmpty()) {
            return Optional.empty();
        }
        BigInteger more =
                again.stream()
                        .map(run -> run.plan().executedFlops().subtract(run.plan().flops()))
                        .reduce(BigInteger.ZERO, BigInteger::add);
        return Optional.of(
                String.format(
                        Locale.ROOT,
                        "executed: %,d of them compare the images of a batch that is cut, and run"
                                + " %s more; it is not in the price",
                        again.size(),
                        Work.readable(more)));
    }

    /// The runs in a list, and their sums.
    static Map<String, Object> json(PricedStudy study) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("convention", "matmul");
        root.put("unit", "FLOP");
        if (!study.conditions().isEmpty()) {
            root.put("conditions", study.conditions());
        }
        root.put("runs", study.runs().stream().map(PlanTable::json).toList());
        root.put("totals", json(study.total()));
        Map<String, Object> figures = new LinkedHashMap<>();
        study.byFigure().forEach((figure, sum) -> figures.put(figure, json(sum)));
        root.put("figures", figures);
        root.put("besidePaper", BesidePaper.of(study));
        return root;
    }

    private static Map<String, Object> json(PricedStudy.Sum sum) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("runs", sum.runs());
        object.put("flops", sum.flops());
        sum.hours().ifPresent(e -> object.put("hours", e.value()));
        sum.energy().ifPresent(e -> object.put("kWh", e.value()));
        sum.carbon().ifPresent(e -> object.put("kgCO2e", e.value()));
        sum.embodied().ifPresent(e -> object.put("kgCO2eEmbodied", e.value()));
        sum.money().ifPresent(e -> object.put("money", PlanText.json(e, false)));
        return object;
    }

    private static Map<String, Object> json(PricedRun run) {
        Plan plan = run.plan();
        Map<String, Object> flops = PlanText.flops(plan);
        flops.put("executedTotal", plan.executedFlops());
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", run.name());
        row.put("method", run.method());
        row.put("encoder", run.encoder());
        row.put("data", run.data());
        row.put("batch", plan.batch());
        row.put("steps", plan.steps());
        row.put("flops", flops);
        run.cost().ifPresent(cost -> row.putAll(PlanText.numbers(cost)));
        run.cost().ifPresent(cost -> row.put("estimates", PlanText.estimates(cost, false)));
        row.put("figures", run.figures());
        return row;
    }
}
