package dev.isoflop.budget;

import dev.isoflop.fault.Check;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An amount with a unit, as a person writes it: `123 TFLOP/s`, `900 GB/s`, `32 GiB`, `283 W`.
final class Quantity {

    private static final Pattern AMOUNT =
            Pattern.compile(
                    "([0-9][0-9_]*(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)\\s*([kMGTPEZ]?i?)(.+)");
    private static final String DECIMAL = "kMGTPEZ";
    private static final Map<String, String> EXAMPLES =
            new TreeMap<>(
                    Map.of(
                            "FLOP/s", "123 TFLOP/s",
                            "B/s", "900 GB/s",
                            "B", "32 GiB",
                            "W", "283 W"));

    private Quantity() {}

    /// The amount in this unit.
    ///
    /// @param unit without a prefix: `FLOP/s`, `B/s`, `B`, `W`
    /// @throws IllegalArgumentException saying what would do
    static double parse(String text, String unit) {
        Matcher m = AMOUNT.matcher(text.strip());
        Check.that(
                m.matches() && m.group(3).equals(unit),
                "write an amount in %s, such as %s",
                unit,
                EXAMPLES.getOrDefault(unit, "1 " + unit));
        return Double.parseDouble(m.group(1).replace("_", "")) * factor(m.group(2));
    }

    private static double factor(String prefix) {
        if (prefix.isEmpty()) {
            return 1;
        }
        boolean binary = prefix.endsWith("i");
        int power = DECIMAL.indexOf(prefix.charAt(0)) + 1;
        return Math.pow(binary ? 1024 : 1000, power);
    }
}
