package dev.isoflop.train;

import dev.isoflop.fault.Check;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A part of a run: a share of its budget, or so many of its steps.
public sealed interface Span {

    /// The share of the budget that it is, in a run of so many steps.
    double share(long steps);

    /// A share of the budget: at least 0 and below 1.
    record Share(double value) implements Span {

        public Share {
            Check.that(
                    value >= 0 && value < 1,
                    "a share is %s; it must be at least 0 and below 1",
                    value);
        }

        @Override
        public double share(long steps) {
            return value;
        }

        @Override
        public String toString() {
            return Double.toString(value);
        }
    }

    /// A number of steps, whatever the budget buys.
    record Steps(long value) implements Span {

        public Steps {
            Check.that(value >= 0, "a span of %s steps; it must not be negative", value);
        }

        @Override
        public double share(long steps) {
            Check.that(
                    value < steps,
                    "%s steps are as long as the whole run of %s or longer",
                    value,
                    steps);
            return (double) value / steps;
        }

        @Override
        public String toString() {
            return value + " steps";
        }
    }

    /// Reads `0.05` or `10000 steps`.
    ///
    /// @throws IllegalArgumentException saying what would do
    static Span parse(String text) {
        Matcher steps = Syntax.STEPS.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (steps.matches()) {
            return new Steps(Long.parseLong(steps.group(1).replace("_", "")));
        }
        try {
            double value = Double.parseDouble(text.strip());
            if (value >= 0 && value < 1) {
                return new Share(value);
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new IllegalArgumentException(
                "write a share of the budget such as 0.05 (at least 0 and below 1), or steps such"
                        + " as 10000 steps");
    }

    /// How steps are written.
    final class Syntax {

        private static final Pattern STEPS = Pattern.compile("([0-9][0-9_]{0,17})\\s*steps?");

        private Syntax() {}
    }
}
