package dev.isoflop.carbon;

import java.math.BigDecimal;
import java.math.RoundingMode;

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

    private double ofOne(double hours) {
        return hundredths(watts * hours / 1000);
    }

    /// JavaScript's `Number(x.toFixed(2))`: the hundredth nearest to the exact binary value.
    private static double hundredths(double x) {
        return new BigDecimal(x).setScale(2, RoundingMode.HALF_UP).doubleValue();
    }
}
