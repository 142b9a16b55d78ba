package dev.isoflop.plan;

import dev.isoflop.budget.Estimate;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;

/// Numbers as the cells of a table of plans.
final class Cells {

    private Cells() {}

    /// In full: `1,281,167`.
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /// By their size: `1.234e+18`.
    static String scientific(BigInteger flops) {
        return String.format(Locale.ROOT, "%.3e", flops.doubleValue());
    }

    /// The middle of its band; `-` where nothing is known.
    static String plain(Optional<Estimate> estimate) {
        return estimate.map(e -> Estimate.plain(e.value())).orElse("-");
    }
}
