package dev.isoflop.finetune;

import dev.isoflop.fault.Check;
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
import java.util.Optional;

/// The protocol of Koppula et al. 2022, section A.4: rates and weight decays, each in a run of its
/// own, then several seeds at the best of them, of which the median counts.
///
/// Each run lies in a folder within the search's. One that came to an end, or broke down, is not
/// run again; one that was stopped goes on.
public final class Search {

    private static final String HELD_OUT = "held-out";

    private final RunFolder folder;
    private final Table recipe;
    private SearchReport report;
    private final RunListener to;
    private final Stop stop;

    private Search(RunFolder folder, Table recipe, SearchReport report, RunListener to, Stop stop) {
        this.to = to;
        this.stop = stop;
        this.folder = folder;
        this.recipe = recipe;
        this.report = report;
    }

    /// What is tried.
    ///
    /// @param rates learning rates
    /// @param decays weight decays
    /// @param seeds runs at the best
    /// @param heldOut share of the training data that cells are compared on
    public record Settings(List<Double> rates, List<Double> decays, int seeds, double heldOut) {

        /// Section A.4; but for the held-out part, for which it takes the validation data.
        public static final Settings PAPER =
                new Settings(List.of(1e-5, 5e-5, 1e-4, 5e-4), List.of(0.1, 0.05, 0.01), 5, 0.1);

        public Settings {
            rates = List.copyOf(rates);
            decays = List.copyOf(decays);
            Check.that(
                    !rates.isEmpty() && rates.stream().allMatch(rate -> rate > 0),
                    "rates is %s; write one or more, above 0",
                    rates);
            Check.that(
                    !decays.isEmpty() && decays.stream().allMatch(decay -> decay >= 0),
                    "decays is %s; write one or more, at least 0",
                    decays);
            Check.that(seeds >= 1, "seeds is %s; it must be at least 1", seeds);
            Check.that(
                    heldOut > 0 && heldOut < 1,
                    "heldOut is %s; write a share between 0 and 1, such as 0.1",
                    heldOut);
        }

        public static Settings from(Table t) {
            return t.build(() ->
                    new Settings(
                            t.reals("rates", PAPER.rates),
                            t.reals("decays", PAPER.decays),
                            t.count("seeds", PAPER.seeds),
                            t.real("held-out", PAPER.heldOut)));
        }
    }

    /// Starts a search in a new folder.
    ///
    /// @param grid whether rates and decays are tried
    /// @param onValidation whether cells are compared on the validation data itself
    /// @param seeds runs at the best; 0 for those of the recipe
    public static SearchReport start(
            Table table,
            Path out,
            boolean grid,
            boolean onValidation,
            int seeds,
            RunListener to,
            Stop stop)
            throws Exception {
        FineTuneRecipe whole = FineTuneRecipe.from(table);
        Settings settings = whole.search();
        SearchReport begun =
                SearchReport.begun(
                        new SearchReport.Wanted(
                                grid,
                                onValidation ? "val" : HELD_OUT,
                                settings.heldOut,
                                settings.rates,
                                settings.decays,
                                seeds > 0 ? seeds : settings.seeds));
        try (FineTuneRecipe.Splits splits = whole.open()) {
            // data that will not do and a budget too small are said before a folder is made
            whole.on(splits.labels()).plan(splits.training().size(), 1);
        }
        try (RunFolder folder = RunFolder.create(out)) {
            folder.writeRecipe(table.yaml());
            folder.writeSearch(begun);
            return new Search(folder, table, begun, to, stop).run();
        }
    }

    /// Goes on with the search in a folder that is held open.
    public static SearchReport resume(
            RunFolder folder, SearchReport report, RunListener to, Stop stop) throws Exception {
        Table table = Table.parse(folder.recipe().toString(), folder.readRecipe());
        return new Search(folder, table, report, to, stop).run();
    }

