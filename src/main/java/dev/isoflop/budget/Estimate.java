package dev.isoflop.budget;

import dev.isoflop.fault.Check;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A real number that was not counted but reckoned: its unit, a band it is expected in, and where
/// it comes from. What {@link Work} is for counts, this is for hours, energy, carbon and money.
///
/// Exact is an estimate whose band is the number itself. Bands of factors multiply as if all erred
/// together, so that the band of a product is the widest there can be.
///
/// @param name what it is: `energy`
/// @param value the number
/// @param low the least it is expected to be
/// @param high the most it is expected to be
/// @param unit of all three: `kWh`
/// @param how it comes about: `power x hours x PUE`
/// @param source of a number that was looked up or measured, with its date; null where its parts
///   say it
/// @param parts the numbers it was made from
public record Estimate(
        String name,
        double value,
        double low,
        double high,
        String unit,
        String how,
        @Nullable String source,
        List<Estimate> parts) {

    public Estimate {
        parts = List.copyOf(parts);
        Check.that(
                Double.isFinite(value) && low <= value && value <= high,
                "value is %s %s; a %s must be finite and within its band, %s to %s",
                value,
                unit,
                name,
                low,
                high);
    }

    /// A number that somebody states.
    ///
    /// @param how what kind of number it is, such as `thermal design power`
    /// @param source who states it, and when
    public static Estimate stated(
            String name, double value, String unit, String how, String source) {
        return new Estimate(name, value, value, value, unit, how, source, List.of());
    }

    /// The same number with a band.
    public Estimate within(double least, double most) {
        return new Estimate(name, value, least, most, unit, how, source, parts);
    }

    public Estimate named(String other) {
        return new Estimate(other, value, low, high, unit, how, source, parts);
    }

    /// The product of numbers that are not negative.
    ///
    /// @param scale between the product of their units and this unit: 0.001 for W x h to kWh
    public static Estimate product(
            String name, String unit, String how, double scale, List<Estimate> factors) {
        double value = scale;
        double low = scale;
        double high = scale;
        for (Estimate factor : factors) {
            value *= factor.value;
            low *= factor.low;
            high *= factor.high;
        }
        return new Estimate(name, value, low, high, unit, how, null, factors);
    }

    /// The sum of numbers of one unit.
    public static Estimate sum(String name, List<Estimate> parts) {
        Check.that(!parts.isEmpty(), "parts is empty; the sum %s has no unit", name);
        double value = 0;
        double low = 0;
        double high = 0;
        for (Estimate part : parts) {
            value += part.value;
            low += part.low;
            high += part.high;
        }
        String unit = parts.getFirst().unit;
        return new Estimate(name, value, low, high, unit, "sum", null, parts);
    }

    /// This number so many times.
    public Estimate times(double n, String what) {
        return new Estimate(
                name,
                value * n,
                low * n,
                high * n,
                unit,
                how + " x " + plain(n) + " " + what,
                source,
                parts);
    }

    /// Whether it has a band.
    public boolean isUncertain() {
        return low < value || value < high;
    }

    /// The number with its unit and its band: `12.3 kWh (9.81 to 15.4)`.
    public String readable() {
        String amount = unit.isEmpty() ? plain(value) : plain(value) + " " + unit;
        return isUncertain() ? amount + " (" + plain(low) + " to " + plain(high) + ")" : amount;
    }

    /// The derivation, one line a number, indented by depth.
    public String explain() {
        List<String> lines = new ArrayList<>();
        explain("", lines);
        return String.join("\n", lines);
    }

    private void explain(String indent, List<String> lines) {
        String origin = source == null ? "" : "; " + source;
        lines.add(
                String.format(
                        Locale.ROOT, "%-26s %-34s = %s%s", indent + name, readable(), how, origin));
        for (Estimate part : parts) {
            part.explain(indent + "  ", lines);
        }
    }

    /// A number as people read it: three digits, thousands separated, no exponent between a
    /// thousandth and a million.
    public static String plain(double value) {
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (!Double.isFinite(value) || size < 1e-3 || size >= 1e7) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        int digits = (int) Math.floor(Math.log10(size)) + 1;
        String text = String.format(Locale.ROOT, "%,." + Math.clamp(3 - digits, 0, 5) + "f", value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
