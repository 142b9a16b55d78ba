package dev.isoflop.budget;

import dev.isoflop.fault.Check;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/// A count of floating-point operations together with its derivation: a tree whose leaves are
/// matrix products and whose inner nodes are sums.
///
/// Convention `matmul`: matrix products, convolutions and attention; a multiply-add is two
/// operations; backward is exactly what runs, without recomputation. Counts are exact integers of
/// any size, never floating point.
///
/// @param name what was counted, for example `encoder`
/// @param flops the count, in FLOP; at a sum, that of its parts
/// @param how the formula, for example `2 x 12 heads x 197 x 64 x 197`
/// @param parts the summands; none at a leaf
public record Work(String name, BigInteger flops, String how, List<Work> parts) {

    public Work {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(flops, "flops");
        Objects.requireNonNull(how, "how");
        parts = List.copyOf(Objects.requireNonNull(parts, "parts"));
        Check.that(flops.signum() >= 0, "flops is %s; a count is not negative", flops);
    }

    /// `times` matrix products of `[rows, inner] x [inner, columns]`.
    public static Work product(String name, long times, long rows, long inner, long columns) {
        BigInteger flops =
                Stream.of(times, rows, inner, columns)
                        .map(BigInteger::valueOf)
                        .reduce(BigInteger.TWO, BigInteger::multiply);
        String how = "2 x " + rows + " x " + inner + " x " + columns;
        return new Work(name, flops, times == 1 ? how : how + " x " + times, List.of());
    }

    /// The sum of several counts.
    public static Work sum(String name, List<Work> parts) {
        BigInteger flops = parts.stream().map(Work::flops).reduce(BigInteger.ZERO, BigInteger::add);
        return new Work(name, flops, "sum", parts);
    }

    public static Work sum(String name, Work... parts) {
        return sum(name, List.of(parts));
    }

    /// Nothing at all.
    public static Work none(String name) {
        return new Work(name, BigInteger.ZERO, "nothing", List.of());
    }

    /// The same tree with every count `n` times as large; `what` says n of what, for example
    /// `blocks`.
    public Work times(long n, String what) {
        BigInteger factor = BigInteger.valueOf(n);
        String scaled = parts.isEmpty() ? how + " x " + n + " " + what : how;
        return new Work(
                name,
                flops.multiply(factor),
                scaled,
                parts.stream().map(part -> part.times(n, what)).toList());
    }

    public Work named(String other) {
        return new Work(other, flops, how, parts);
    }

    /// The count as a `long`.
    ///
    /// @throws ArithmeticException when it does not fit
    public long exact() {
        return flops.longValueExact();
    }

    /// The sum of every node of this name, wherever it stands in the tree; zero when there is none.
    public BigInteger of(String part) {
        if (name.equals(part)) {
            return flops;
        }
        return parts.stream().map(p -> p.of(part)).reduce(BigInteger.ZERO, BigInteger::add);
    }

    /// The derivation, one line a node, indented by depth.
    public String explain() {
        List<String> lines = new ArrayList<>();
        explain("", lines);
        return String.join("\n", lines);
    }

    private void explain(String indent, List<String> lines) {
        lines.add(
                String.format(
                        Locale.ROOT, "%-34s %,26d FLOP  %s", indent + name, flops, "= " + how));
        for (Work part : parts) {
            part.explain(indent + "  ", lines);
        }
    }

    /// A count for people, with its unit: `1.23 PFLOP`.
    public static String readable(BigInteger flops) {
        String[] prefixes = {"", "k", "M", "G", "T", "P", "E", "Z", "Y"};
        double value = flops.doubleValue();
        int prefix = 0;
        while (value >= 999.5 && prefix < prefixes.length - 1) {
            value /= 1000;
            prefix++;
        }
        String digits =
                prefix == 0 ? "%.0f" : value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, digits + " %sFLOP", value, prefixes[prefix]);
    }
}
