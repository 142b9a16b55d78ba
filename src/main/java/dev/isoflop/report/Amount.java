package dev.isoflop.report;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// Numbers as people read them. A number that is not finite is its own word.
final class Amount {

    private static final List<String> PREFIXES = List.of("", "k", "M", "G", "T", "P", "E");

    private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

    private static final MathContext THREE_DIGITS = new MathContext(3);

    private Amount() {}

    /// A large count by its size: `1.34e13`; below a million in full.
    static String size(BigInteger count) {
        if (count.compareTo(MILLION) < 0) {
            return whole(count.longValueExact());
        }
        BigDecimal rounded = new BigDecimal(count).round(THREE_DIGITS);
        int exponent = rounded.precision() - rounded.scale() - 1;
        return rounded.movePointLeft(exponent).setScale(2).toPlainString() + "e" + exponent;
    }

    /// A count in full: `1,281,167`.
    static String whole(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /// Three digits: `0.410`, `256`, `1.50e-4`.
    static String real(double value) {
        if (!Double.isFinite(value)) {
            return String.valueOf(value);
        }
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (size < 1e-3 || size >= 1e6) {
            return String.format(Locale.ROOT, "%.2e", value)
                    .replaceFirst("e([-+])0?", "e$1")
                    .replace("e+", "e");
        }
        int whole = (int) Math.floor(Math.log10(size)) + 1;
        return String.format(Locale.ROOT, "%,." + Math.clamp(3 - whole, 0, 5) + "f", value);
    }

    /// A share as a percentage: `79.6%`, or `0.012%`.
    static String percent(double share) {
        double percent = 100 * share;
        return !Double.isFinite(share) || (percent != 0 && Math.abs(percent) < 0.1)
                ? real(percent) + "%"
                : String.format(Locale.ROOT, "%.1f%%", percent);
    }

    /// A rate with its prefix: `397 GFLOP/s`.
    static String rate(double flopsPerSecond) {
        double value = flopsPerSecond;
        int prefix = 0;
        while (Math.abs(value) >= 1000 && prefix < PREFIXES.size() - 1) {
            value /= 1000;
            prefix++;
        }
        return real(value) + " " + PREFIXES.get(prefix) + "FLOP/s";
    }

    /// A time: `45.2 s`, `10 min 5 s`, `2 h 3 min`.
    static String time(double seconds) {
        if (!Double.isFinite(seconds) || seconds < 60) {
            return real(seconds) + " s";
        }
        Duration time = Duration.ofSeconds(Math.round(seconds));
        return time.toHours() > 0
                ? time.toHours() + " h " + time.toMinutesPart() + " min"
                : time.toMinutes() + " min " + time.toSecondsPart() + " s";
    }

    /// An energy: `812 J`, `45.2 Wh`, `1.20 kWh`.
    static String energy(double joules) {
        return energy(joules, joules);
    }

    /// An energy in the unit that another one is written in.
    static String energy(double joules, double like) {
        return scaled(joules, like, 3.6e3, "J", List.of("Wh", "kWh", "MWh", "GWh"));
    }

    /// A mass: `45.2 g`, `1.20 kg`, `31.0 t`.
    static String mass(double kilograms) {
        return mass(kilograms, kilograms);
    }

    /// A mass in the unit that another one is written in.
    static String mass(double kilograms, double like) {
        return scaled(kilograms * 1e6, like * 1e6, 1e3, "mg", List.of("g", "kg", "t", "kt"));
    }

    /// A number with the largest of its units in which another one is at least 1.
    ///
    /// @param first the first unit's size in the smallest; each further one is a thousand times
    ///   that
    private static String scaled(
            double value, double like, double first, String smallest, List<String> units) {
        if (like < first) {
            return real(value) + " " + smallest;
        }
        double size = first;
        int unit = 0;
        while (like / size >= 1000 && unit < units.size() - 1) {
            size *= 1000;
            unit++;
        }
        return real(value / size) + " " + units.get(unit);
    }
}
