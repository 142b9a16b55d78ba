package dev.isoflop.cli;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Work;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Many plans beside one another.
final class PlanTable {

    private PlanTable() {}

    /// One line a run, and the sum.
    static String text(List<PlanVerb.Planned> runs) {
        int names = runs.stream().mapToInt(run -> run.recipe().name().length()).max().orElse(0);
        List<String> lines = new ArrayList<>();
        lines.add(
                row(
                        names,
                        "run",
                        "method",
                        "encoder",
                        "batch",
                        "steps",
                        "a step",
                        "total",
                        "per device"));
        for (PlanVerb.Planned run : runs) {
            Plan plan = run.plan();
            lines.add(
                    row(
                            names,
                            run.recipe().name(),
                            run.recipe().method().name(),
                            run.recipe().encoder().name(),
                            String.format(Locale.ROOT, "%,d", plan.batch()),
                            String.format(Locale.ROOT, "%,d", plan.steps()),
                            scientific(plan.flopsPerStep()),
                            scientific(plan.flops()),
                            scientific(plan.flopsPerDevice())));
        }
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%,d runs, together %s; FLOP, convention matmul (forward and backward,"
                                + " multiply-add = 2); total over all devices, and for one of %,d",
                        runs.size(),
                        Work.readable(total(runs)),
                        runs.getFirst().plan().devices()));
        return String.join("\n", lines);
    }

    private static String row(int names, String name, String... cells) {
        return String.format(
                Locale.ROOT,
                "%-" + names + "s  %-10s %-9s %6s %8s %11s %11s %11s",
                name,
                cells[0],
                cells[1],
                cells[2],
                cells[3],
                cells[4],
                cells[5],
                cells[6]);
    }

    private static String scientific(BigInteger flops) {
        return String.format(Locale.ROOT, "%.3e", flops.doubleValue());
    }

    private static BigInteger total(List<PlanVerb.Planned> runs) {
        return runs.stream()
                .map(run -> run.plan().flops())
                .reduce(BigInteger.ZERO, BigInteger::add);
    }

    /// The runs in a list, and their sum.
    static Map<String, Object> json(List<PlanVerb.Planned> runs) {
        Map<String, Object> totals = new LinkedHashMap<>();
        totals.put("runs", runs.size());
        totals.put("flops", total(runs));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("convention", "matmul");
        root.put("unit", "FLOP");
        root.put("runs", runs.stream().map(PlanTable::json).toList());
        root.put("totals", totals);
        return root;
    }

    private static Map<String, Object> json(PlanVerb.Planned run) {
        Plan plan = run.plan();
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("perStep", plan.flopsPerStep());
        flops.put("total", plan.flops());
        flops.put("perDevice", plan.flopsPerDevice());
        flops.put("devices", plan.devices());
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", run.recipe().name());
        row.put("method", run.recipe().method().name());
        row.put("encoder", run.recipe().encoder().name());
        row.put("data", Sources.name(run.recipe().data()));
        row.put("batch", plan.batch());
        row.put("steps", plan.steps());
        row.put("flops", flops);
        return row;
    }
}
