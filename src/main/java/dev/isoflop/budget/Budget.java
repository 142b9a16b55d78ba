package dev.isoflop.budget;

import dev.isoflop.fault.InputException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;

/// What a run may spend, in the currency its author thinks in. Converted once, into whole steps.
public sealed interface Budget {

    /// What a quotient of costs may lack of a whole number, for costs are not exact.
    double ROUNDING = 1 + 1e-12;

    /// Floating-point operations, convention `matmul`, total over all devices.
    record Flops(BigInteger amount) implements Budget {}

    record Steps(long amount) implements Budget {}

    record Images(long amount) implements Budget {}

    /// Passes over the dataset; a fraction is allowed.
    record Epochs(BigDecimal amount) implements Budget {}

    /// What the work costs, in place of how much work it is. It becomes steps at the rates of a
    /// recipe's `cost`: a device, a place, a price.
    sealed interface Cost extends Budget {

        /// How much may be spent.
        BigDecimal amount();

        /// In what.
        String unit();
    }

    /// Of wall clock, on all devices of the recipe's `cost` at once.
    record Hours(BigDecimal amount) implements Cost {

        @Override
        public String unit() {
            return "hours";
        }
    }

    /// Hours of one device, added up over all.
    record DeviceHours(BigDecimal amount) implements Cost {

        @Override
        public String unit() {
            return "device-hours";
        }
    }

    /// Of all devices, the building's share included, in kWh.
    record Energy(BigDecimal amount) implements Cost {

        @Override
        public String unit() {
            return "kWh";
        }
    }

    /// Of that energy, in kg CO2e; making the devices is not in it.
    record Carbon(BigDecimal amount) implements Cost {

        @Override
        public String unit() {
            return "kg CO2e";
        }
    }

    /// At the price of a device for an hour.
    ///
    /// @param unit code of the currency, such as `USD`
    record Money(BigDecimal amount, String unit) implements Cost {}

    /// What one step costs.
    @FunctionalInterface
    interface Rates {

        /// Rates for budgets that are counts, and need none.
        Rates NONE =
                cost -> {
                    throw new IllegalStateException(cost.readable() + " has no rate here");
                };

        /// The cost of one step, in the unit of a budget; above 0.
        double ofOneStep(Cost budget);
    }

    /// Reads `2e13 FLOP`, `5 PFLOP`, `1000 steps`, `3e5 images`, `10 epochs`, `12 hours`, `400
    /// device-hours`, `50 kWh`, `20 kg CO2e` or `500 USD`.
    ///
    /// @throws IllegalArgumentException saying what would do
    static Budget parse(String text) {
        return BudgetText.parse(text);
    }

    /// The whole steps this budget buys.
    ///
    /// @param perImage the price of one image, forward and backward
    /// @param batch images a step
    /// @param datasetSize images an epoch
    /// @param rates what a step costs, for a budget that is a cost
    /// @throws InputException when it does not buy a single step
    default long steps(Work perImage, int batch, long datasetSize, Rates rates) {
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
                    case Cost cost ->
                            new BigDecimal(
                                            Math.floor(
                                                    cost.amount().doubleValue()
                                                            / rates.ofOneStep(cost)
                                                            * ROUNDING))
                                    .toBigInteger();
                };
        if (steps.signum() == 0) {
            throw new InputException(
                    String.format(
                            Locale.ROOT,
                            "The budget of %s is too small for one step: a step is %,d images and"
                                    + " %s (%,d FLOP)%s. Give at least that, or a smaller batch.",
                            this.readable(),
                            batch,
                            Work.readable(perStep),
                            perStep,
                            this instanceof Cost cost
                                    ? ", or %s %s"
                                            .formatted(
                                                    Estimate.plain(rates.ofOneStep(cost)),
                                                    cost.unit())
                                    : ""));
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
            case Cost cost -> cost.amount().toPlainString() + " " + cost.unit();
        };
    }
}
