package dev.isoflop.finetune;

import dev.isoflop.fault.RunException;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.Standing;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.Origin;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
                            cells,
                            null,
                            List.of(),
                            true,
                            nothing(report.with(cells, null, List.of(), true, ""))));
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
        return against(ended.against(null, true, sentence(ended, best)), best);
    }

    /// Holds the median against as many seeds of the same network from scratch, at the same rate
    /// and decay, where that is wanted.
    private SearchReport against(SearchReport ended, Optional<Cell> best)
            throws InterruptedException {
        Optional<Baseline> chance = chance(ended);
        if (chance.isEmpty() || ended.median() == null) {
            return written(ended);
        }
        String figures = ended.message();
        FineTuneRecipe recipe = FineTuneRecipe.from(own(best, 0), origin());
        if (!recipe.wantsScratch()) {
            return written(held(ended, chance.get(), List.of()));
        }
        var _ = written(ended.against(chance.get(), false, figures)); // for they were dear
        List<Double> untrained = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        try (FineTuneRecipe.Splits splits = recipe.open()) {
            for (int i = 0; i < report.wanted().wantedSeeds(); i++) {
                FromScratch scratch = FromScratch.of(own(best, i), origin(), splits, folder.path());
                boolean known = scratch.known().isPresent();
                if (!known && stop.wanted()) {
                    return undone(ended, chance.get());
                }
                to.said(
                        "baseline    seed %d of %d of the same network from scratch, %s: %s"
                                .formatted(
                                        i + 1,
                                        report.wanted().wantedSeeds(),
                                        known ? "known from before" : scratch.price(),
                                        scratch.path()));
                Result result = scratch.run(to, stop);
                if (result.status() == Result.Status.INTERRUPTED) {
                    return undone(ended, chance.get());
                }
                FromScratch.value(result)
                        .ifPresentOrElse(untrained::add, () -> lost.add(result.message()));
            }
        }
        if (!lost.isEmpty()) {
            to.said(
                    "warning: %d of %d seeds from scratch have no figure, the first: %s"
                            .formatted(
                                    lost.size(), report.wanted().wantedSeeds(), lost.getFirst()));
        }
        return written(held(ended, chance.get(), untrained));
    }

    private SearchReport undone(SearchReport ended, Baseline chance) {
        return written(
                ended.against(
                        chance,
                        false,
                        "%s What it is to be held against is not done; continue with: isoflop finetune --resume %s"
                                .formatted(ended.message(), folder.path())));
    }

    private static SearchReport held(SearchReport ended, Baseline chance, List<Double> untrained) {
        Baseline baseline = new Baseline(chance.chance(), chance.guess(), untrained);
        SearchReport whole = ended.against(baseline, true, ended.message());
        return whole.against(
                baseline,
                true,
                ended.message()
                        + Standing.of(whole)
                                .map(standing -> " Held against: " + standing.words() + ".")
                                .orElse(""));
    }

    /// What the first seed that was judged has beside its score.
    private Optional<Baseline> chance(SearchReport ended) {
        return ended.seeds().stream()
                .filter(Cell::evaluated)
                .findFirst()
                .flatMap(cell -> result(folder.path().resolve(cell.run())))
                .map(Result::score)
                .map(Score::baseline);
    }

    private Origin origin() {
        return folder.readOrigin().orElseGet(() -> FineTuneRecipe.origin(table).origin());
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
        long seed = seedOf(table) + i;
        return outcome("seeds/seed-" + seed, own(best, i), rate, decay, seed);
    }

    /// The recipe of a seed at the best rate and decay, or at its own.
    private Table own(Optional<Cell> best, int i) {
        Double rate = best.map(Cell::rate).orElse(null);
        Double decay = best.map(Cell::decay).orElse(null);
        Table own = rate == null || decay == null ? table : set(table, rate, decay);
        return own.with("seed", Long.toString(seedOf(table) + i));
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
                                : FineTuning.of(own)
                                        .withoutBaseline() // the search has one for all
                                        .run(
                                                path,
                                                Optional.of(folder.path()),
                                                sibling(path),
                                                to,
                                                stop);
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

    /// A run that was begun before on what this one is to be run on: a cell or a seed, or only one
    /// of its own kind where cells hold a part of the data out.
    private Optional<Path> sibling(Path path) {
        boolean sameData = !report.wanted().on().equals(Search.HELD_OUT);
        return Stream.concat(report.cells().stream(), report.seeds().stream())
                .map(cell -> folder.path().resolve(cell.run()))
                .filter(run -> sameData || Objects.equals(run.getParent(), path.getParent()))
                .filter(run -> !run.equals(path))
                .findFirst();
    }

    private static Optional<Result> result(Path path) {
        try (RunFolder run = RunFolder.read(path)) {
            return run.readResult();
        }
    }

    /// Whether a run came to an end, and is not run again.
    static boolean over(Result result) {
        return switch (result.status()) {
            case FINISHED, UNSTABLE -> true;
            case INTERRUPTED, FAILED -> false;
        };
    }

    private static String sentence(SearchReport report, Optional<Cell> best) {
        String chosen = chosen(report, best);
        Optional<Cell> evaluated = report.seeds().stream().filter(Cell::evaluated).findFirst();
        if (evaluated.isEmpty()) {
            String figure = report.figure();
            return Score.title(figure) + chosen + "; see seeds.";
        }
        Cell one = evaluated.get();
        Score.Metric metric = Objects.requireNonNull(one.score(), "score");
        return String.format(
                Locale.ROOT,
                "%s %s, %.4f to %.4f,%s. Judged on %s: %s.",
                metric.title(),
                report.figure(),
                report.range().least(),
                report.range().most(),
                chosen,
                one.data(),
                one.protocol());
    }

    /// Why there is no best cell.
    private static String nothing(SearchReport report) {
        int lost = report.divergedCells().size();
        return "No figure: %d of %d cells diverged%s; see cells."
                .formatted(
                        lost,
                        report.cells().size(),
                        lost < report.cells().size() ? ", the others have no score" : "");
    }

    /// At which rate and decay the seeds ran, and what they were chosen among.
    private static String chosen(SearchReport report, Optional<Cell> best) {
        return best.map(cell ->
                        String.format(
                                Locale.ROOT,
                                " at rate %s and weight decay %s, the best of %d by %s on %s"
                                        + " (%s)%s",
                                cell.rate(),
                                cell.decay(),
                                report.cells().size(),
                                Objects.requireNonNull(cell.score(), "score").name(),
                                report.wanted().on().equals(Search.HELD_OUT)
                                        ? "a held-out part of the training data"
                                        : "the validation data itself, as the paper has it",
                                cell.data(),
                                outOfTheRunning(report)))
                .orElse(" at the recipe's own rate and weight decay");
    }

    /// Names the cells that diverged: they were tried, and could not be chosen.
    private static String outOfTheRunning(SearchReport report) {
        List<Cell> lost = report.divergedCells();
        return lost.isEmpty()
                ? ""
                : "; %d of them diverged: %s".formatted(lost.size(), named(lost));
    }

    private static String named(List<Cell> cells) {
        return cells.stream()
                .map(cell -> "rate " + cell.rate() + " with weight decay " + cell.decay())
                .collect(Collectors.joining(", "));
    }
}
