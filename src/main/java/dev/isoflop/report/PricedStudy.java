package dev.isoflop.report;

import dev.isoflop.budget.Estimate;
import dev.isoflop.carbon.Footprint;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/// Many priced runs, and their sums.
///
/// @param runs in the order of their files
/// @param conditions on what they are reckoned, for people; empty where FLOPs alone are known
public record PricedStudy(List<PricedRun> runs, String conditions) {

    public PricedStudy {
        runs = List.copyOf(runs);
    }

    /// Sums over some runs. What not every one of them has, the sum lacks as well.
    ///
    /// @param runs how many
    /// @param flops convention matmul, total over all devices
    /// @param hours of wall clock, one run after the other
    /// @param energy in kWh
    /// @param carbon in kg CO2e
    /// @param embodied in kg CO2e
    /// @param money at the recipes' price
    public record Sum(
            int runs,
            BigInteger flops,
            Optional<Estimate> hours,
            Optional<Estimate> energy,
            Optional<Estimate> carbon,
            Optional<Estimate> embodied,
            Optional<Estimate> money) {

        private static Sum of(List<PricedRun> runs) {
            BigInteger flops =
                    runs.stream()
                            .map(run -> run.plan().flops())
                            .reduce(BigInteger.ZERO, BigInteger::add);
            return new Sum(
                    runs.size(),
                    flops,
                    sum("hours", runs, cost -> Optional.of(cost.hours())),
                    sum("energy", runs, Footprint::energy),
                    sum("carbon", runs, Footprint::carbon),
                    sum("embodied carbon", runs, Footprint::embodied),
                    sum("money", runs, Footprint::money));
        }

        private static Optional<Estimate> sum(
                String name, List<PricedRun> runs, Function<Footprint, Optional<Estimate>> what) {
            List<Estimate> parts = new ArrayList<>();
            for (PricedRun run : runs) {
                run.cost().flatMap(what).ifPresent(parts::add);
            }
            boolean whole = !parts.isEmpty() && parts.size() == runs.size();
            boolean oneUnit = parts.stream().map(Estimate::unit).distinct().count() == 1;
            return whole && oneUnit ? Optional.of(Estimate.sum(name, parts)) : Optional.empty();
        }
    }

    /// Over all runs.
    public Sum total() {
        return Sum.of(runs);
    }

    /// Over the runs of each figure, figures by name. A run may be in several.
    public Map<String, Sum> byFigure() {
        Map<String, Sum> sums = new LinkedHashMap<>();
        for (String figure : figures()) {
            sums.put(
                    figure,
                    Sum.of(runs.stream().filter(r -> r.figures().contains(figure)).toList()));
        }
        return sums;
    }

    /// The figures that any run is in, by name.
    public List<String> figures() {
        var names = new TreeSet<String>();
        runs.forEach(run -> names.addAll(run.figures()));
        return List.copyOf(names);
    }

    /// Runs of which a part runs twice because a batch is cut: executed, but not priced.
    public List<PricedRun> again() {
        return runs.stream().filter(run -> run.plan().again().flops().signum() > 0).toList();
    }
}
