package dev.isoflop.run;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// A search over learning rates and weight decays, and seeds at the best of them.
///
/// @param grid whether rates and decays are tried; else the recipe's own are taken
/// @param on what cells are compared on: "held-out", a part of the training data, or "val", the
///   validation data itself, as in Koppula et al. 2022
/// @param heldOut share of the training data that is held out for it
/// @param rates that are tried
/// @param decays that are tried
/// @param wantedSeeds runs at the best
/// @param cells done so far
/// @param best of the cells; null until all are done, or where no cell came to an end
/// @param seeds runs at the best, done so far
/// @param median mean IoU of those that came to an end; null until all are done
/// @param least of them
/// @param most of them
/// @param flops that all runs together spent, convention matmul, scope total
/// @param complete whether nothing is left to do
/// @param message one sentence for people
public record SearchReport(
        boolean grid,
        String on,
        double heldOut,
        List<Double> rates,
        List<Double> decays,
        int wantedSeeds,
        List<Cell> cells,
        @Nullable Cell best,
        List<Cell> seeds,
        @Nullable Double median,
        @Nullable Double least,
        @Nullable Double most,
        BigInteger flops,
        boolean complete,
        String message) {

    public SearchReport {
        rates = List.copyOf(rates);
        decays = List.copyOf(decays);
        cells = List.copyOf(cells);
        seeds = List.copyOf(seeds);
    }

    /// One run of a search.
    ///
    /// @param run its folder, within that of the search
    /// @param rate learning rate; null for the recipe's own
    /// @param decay weight decay; null likewise
    /// @param seed of the run
    /// @param status how it ended
    /// @param meanIoU if it came to be judged
    /// @param protocol that it was judged by
    /// @param data that it was judged on
    /// @param flops that it spent
    /// @param message how it went
    public record Cell(
            String run,
            @Nullable Double rate,
            @Nullable Double decay,
            long seed,
            Result.Status status,
            @Nullable Double meanIoU,
            @Nullable String protocol,
            @Nullable String data,
            BigInteger flops,
            String message) {

        /// Whether it came to an end, and was judged.
        public boolean judged() {
            return status == Result.Status.FINISHED && meanIoU != null && !meanIoU.isNaN();
        }
    }

    /// All that a search has to do, of which nothing is done yet.
    public static SearchReport begun(
            boolean grid,
            String on,
            double heldOut,
            List<Double> rates,
            List<Double> decays,
            int seeds) {
        return new SearchReport(
                grid,
                on,
                heldOut,
                rates,
                decays,
                seeds,
                List.of(),
                null,
                List.of(),
                null,
                null,
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
        double[] sorted =
                doneSeeds.stream()
                        .filter(Cell::judged)
                        .mapToDouble(cell -> cell.meanIoU() == null ? Double.NaN : cell.meanIoU())
                        .sorted()
                        .toArray();
        boolean any = ended && sorted.length > 0;
        List<Cell> all = new ArrayList<>(doneCells);
        all.addAll(doneSeeds);
        return new SearchReport(
                grid,
                on,
                heldOut,
                rates,
                decays,
                wantedSeeds,
                doneCells,
                chosen,
                doneSeeds,
                any ? (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2 : null,
                any ? sorted[0] : null,
                any ? sorted[sorted.length - 1] : null,
                all.stream().map(Cell::flops).reduce(BigInteger.ZERO, BigInteger::add),
                ended,
                said);
    }
}
