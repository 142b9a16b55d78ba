package dev.isoflop.carbon;

import dev.isoflop.budget.Estimate;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/// The arithmetic of the online calculator that Koppula et al. 2022 used, rounding included.
///
/// Lacoste et al. 2019, the Machine Learning Emissions Calculator, as it was in October 2022:
/// energy is rounded to hundredths of a kWh, the grid's intensity to hundredths of a kg/kWh after
/// its decimals are cut off (267 g becomes 0.27 kg, 1.1% more), the product to hundredths of a kg.
/// PUE is listed there, and never used. The study takes one chip and multiplies by 32 (section
/// A.1).
///
/// @param watts of one chip
/// @param gramsPerKwh of the grid
/// @param chips by how many the figures of one chip are multiplied
public record StudyCalculator(double watts, double gramsPerKwh, int chips) {

    /// The study's: 32 TPUv3 chips of 283 W in europe-west1, 267 g/kWh.
    public static final StudyCalculator OF_THE_STUDY = new StudyCalculator(283, 267, 32);

    private static final String SOURCE =
            "Lacoste et al. 2019, Machine Learning Emissions Calculator, as in October 2022";

    /// Energy of all chips, in kWh, as the calculator rounds that of one.
    public double kilowattHours(double hours) {
        return chips * ofOne(hours);
    }

    /// Carbon of all chips, in kg CO2e, as the calculator rounds that of one.
    public double kilograms(double hours) {
        return chips * hundredths(ofOne(hours) * kilogramsPerKwh());
    }

    /// Of the grid, as the calculator rounds it.
    public double kilogramsPerKwh() {
        return hundredths(Math.floor(gramsPerKwh) / 1000);
    }

    /// A bill with the study's energy and carbon in place of its own; the hours stay.
    ///
    /// @param bill on as many devices as there are chips
    public Footprint of(Footprint bill) {
        Estimate hours = bill.hours();
        Estimate energy =
                new Estimate(
                        "energy",
                        kilowattHours(hours.value()),
                        kilowattHours(hours.low()),
                        kilowattHours(hours.high()),
                        "kWh",
                        "%s W x hours / 1000 to hundredths, x %s chips; no PUE"
                                .formatted(Estimate.plain(watts), chips),
                        SOURCE,
                        List.of(hours));
        Estimate carbon =
                new Estimate(
                        "carbon",
                        kilograms(hours.value()),
                        kilograms(hours.low()),
                        kilograms(hours.high()),
                        "kg CO2e",
                        "kWh of one chip x %s kg/kWh to hundredths, x %s chips; the grid has %s g/kWh"
                                .formatted(
                                        Estimate.plain(kilogramsPerKwh()),
                                        chips,
                                        Estimate.plain(gramsPerKwh)),
                        null,
                        List.of(energy));
        return new Footprint(
                hours,
                bill.deviceHours(),
                Optional.of(energy),
                Optional.of(carbon),
                Optional.empty(),
                bill.money());
    }

    /// Carbon of an hour of all chips before anything is rounded, in kg CO2e, at some grid.
    public double kilogramsAnHour(double kilogramsPerKwh) {
        return chips * watts / 1000 * kilogramsPerKwh;
    }

    private double ofOne(double hours) {
        return hundredths(watts * hours / 1000);
    }

    /// JavaScript's `Number(x.toFixed(2))`: the hundredth nearest to the exact binary value.
    private static double hundredths(double x) {
        return new BigDecimal(x).setScale(2, RoundingMode.HALF_UP).doubleValue();
    }
}
