package dev.isoflop.train;

import java.util.SplittableRandom;

/// Where a run stands: which step, how much of the budget is spent, and the random numbers that
/// belong to this place and to no other.
///
/// @param step whole steps done before this one
/// @param steps the run's length
/// @param seed of the run
/// @param firstRow position in the step's batch of the first image at hand
public record Progress(long step, long steps, long seed, int firstRow) {

    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    /// The share of the budget spent before this step, 0 to 1: what every schedule depends on.
    public double share() {
        return (double) step / steps;
    }

    /// The same step, further down its batch.
    public Progress atRow(int row) {
        return new Progress(step, steps, seed, row);
    }

    /// Uniform numbers in `[0, 1)` that depend on the seed, the step, the row of the batch and the
    /// stream alone: the same on every device, for every number of threads and whatever the
    /// micro-batch.
    ///
    /// @param stream keeps apart what a step draws for different purposes
    /// @param rows images at hand
    /// @param columns numbers an image
    /// @return `[rows, columns]`, row-major
    public double[] uniform(int stream, int rows, int columns) {
        double[] result = new double[rows * columns];
        for (int row = 0; row < rows; row++) {
            long place = mix(mix(mix(seed) + step) + stream) + firstRow + row;
            SplittableRandom random = new SplittableRandom(mix(place));
            for (int column = 0; column < columns; column++) {
                result[row * columns + column] = random.nextDouble();
            }
        }
        return result;
    }

    /// The finaliser of Steele, Lea and Flood's SplitMix: neighbours become strangers.
    private static long mix(long z) {
        long x = z + GOLDEN_RATIO;
        x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }
}
