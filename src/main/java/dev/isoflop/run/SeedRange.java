package dev.isoflop.run;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// What several seeds came to: the median of those that came to an end, and of how many it is.
///
/// A median of the survivors is kinder than one of all seeds, so it never stands alone: people read
/// {@link #text}, which marks it with an asterisk and the counts where a seed is missing from it,
/// and in files `finished` and `diverged` stand beside it.
///
/// @param median of the main metric, 0 to 1; null until all seeds are done, or where none came to
///   an end
/// @param least of it; null likewise
/// @param most of it; null likewise
/// @param finished seeds that came to an end and were evaluated, by now; null in a file older than
///   this count, as the next
/// @param diverged seeds whose training broke down, by now
public record SeedRange(
        @Nullable Double median,
        @Nullable Double least,
        @Nullable Double most,
        @Nullable Integer finished,
        @Nullable Integer diverged) {

    static final SeedRange NONE = new SeedRange(null, null, null, 0, 0);

    /// That of the seeds done so far.
    ///
    /// @param ended whether none is left to do
    static SeedRange of(List<SearchReport.Cell> seeds, boolean ended) {
        double[] sorted =
                seeds.stream()
                        .filter(SearchReport.Cell::evaluated)
                        .mapToDouble(SearchReport.Cell::value)
                        .sorted()
                        .toArray();
        int n = sorted.length;
        int diverged = (int) seeds.stream().filter(SearchReport.Cell::diverged).count();
        return n == 0 || !ended
                ? new SeedRange(null, null, null, n, diverged)
                : new SeedRange(
                        (sorted[(n - 1) / 2] + sorted[n / 2]) / 2,
                        sorted[0],
                        sorted[n - 1],
                        n,
                        diverged);
    }

    /// The figure as it stands wherever people read it: `0.4120 (median of 5 seeds)`, or `0.4120*
    /// (median of 3 of 5 seeds; 2 diverged)`; or that there is none, and why.
    ///
    /// @param seeds that there were to be
    public String text(int seeds) {
        int lost = Objects.requireNonNullElse(diverged, 0);
        int ended = Objects.requireNonNullElse(finished, seeds);
        List<String> missing = new ArrayList<>();
        if (lost > 0) {
            missing.add(lost + " diverged");
        }
        if (ended + lost < seeds) {
            missing.add((seeds - ended - lost) + " without a score");
        }
        String why = String.join(", ", missing);
        if (median == null) {
            return "no figure: %s of %d %s"
                    .formatted(
                            missing.isEmpty() ? "none" : why, seeds, seeds == 1 ? "seed" : "seeds");
        }
        String figure = String.format(Locale.ROOT, "%.4f", median);
        return missing.isEmpty()
                ? "%s (median of %d %s)".formatted(figure, seeds, seeds == 1 ? "seed" : "seeds")
                : "%s* (median of %d of %d seeds; %s)".formatted(figure, ended, seeds, why);
    }
}
