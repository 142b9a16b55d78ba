package dev.isoflop.run;

import dev.isoflop.budget.Estimate;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What a run used: measured where a meter counted, estimated where none did, and never 0 for want
/// of a meter.
///
/// Scope: what the meters count (their provenance says it), without the building's share.
///
/// @param basis whether it was measured
/// @param joules measured and estimated together; null where nothing is known
/// @param measuredJoules what meters counted; null where none did
/// @param estimatedJoules what is reckoned for steps that a meter missed, or for all; null where
///   nothing is
/// @param meters what each counted
/// @param how the estimated part comes about; empty where there is none
public record Energy(
        Basis basis,
        @Nullable Double joules,
        @Nullable Double measuredJoules,
        @Nullable Double estimatedJoules,
        List<Metered> meters,
        String how) {

    /// A counter at rest for so many seconds has stopped: what it did not count is not covered.
    private static final double STANDSTILL_SECONDS = 5;

    public Energy {
        Objects.requireNonNull(basis, "basis");
        meters = List.copyOf(Objects.requireNonNull(meters, "meters"));
        how = Objects.requireNonNullElse(how, "");
    }

    /// Whether energy was measured.
    public enum Basis {
        /// Every step, by every meter that the run had.
        MEASURED,
        /// Some steps; those that a meter missed are estimated from what it counted at the others.
        PARTLY,
        /// No step: the power of the device, as stated, by the time.
        ESTIMATED,
        /// Not at all.
        UNKNOWN;

        /// The word that files and pages use.
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What one meter counted.
    ///
    /// @param meter its name
    /// @param joules that it counted
    /// @param seconds that these cover: steps, and what came between them
    /// @param watts on average over these seconds
    /// @param covered the steps it counted
    /// @param missed the steps it did not
    /// @param missedJoules what is reckoned for the missed steps: their seconds by the watts
    /// @param lost why it stopped; null if it did not, or nobody knows
    public record Metered(
            String meter,
            double joules,
            double seconds,
            double watts,
            List<Steps> covered,
            List<Steps> missed,
            double missedJoules,
            @Nullable String lost) {

        public Metered {
            Objects.requireNonNull(meter, "meter");
            covered = List.copyOf(covered);
            missed = List.copyOf(missed);
        }
    }

    /// Steps one after the other, both ends included.
    public record Steps(long first, long last) {

        /// As people read it: `17`, or `3 to 17`.
        public String text() {
            return first == last ? String.valueOf(first) : first + " to " + last;
        }
    }

    /// The energy of a run with these measurements.
    ///
    /// @param power of the devices together, in W, to reckon with where there was no meter; null if
    ///   it is not known
    public static Energy of(List<Measurement> measurements, @Nullable Estimate power) {
        Set<String> names = new LinkedHashSet<>();
        measurements.forEach(m -> names.addAll(names(m)));
        List<Metered> meters =
                names.stream().map(name -> new Tally(name, measurements).metered()).toList();
        return meters.stream().anyMatch(meter -> meter.joules > 0)
                ? measured(meters)
                : estimated(measurements, power);
    }

    private static Energy measured(List<Metered> meters) {
        double counted = meters.stream().mapToDouble(Metered::joules).sum();
        double missed = meters.stream().mapToDouble(Metered::missedJoules).sum();
        boolean partly = meters.stream().anyMatch(m -> !m.missed.isEmpty());
        return new Energy(
                partly ? Basis.PARTLY : Basis.MEASURED,
                counted + missed,
                counted,
                partly ? missed : null,
                meters,
                partly
                        ? "seconds of the steps that a meter missed x its mean power at the others"
                        : "");
    }

    private static Energy estimated(List<Measurement> measurements, @Nullable Estimate power) {
        double seconds = measurements.stream().mapToDouble(Measurement::seconds).sum();
        if (power == null || seconds <= 0) {
            return new Energy(Basis.UNKNOWN, null, null, null, List.of(), "");
        }
        double joules = power.value() * seconds;
        String how =
                "%s W (%s) x the seconds of the steps"
                        .formatted(Estimate.plain(power.value()), power.how());
        return new Energy(Basis.ESTIMATED, joules, null, joules, List.of(), how);
    }

    private static Set<String> names(Measurement m) {
        Set<String> names = new LinkedHashSet<>();
        Measurement.Meters meters = m.meters();
        if (meters != null) {
            names.addAll(meters.joules().keySet());
            names.addAll(meters.lost().keySet());
        }
        return names;
    }

    /// What one meter counted, step by step.
    private static final class Tally {

        private final String name;
        private final List<Measurement> measurements;
        private final Map<Long, Boolean> covered = new LinkedHashMap<>(); // by step, in their order
        private final List<Measurement> still = new ArrayList<>(); // the last steps it stood still
        private double joules;
        private double seconds;
        private double missedSeconds;
        private @Nullable String lost;

        Tally(String name, List<Measurement> measurements) {
            this.name = name;
            this.measurements = measurements;
        }

        Metered metered() {
            for (Measurement m : measurements) {
                add(m);
            }
            settle();
            double watts = seconds > 0 ? joules / seconds : 0;
            return new Metered(
                    name,
                    joules,
                    seconds,
                    watts,
                    stretches(true),
                    stretches(false),
                    missedSeconds * watts,
                    lost);
        }

        private void add(Measurement m) {
            Measurement.Meters meters = m.meters();
            Double counted = meters == null ? null : meters.joules().get(name);
            covered.put(m.step(), counted != null);
            if (counted == null) {
                settle();
                missedSeconds += m.seconds();
                lost =
                        meters != null && meters.lost().containsKey(name)
                                ? meters.lost().get(name)
                                : lost;
            } else if (counted == 0) {
                still.add(m);
            } else {
                joules += counted;
                seconds += seconds(m) + stillSeconds(); // a counter that moves seldom
                still.clear();
            }
        }

        /// Decides on the steps at which the counter stood still, as it did not move after them.
        private void settle() {
            if (stillSeconds() < STANDSTILL_SECONDS) {
                seconds += stillSeconds();
            } else {
                for (Measurement m : still) {
                    covered.put(m.step(), false);
                    missedSeconds += m.seconds();
                }
            }
            still.clear();
        }

        private double stillSeconds() {
            return still.stream().mapToDouble(Tally::seconds).sum();
        }

        private static double seconds(Measurement m) {
            return Objects.requireNonNull(m.meters()).seconds();
        }

        private List<Steps> stretches(boolean wanted) {
            List<Steps> stretches = new ArrayList<>();
            covered.forEach((step, was) -> {
                if (was != wanted) {
                    return;
                }
                if (!stretches.isEmpty() && stretches.getLast().last == step - 1) {
                    stretches.set(stretches.size() - 1, new Steps(stretches.getLast().first, step));
                } else {
                    stretches.add(new Steps(step, step));
                }
            });
            return stretches;
        }
    }
}
