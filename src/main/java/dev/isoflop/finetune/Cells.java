package dev.isoflop.finetune;

import dev.isoflop.fault.RunException;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.SearchReport;
import dev.isoflop.run.SearchReport.Cell;
import dev.isoflop.run.Stop;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// The runs of a search, one after the other, in a folder that is held open.
final class Cells {

    private final RunFolder folder;
    private final Table table;
    private final RunListener to;
    private final Stop stop;
    private SearchReport report;

    /// @param table the recipe, of which each run takes its own variant
    /// @param report what is done already
    Cells(RunFolder folder, Table table, SearchReport report, RunListener to, Stop stop) {
        this.folder = folder;
        this.table = table;
        this.report = report;
        this.to = to;
        this.stop = stop;
    }

    /// Runs what is left to run.
    SearchReport run() throws InterruptedException {
        List<Cell> cells = new ArrayList<>();
        if (report.wanted().grid()) {
            for (double rate : report.wanted().rates()) {
                for (double decay : report.wanted().decays()) {
                    Cell cell = cell(rate, decay);
                    cells.add(cell);
                    if (!progressed(cells, null, List.of(), cell)) {
                        return report;
                    }
                }
            }
        }
        Optional<Cell> best =
                cells.stream().filter(Cell::evaluated).max(Comparator.comparingDouble(Cell::value));
        if (report.wanted().grid() && best.isEmpty()) {
            return written(
                    report.with(
                            cells, null, List.of(), true, "No cell came to an end; see cells."));
        }
        List<Cell> seeds = new ArrayList<>();
        for (int i = 0; i < report.wanted().wantedSeeds(); i++) {
            Cell cell = seed(best, i);
            seeds.add(cell);
            if (!progressed(cells, best.orElse(null), seeds, cell)) {
                return report;
            }
        }
        SearchReport ended = report.with(cells, best.orElse(null), seeds, true, "");
        return written(ended.with(cells, best.orElse(null), seeds, true, sentence(ended, best)));
    }

    /// Writes down what is done.
    ///
    /// @return whether to go on
    private boolean progressed(List<Cell> cells, @Nullable Cell best, List<Cell> seeds, Cell last) {
        boolean interrupted = last.status() == Result.Status.INTERRUPTED;
        boolean done = seeds.size() == report.wanted().wantedSeeds();
        boolean stopped = interrupted || (stop.wanted() && !done);
        String message =
                stopped
                        ? "Stopped %s %s; continue with: isoflop finetune --resume %s"
                                .formatted(interrupted ? "in" : "after", last.run(), folder.path())
                        : "under way";
        var _ = written(report.with(cells, best, seeds, false, message));
        Score.Metric score = last.score();
        to.said(
                "search      %s: %s, %s"
                        .formatted(
                                last.run(),
                                last.status(),
                                score == null ? "no score" : score.name() + " " + score.value()));
        return !stopped;
    }

    private SearchReport written(SearchReport now) {
        report = now;
        folder.writeSearch(now);
        return now;
    }

    private Cell cell(double rate, double decay) throws InterruptedException {
        Table own = set(table, rate, decay);
        if (report.wanted().on().equals(Search.HELD_OUT)) {
            own = own.with("hold-out", Double.toString(report.wanted().heldOut()));
        }
        String name = "cells/rate-" + rate + "-decay-" + decay;
        return outcome(name, own, rate, decay, seedOf(table));
    }

    private Cell seed(Optional<Cell> best, int i) throws InterruptedException {
        Double rate = best.map(Cell::rate).orElse(null);
        Double decay = best.map(Cell::decay).orElse(null);
        Table own = rate == null || decay == null ? table : set(table, rate, decay);
        long seed = seedOf(table) + i;
        own = own.with("seed", Long.toString(seed));
        return outcome("seeds/seed-" + seed, own, rate, decay, seed);
    }

    private static long seedOf(Table table) {
        return table.whole("seed", 0);
    }

    private static Table set(Table table, double rate, double decay) {
        return table.with("optimiser.base-rate", Double.toString(rate))
                .with("optimiser.weight-decay", Double.toString(decay));
    }

    /// Runs a cell, or goes on with it, or reads what came of it.
    private Cell outcome(
            String name, Table own, @Nullable Double rate, @Nullable Double decay, long seed)
            throws InterruptedException {
        Path path = folder.path().resolve(name);
        boolean there = Files.exists(path.resolve("recipe.yaml"));
        Optional<Result> before = there ? result(path) : Optional.empty();
        Result result;
        if (before.filter(Cells::over).isPresent()) {
            result = before.get();
        } else {
            try {
                result =
                        there
                                ? FineTuning.resume(path, to, stop)
                                : FineTuning.of(own).run(path, to, stop);
            } catch (RunException e) {
                // what broke down is a result like any other; what could not go on is not
                result = result(path).filter(Cells::over).orElseThrow(() -> e);
                to.said(String.valueOf(e.getMessage()));
            }
        }
        Score score = result.score();
        return new Cell(
                name,
                rate,
                decay,
                seed,
                result.status(),
                score == null ? null : score.main(),
                score == null ? null : score.protocol(),
                score == null ? null : score.data(),
                result.flops() == null ? BigInteger.ZERO : result.flops(),
                result.message());
    }

    private static Optional<Result> result(Path path) {
        try (RunFolder run = RunFolder.read(path)) {
            return run.readResult();
        }
    }

    private static boolean over(Result result) {
        return switch (result.status()) {
            case FINISHED, UNSTABLE -> true;
            case INTERRUPTED, FAILED -> false;
        };
    }

    private static String sentence(SearchReport report, Optional<Cell> best) {
        Double median = report.range().median();
        Double least = report.range().least();
        Double most = report.range().most();
        long evaluated = report.seeds().stream().filter(Cell::evaluated).count();
        if (median == null || least == null || most == null) {
            return "No seed came to an end; see seeds.";
        }
        Cell one = report.seeds().stream().filter(Cell::evaluated).findFirst().orElseThrow();
        Score.Metric metric = Objects.requireNonNull(one.score(), "score");
        String chosen =
                best.map(cell ->
                                String.format(
                                        Locale.ROOT,
                                        " at rate %s and weight decay %s, the best of %d by %s on"
                                                + " %s (%s)",
                                        cell.rate(),
                                        cell.decay(),
                                        report.cells().size(),
                                        metric.name(),
                                        report.wanted().on().equals(Search.HELD_OUT)
                                                ? "a held-out part of the training data"
                                                : "the validation data itself, as the paper has it",
                                        cell.data()))
                        .orElse(" at the recipe's own rate and weight decay");
        return String.format(
                Locale.ROOT,
                "%s %.4f, the median of %d seeds (%.4f to %.4f; %d of %d came to an end)%s."
                        + " Judged on %s: %s.",
                metric.title(),
                median,
                evaluated,
                least,
                most,
                evaluated,
                report.wanted().wantedSeeds(),
                chosen,
                one.data(),
                one.protocol());
    }
}
