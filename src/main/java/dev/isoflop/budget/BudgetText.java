package dev.isoflop.budget;

import dev.isoflop.fault.Nearest;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a budget is written: an amount and its unit.
final class BudgetText {

    private static final Pattern AMOUNT =
            Pattern.compile(
                    "([0-9][0-9_]*(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)\\s*([A-Za-z][A-Za-z0-9"
                            + " -]*)");
    private static final Pattern MASS = Pattern.compile("(g|kg|t)(?: ?co2(?:e|eq)?)?");
    private static final Pattern CODE = Pattern.compile("[A-Za-z]{3}");
    private static final int MOST_DIGITS = 40; // before the point; what has more cannot be meant
    private static final int GRAMS = -3; // as a power of ten of kilograms
    private static final int TONNES = 3;

    /// Prefixes of FLOP, by powers of ten.
    private static final Map<String, Integer> FLOPS = new TreeMap<>();

    /// Prefixes of Wh, by powers of ten of kWh.
    private static final Map<String, Integer> ENERGY =
            Map.of("wh", -3, "kwh", 0, "mwh", 3, "gwh", 6, "twh", 9);

    /// What a misspelt unit is held against.
    private static final List<String> NAMES =
            List.of(
                    "FLOP",
                    "TFLOP",
                    "PFLOP",
                    "steps",
                    "images",
                    "epochs",
                    "hours",
                    "device-hours",
                    "Wh",
                    "kWh",
                    "MWh",
                    "g",
                    "kg",
                    "kg CO2e",
                    "t CO2e",
                    "USD",
                    "EUR",
                    "GBP",
                    "CHF",
                    "JPY",
                    "CNY");

    static {
        String prefixes = "kMGTPEZY";
        for (String unit : List.of("FLOP", "FLOPs", "FLOPS")) {
            FLOPS.put(unit, 0);
            for (int i = 0; i < prefixes.length(); i++) {
                FLOPS.put(prefixes.charAt(i) + unit, 3 * (i + 1));
            }
        }
    }

    private BudgetText() {}

    /// The budget that a text says.
    ///
    /// @throws IllegalArgumentException saying what would do
    static Budget parse(String text) {
        Matcher m = AMOUNT.matcher(text.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException("write an amount and its unit, such as 2e13 FLOP");
        }
        BigDecimal amount = new BigDecimal(m.group(1).replace("_", ""));
        if (amount.signum() <= 0) {
            throw new IllegalArgumentException("it must be positive");
        }
        if (amount.precision() - amount.scale() > MOST_DIGITS) {
            throw new IllegalArgumentException("more than 1e40 of anything cannot be spent");
        }
        String unit = m.group(2);
        if (FLOPS.containsKey(unit)) {
            BigDecimal flops = amount.scaleByPowerOfTen(FLOPS.get(unit));
            return new Budget.Flops(flops.setScale(0, RoundingMode.FLOOR).toBigInteger());
        }
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "step", "steps" -> new Budget.Steps(whole(amount));
            case "image", "images" -> new Budget.Images(whole(amount));
            case "epoch", "epochs" -> new Budget.Epochs(amount);
            case "h", "hour", "hours" -> new Budget.Hours(amount);
            case "device-h", "device-hour", "device-hours", "device hour", "device hours" ->
                    new Budget.DeviceHours(amount);
            default -> cost(amount, unit);
        };
    }

    private static Budget cost(BigDecimal amount, String unit) {
        String small = unit.toLowerCase(Locale.ROOT);
        if (ENERGY.containsKey(small)) {
            return new Budget.Energy(scaled(amount, ENERGY.get(small)));
        }
        Matcher mass = MASS.matcher(small);
        if (mass.matches()) {
            return new Budget.Carbon(
                    switch (mass.group(1)) {
                        case "g" -> scaled(amount, GRAMS);
                        case "t" -> scaled(amount, TONNES);
                        default -> amount;
                    });
        }
        String code = unit.toUpperCase(Locale.ROOT);
        if (CODE.matcher(unit).matches() && Price.isCurrency(code)) {
            return new Budget.Money(amount, code);
        }
        throw new IllegalArgumentException(unknown(unit));
    }

    private static BigDecimal scaled(BigDecimal amount, int power) {
        return amount.scaleByPowerOfTen(power).stripTrailingZeros();
    }

    private static long whole(BigDecimal amount) {
        try {
            return amount.longValueExact();
        } catch (ArithmeticException _) {
            throw new IllegalArgumentException("steps and images are whole numbers");
        }
    }

    private static String unknown(String unit) {
        List<String> known = new ArrayList<>(NAMES);
        known.addAll(FLOPS.keySet());
        return "the unit "
                + unit
                + " is not known here; "
                + Nearest.to(unit, known)
                        .map(near -> "did you mean " + near + "?")
                        .orElse(
                                "write FLOP, steps, images, epochs, hours, device-hours, kWh, kg"
                                        + " CO2e or a currency such as USD");
    }
}
