package dev.isoflop.cli;

import dev.isoflop.fault.RunException;

import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.fraction.BigFraction;
import org.hipparchus.linear.Array2DRowFieldMatrix;
import org.hipparchus.linear.ArrayFieldVector;
import org.hipparchus.linear.FieldLUDecomposition;
import org.hipparchus.linear.FieldMatrix;

import java.util.ArrayList;
import java.util.List;

/// A polynomial in several variables, of known monomials, through its values at as many points:
/// exactly, in fractions of whole numbers.
///
/// Its value anywhere is a weighted sum of the values at the points, and the weights do not depend
/// on the values: found once, they carry every count of a bill.
final class Scaling {

    private final List<int[]> monomials; // the exponent of each variable
    private final FieldLUDecomposition<BigFraction> points;

    /// @param monomials the exponent of each variable, a monomial
    /// @param points the value of each variable, a point; as many as monomials
    /// @throws IllegalArgumentException if the points do not determine the polynomial
    Scaling(List<int[]> monomials, List<long[]> points) {
        this.monomials = List.copyOf(monomials);
        int n = monomials.size();
        FieldMatrix<BigFraction> rows = new Array2DRowFieldMatrix<>(BigFraction.ONE.getField(), n, n);
        for (int point = 0; point < n; point++) {
            BigFraction[] values = values(points.get(point));
            for (int monomial = 0; monomial < n; monomial++) {
                rows.setEntry(monomial, point, values[monomial]);
            }
        }
        this.points = new FieldLUDecomposition<>(rows);
        if (!this.points.getSolver().isNonSingular()) {
            throw new IllegalArgumentException("these points do not determine the polynomial");
        }
    }

    private BigFraction[] values(long[] at) {
        List<BigFraction> values = new ArrayList<>();
        for (int[] exponents : monomials) {
            BigFraction value = BigFraction.ONE;
            for (int i = 0; i < exponents.length; i++) {
                value = value.multiply(new BigFraction(at[i]).pow(exponents[i]));
            }
            values.add(value);
        }
        return values.toArray(BigFraction[]::new);
    }

    /// How much the value at each point weighs in the value here.
    Weights at(long[] here) {
        var right = new ArrayFieldVector<BigFraction>(values(here));
        return new Weights(points.getSolver().solve(right).toArray());
    }

    /// Carries values at the points to one place.
    record Weights(BigFraction[] each) {

        /// The polynomial with these values at the points, here.
        ///
        /// @throws RunException if it is no whole number, or none that fits
        long of(List<Long> values) {
            BigFraction sum = sum(values);
            try {
                if (sum.getDenominator().equals(java.math.BigInteger.ONE)) {
                    return sum.getNumerator().longValueExact();
                }
            } catch (ArithmeticException | MathRuntimeException e) {
                throw new RunException("a count is " + sum + ", which no 64-bit number holds", e);
            }
            throw new RunException("a count would be " + sum + ", which is no count");
        }

        /// The same of values that follow such a polynomial only in part, such as a maximum:
        /// rounded, and at least 0.
        long about(List<Long> values) {
            return Math.max(0, Math.round(sum(values).doubleValue()));
        }

        private BigFraction sum(List<Long> values) {
            BigFraction sum = BigFraction.ZERO;
            for (int i = 0; i < each.length; i++) {
                if (values.get(i) != 0) {
                    sum = sum.add(each[i].multiply(values.get(i)));
                }
            }
            return sum;
        }
    }
}