    private SearchReport run() throws Exception {
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
                cells.stream().filter(Cell::judged).max(Comparator.comparingDouble(Search::value));
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

    private static double value(Cell cell) {
        Double meanIoU = cell.meanIoU();
        return meanIoU == null ? Double.NEGATIVE_INFINITY : meanIoU;
    }

    /// Writes down what is done.
    ///
    /// @return whether to go on
    private boolean progressed(List<Cell> cells, @Nullable Cell best, List<Cell> seeds, Cell last) {
        boolean stopped = last.status() == Result.Status.INTERRUPTED;
        String message =
                stopped
                        ? "Stopped in "
                                + last.run()
                                + "; continue with: isoflop finetune --resume "
                                + folder.path()
                        : "under way";
        var _ = written(report.with(cells, best, seeds, false, message));
        to.said(
                String.format(
                        Locale.ROOT,
                        "search      %s: %s, mean IoU %s",
                        last.run(),
                        last.status(),
                        last.meanIoU() == null ? "none" : last.meanIoU()));
        return !stopped;
    }

    private SearchReport written(SearchReport now) {
        report = now;
        folder.writeSearch(now);
        return now;
    }

    private Cell cell(double rate, double decay) throws Exception {
        Table table = set(recipe, rate, decay);
        if (report.wanted().on().equals(HELD_OUT)) {
            table = table.with("hold-out", Double.toString(report.wanted().heldOut()));
        }
        String name = "cells/rate-" + rate + "-decay-" + decay;
        return outcome(name, table, rate, decay, seedOf(recipe));
    }

    private Cell seed(Optional<Cell> best, int i) throws Exception {
        Double rate = best.map(Cell::rate).orElse(null);
        Double decay = best.map(Cell::decay).orElse(null);
        Table table = rate == null || decay == null ? recipe : set(recipe, rate, decay);
        long seed = seedOf(recipe) + i;
        table = table.with("seed", Long.toString(seed));
        return outcome("seeds/seed-" + seed, table, rate, decay, seed);
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
            String name, Table table, @Nullable Double rate, @Nullable Double decay, long seed)
            throws Exception {
        Path path = folder.path().resolve(name);
        boolean there = Files.exists(path.resolve("recipe.yaml"));
        Optional<Result> before = there ? result(path) : Optional.empty();
        Result result;
        if (before.filter(Search::over).isPresent()) {
            result = before.get();
        } else {
            try {
                result =
                        there
                                ? FineTuning.resume(path, to, stop)
                                : FineTuning.of(table).run(path, to, stop);
            } catch (RunException e) {
                // what broke down is a result like any other; what could not go on is not
                result = result(path).filter(Search::over).orElseThrow(() -> e);
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
                score == null ? null : score.meanIoU(),
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
        long judged = report.seeds().stream().filter(Cell::judged).count();
        if (median == null || least == null || most == null) {
            return "No seed came to an end; see seeds.";
        }
        Cell one = report.seeds().stream().filter(Cell::judged).findFirst().orElseThrow();
        String chosen =
                best.map(cell ->
                                String.format(
                                        Locale.ROOT,
                                        " at rate %s and weight decay %s, the best of %d by mean"
                                                + " IoU on %s (%s)",
                                        cell.rate(),
                                        cell.decay(),
                                        report.cells().size(),
                                        report.wanted().on().equals(HELD_OUT)
                                                ? "a held-out part of the training data"
                                                : "the validation data itself, as the paper has it",
                                        cell.data()))
                        .orElse(" at the recipe's own rate and weight decay");
        return String.format(
                Locale.ROOT,
                "Mean IoU %.4f, the median of %d seeds (%.4f to %.4f; %d of %d came to an end)%s."
                        + " Judged on %s: %s.",
                median,
                judged,
                least,
                most,
                judged,
                report.wanted().wantedSeeds(),
                chosen,
                one.data(),
                one.protocol());
    }
}
