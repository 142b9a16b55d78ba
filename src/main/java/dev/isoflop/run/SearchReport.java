package dev.isoflop.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// A search over learning rates and weight decays, and seeds at the best of them.
///
/// In `search.json` the components of [Wanted] and [SeedRange] stand beside the others: the file is
/// flat.
///
/// @param wanted what is tried, and on what
/// @param cells done so far
/// @param best of the cells; null until all are done, or where no cell came to an end
/// @param seeds runs at the best, done so far
/// @param range of their main metric, and of how many of them it is
/// @param baseline what their median is to be held against; null until it is known, or where there
///   is none
/// @param flops that its own runs together spent, convention matmul, scope total
/// @param complete whether nothing is left to do
/// @param message one sentence for people
public record SearchReport(
        @JsonUnwrapped Wanted wanted,
        List<Cell> cells,
        @Nullable Cell best,
        List<Cell> seeds,
        @JsonUnwrapped SeedRange range,
        @Nullable Baseline baseline,
        BigInteger flops,
        boolean complete,
        String message) {

    public SearchReport {
        cells = List.copyOf(cells);
        seeds = List.copyOf(seeds);
    }

    /// What a search tries.
    ///
    /// @param grid whether rates and decays are tried; else the recipe's own are taken
    /// @param on what cells are compared on: "held-out", a part of the training data, or "val", the
    ///   validation data itself, as in Koppula et al. 2022
    /// @param heldOut share of the training data that is held out for it
    /// @param rates that are tried
    /// @param decays that are tried
    /// @param wantedSeeds runs at the best
    public record Wanted(
            boolean grid,
            String on,
            double heldOut,
            List<Double> rates,
            List<Double> decays,
            int wantedSeeds) {

        public Wanted {
            rates = List.copyOf(rates);
            decays = List.copyOf(decays);
        }
    }

    public @Nullable Double median() {
        return range.median();
    }

    /// The median of the seeds as people read it, with how many it is of; or that there is none.
    public String figure() {
        return range.text(wanted.wantedSeeds);
    }

    /// The cells that diverged: tried, and out of the running.
    public List<Cell> divergedCells() {
        return cells.stream().filter(Cell::diverged).toList();
    }

    /// One run of a search.
    ///
    /// @param run its folder, within that of the search
    /// @param rate learning rate; null for the recipe's own
    /// @param decay weight decay; null likewise
    /// @param seed of the run
    /// @param status how it ended
    /// @param score its main metric, if it came to be evaluated
    /// @param protocol that it was evaluated by
    /// @param data that it was evaluated on
    /// @param flops that it spent
    /// @param message how it went
    public record Cell(
            String run,
            @Nullable Double rate,
            @Nullable Double decay,
            long seed,
            Result.Status status,
            Score.@Nullable Metric score,
            @Nullable String protocol,
            @Nullable String data,
            BigInteger flops,
            String message) {

        /// Reads one, also from before tasks other than segmentation were thought of.
        @JsonCreator
        static Cell read(
                @JsonProperty("run") String run,
                @JsonProperty("rate") @Nullable Double rate,
                @JsonProperty("decay") @Nullable Double decay,
                @JsonProperty("seed") long seed,
                @JsonProperty("status") Result.Status status,
                @JsonProperty("score") Score.@Nullable Metric score,
                @JsonProperty("protocol") @Nullable String protocol,
                @JsonProperty("data") @Nullable String data,
                @JsonProperty("flops") BigInteger flops,
                @JsonProperty("message") String message,
                @JsonProperty("meanIoU") @Nullable Double meanIoU) {
            return new Cell(
                    run,
                    rate,
                    decay,
                    seed,
                    status,
                    score == null && meanIoU != null ? OldScore.meanIoU(meanIoU) : score,
                    protocol,
                    data,
                    flops,
                    message);
        }

        /// Whether it came to an end, and was evaluated.
        public boolean evaluated() {
            return status == Result.Status.FINISHED && !Double.isNaN(value());
        }

        /// Whether training broke down: a result like any other, and none that a median or a choice
        /// of the best could have.
        public boolean diverged() {
            return status == Result.Status.UNSTABLE;
        }

        /// Of its main metric, 0 to 1; NaN where there is none.
        public double value() {
            return score == null ? Double.NaN : score.value();
        }
    }

    /// All that a search has to do, of which nothing is done yet.
    public static SearchReport begun(Wanted wanted) {
        return new SearchReport(
                wanted,
                List.of(),
                null,
                List.of(),
                SeedRange.NONE,
                null,
                BigInteger.ZERO,
                false,
                "begun");
    }

    /// The same search with what is done of it.
    public SearchReport with(
            List<Cell> doneCells,
            @Nullable Cell chosen,
            List<Cell> doneSeeds,
            boolean ended,
            String said) {
        List<Cell> all = new ArrayList<>(doneCells);
        all.addAll(doneSeeds);
        return new SearchReport(
                wanted,
                doneCells,
                chosen,
                doneSeeds,
                SeedRange.of(doneSeeds, ended),
                null,
                all.stream().map(Cell::flops).reduce(BigInteger.ZERO, BigInteger::add),
                ended,
                said);
    }

    /// The same search, whose own runs are done.
    ///
    /// @param known what it is to be held against, as far as that is known
    /// @param ended whether nothing is left to do
    public SearchReport against(@Nullable Baseline known, boolean ended, String said) {
        return new SearchReport(wanted, cells, best, seeds, range, known, flops, ended, said);
    }
}
