package dev.isoflop.budget;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a run may spend, in the currency its author thinks in. Converted once, into whole steps.
public sealed interface Budget {

    /// Floating-point operations, convention `matmul`, total over all devices.
    record Flops(BigInteger amount) implements Budget {}

    record Steps(long amount) implements Budget {}

    record Images(long amount) implements Budget {}

    /// Passes over the dataset; a fraction is allowed.
    record Epochs(BigDecimal amount) implements Budget {}

    /// Reads `2e13 FLOP`, `5 PFLOP`, `1000 steps`, `3e5 images` or `10 epochs`.
    ///
    /// @throws IllegalArgumentException saying what would do
    static Budget parse(String text) {
        Matcher m = Syntax.AMOUNT.matcher(text.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException("write an amount and its unit, such as 2e13 FLOP");
        }
        BigDecimal amount = new BigDecimal(m.group(1).replace("_", ""));
        if (amount.signum() <= 0) {
            throw new IllegalArgumentException("it must be positive");
        }
        if (amount.precision() - amount.scale() > 40) {
            throw new IllegalArgumentException("more than 1e40 of anything cannot be spent");
        }
        String unit = m.group(2);
        if (Syntax.FLOPS.containsKey(unit)) {
            BigDecimal flops = amount.scaleByPowerOfTen(Syntax.FLOPS.get(unit));
            return new Flops(flops.setScale(0, RoundingMode.FLOOR).toBigInteger());
        }
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "step", "steps" -> new Steps(Syntax.whole(amount));
            case "image", "images" -> new Images(Syntax.whole(amount));
            case "epoch", "epochs" -> new Epochs(amount);
            default -> throw new IllegalArgumentException(Syntax.unknownUnit(unit));
        };
    }

    /// The whole steps this budget buys.
    ///
    /// @param perImage the price of one image, forward and backward
    /// @param batch images a step
    /// @param datasetSize images an epoch
    /// @throws InputException when it does not buy a single step
    default long steps(Work perImage, int batch, long datasetSize) {
        BigInteger perStep = perImage.flops().multiply(BigInteger.valueOf(batch));
        BigInteger steps =
                switch (this) {
                    case Flops flops -> flops.amount().divide(perStep);
                    case Steps whole -> BigInteger.valueOf(whole.amount());
                    case Images images -> BigInteger.valueOf(images.amount() / batch);
                    case Epochs epochs ->
                            epochs.amount()
                                    .multiply(BigDecimal.valueOf(datasetSize))
                                    .divide(BigDecimal.valueOf(batch), 0, RoundingMode.FLOOR)
                                    .toBigInteger();
                };
        if (steps.signum() == 0) {
            throw new InputException(
                    String.format(
                            Locale.ROOT,
                            "The budget of %s is too small for one step: a step is %,d images and"
                                    + " %s (%,d FLOP). Give at least that, or a smaller batch.",
                            this.readable(),
                            batch,
                            Work.readable(perStep),
                            perStep));
        }
        if (steps.bitLength() > 62) {
            throw new InputException(
                    "The budget of "
                            + readable()
                            + " buys "
                            + steps
                            + " steps, which no run ends.");
        }
        return steps.longValueExact();
    }

    /// The budget as a person would write it.
    default String readable() {
        return switch (this) {
            case Flops flops -> Work.readable(flops.amount());
            case Steps steps -> String.format(Locale.ROOT, "%,d steps", steps.amount());
            case Images images -> String.format(Locale.ROOT, "%,d images", images.amount());
            case Epochs epochs -> epochs.amount().toPlainString() + " epochs";
        };
    }

    /// How a budget is written.
    final class Syntax {

        private static final Pattern AMOUNT =
                Pattern.compile(
                        "([0-9][0-9_]*(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)\\s*([A-Za-z]+)");
        private static final Map<String, Integer> FLOPS = new TreeMap<>();

        static {
            String prefixes = "kMGTPEZY";
            for (String unit : List.of("FLOP", "FLOPs", "FLOPS")) {
                FLOPS.put(unit, 0);
                for (int i = 0; i < prefixes.length(); i++) {
                    FLOPS.put(prefixes.charAt(i) + unit, 3 * (i + 1));
                }
            }
        }

        private Syntax() {}

        private static long whole(BigDecimal amount) {
            try {
                return amount.longValueExact();
            } catch (ArithmeticException _) {
                throw new IllegalArgumentException("steps and images are whole numbers");
            }
        }

        private static String unknownUnit(String unit) {
            List<String> units = List.of("FLOP", "TFLOP", "PFLOP", "steps", "images", "epochs");
            String near = Nearest.to(unit, units).map(u -> "did you mean " + u + "?").orElse("");
            return "the unit "
                    + unit
                    + " is not known here"
                    + (near.isEmpty() ? "; write FLOP, steps, images or epochs" : "; " + near);
        }
    }
}
