package dev.isoflop.profile;

import dev.isoflop.fault.RunException;

import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.fraction.BigFraction;
import org.hipparchus.linear.Array2DRowFieldMatrix;
import org.hipparchus.linear.ArrayFieldVector;
import org.hipparchus.linear.FieldLUDecomposition;
import org.hipparchus.linear.FieldMatrix;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A polynomial in several variables, of known monomials, through its values at as many points:
/// exactly, in fractions of whole numbers.
///
/// Its value anywhere is a weighted sum of the values at the points, and the weights do not depend
/// on the values: found once, they carry every count of a bill.
///
/// @param <V> what the variables are called
final class Scaling<V> {

    private final List<List<V>> monomials;
    private final FieldLUDecomposition<BigFraction> points;

    /// @param monomials the variables that are multiplied, as often as their exponent says
    /// @param points the value of each variable, a point; as many as monomials
    /// @throws IllegalArgumentException if the points do not determine the polynomial
    public Scaling(List<List<V>> monomials, List<Map<V, Long>> points) {
        this.monomials = List.copyOf(monomials);
        int n = monomials.size();
        FieldMatrix<BigFraction> rows =
                new Array2DRowFieldMatrix<>(BigFraction.ONE.getField(), n, n);
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

    private BigFraction[] values(Map<V, Long> at) {
        List<BigFraction> values = new ArrayList<>();
        for (List<V> monomial : monomials) {
            BigFraction value = BigFraction.ONE;
            for (V variable : monomial) {
                value = value.multiply(Objects.requireNonNull(at.get(variable)));
            }
            values.add(value);
        }
        return values.toArray(BigFraction[]::new);
    }

    /// How much the value at each point weighs in the value here.
    public Weights at(Map<V, Long> here) {
        var right = new ArrayFieldVector<BigFraction>(values(here));
        return new Weights(List.of(points.getSolver().solve(right).toArray()));
    }

    /// Carries values at the points to one place.
    public record Weights(List<BigFraction> each) {

        /// The polynomial with these values at the points, here.
        ///
        /// @throws RunException if it is no whole number, or none that fits
        public long of(List<Long> values) {
            BigFraction sum = sum(values);
            try {
                if (sum.getDenominator().equals(BigInteger.ONE)) {
                    return sum.getNumerator().longValueExact();
                }
            } catch (ArithmeticException | MathRuntimeException e) {
                throw new RunException("a count is " + sum + ", which no 64-bit number holds", e);
            }
            throw new RunException("a count would be " + sum + ", which is no count");
        }

        /// The same of values that follow such a polynomial only in part, such as a maximum:
        /// rounded, and at least 0.
        public long about(List<Long> values) {
            return Math.max(0, Math.round(sum(values).doubleValue()));
        }

        private BigFraction sum(List<Long> values) {
            BigFraction sum = BigFraction.ZERO;
            for (int i = 0; i < each.size(); i++) {
                if (values.get(i) != 0) {
                    sum = sum.add(each.get(i).multiply(values.get(i)));
                }
            }
            return sum;
        }
    }
}
