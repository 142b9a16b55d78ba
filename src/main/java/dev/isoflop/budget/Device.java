package dev.isoflop.budget;

import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Something that executes FLOPs: one chip or card, or the processor of a machine.
///
/// @param id in the catalogue, such as `tpu-v3`
/// @param name for people
/// @param also what else it is called
/// @param peak highest rate of dense matrix products by precision, in FLOP/s, as its maker states
///   it or as it was measured; a precision that nobody states is not here
/// @param bandwidth of its memory in byte/s
/// @param memory in bytes
/// @param power that it draws
/// @param embodied carbon of making it
/// @param timed steps that were timed on it, by precision
/// @param source of its rates, bandwidth and memory, with its date
public record Device(
        String id,
        String name,
        List<String> also,
        Map<Precision, Double> peak,
        Optional<Double> bandwidth,
        Optional<Double> memory,
        Optional<Power> power,
        Optional<Embodied> embodied,
        Map<Precision, Timed> timed,
        String source) {

    /// What a device draws, in watts.
    ///
    /// @param mean what an estimate multiplies with, its band from idle to limit where both are
    ///   known
    /// @param idle with nothing to do
    /// @param limit that it never exceeds for long: thermal design or board power
    public record Power(Estimate mean, Optional<Double> idle, Optional<Double> limit) {

        private static final double ABSURD = 20_000; // watts; a rack, not a device

        public Power {
            Check.that(
                    mean.value() > 0 && mean.value() <= ABSURD,
                    "mean is %s W; the power of one device lies above 0 and below %s W",
                    mean.value(),
                    ABSURD);
            Check.that(
                    idle.orElse(0.0) >= 0 && idle.orElse(0.0) <= mean.value(),
                    "idle is %s W; it lies between 0 and the mean, %s W",
                    idle.orElse(0.0),
                    mean.value());
            Check.that(
                    limit.orElse(mean.value()) >= mean.value(),
                    "limit is %s W; it is at least the mean, %s W",
                    limit.orElse(0.0),
                    mean.value());
        }

        private static Power from(Table t) {
            double mean = t.parsed("mean", text -> Quantity.parse(text, "W"));
            Optional<Double> idle = quantity(t, "idle", "W");
            Optional<Double> limit = quantity(t, "limit", "W");
            String how = t.text("meaning");
            String source = t.text("source") + ", " + t.text("date");
            return t.build(() -> {
                Estimate stated = Estimate.stated("power", mean, "W", how, source);
                boolean banded = idle.isPresent() && limit.isPresent();
                return new Power(
                        banded
                                ? stated.within(
                                        Math.min(idle.get(), mean), Math.max(limit.get(), mean))
                                : stated,
                        idle,
                        limit);
            });
        }
    }

    /// Carbon of making, moving and scrapping a device.
    ///
    /// @param kilograms of CO2e, for one device
    /// @param hours of its life, over which they are spread
    /// @param source who says so, and when
    public record Embodied(double kilograms, double hours, String source) {

        public Embodied {
            Check.that(kilograms > 0, "kilograms is %s; it must be positive", kilograms);
            Check.that(hours > 0, "hours is %s; it must be positive", hours);
        }

        private static Embodied from(Table t) {
            return t.build(() ->
                    new Embodied(
                            t.real("kg"),
                            t.real("hours"),
                            t.text("source") + ", " + t.text("date")));
        }
    }

    /// Steps that were timed on a device.
    ///
    /// @param points FLOPs of a step, and steps a second
    /// @param how they were measured, where and when
    public record Timed(List<PowerLaw.Point> points, String how) {

        public Timed {
            points = List.copyOf(points);
        }

        private static Timed from(Table t) {
            List<Double> flops = t.reals("flops");
            List<Double> rates = t.reals("steps-per-second");
            if (flops.size() != rates.size()) {
                throw t.fault(
                        "steps-per-second",
                        "has %s numbers, and flops has %s; each step has both"
                                .formatted(rates.size(), flops.size()));
            }
            return t.build(() -> {
                List<PowerLaw.Point> points = new ArrayList<>();
                for (int i = 0; i < flops.size(); i++) {
                    points.add(new PowerLaw.Point(flops.get(i), rates.get(i)));
                }
                return new Timed(points, t.text("how"));
            });
        }
    }

    public Device {
        also = List.copyOf(also);
        peak = Map.copyOf(peak);
        timed = Map.copyOf(timed);
        peak.forEach((precision, rate) ->
                Check.that(
                        rate > 0 && Double.isFinite(rate),
                        "peak is %s FLOP/s in %s; it must be positive",
                        rate,
                        precision));
    }

    /// Reads the table under a device's name, and leaves no key unread.
    static Device from(String id, Table t) {
        Device device =
                t.build(() ->
                        new Device(
                                id,
                                t.text("name"),
                                t.texts("also", List.of()),
                                peaks(t.table("peak")),
                                quantity(t, "bandwidth", "B/s"),
                                quantity(t, "memory", "B"),
                                t.optionalTable("power").map(Power::from),
                                t.optionalTable("embodied").map(Embodied::from),
                                t.optionalTable("steps").map(Device::timed).orElse(Map.of()),
                                t.text("source") + ", " + t.text("date")));
        t.done();
        return device;
    }

    private static Map<Precision, Double> peaks(Table t) {
        Map<Precision, Double> peaks = new EnumMap<>(Precision.class);
        for (Precision precision : Precision.values()) {
            quantity(t, precision.key(), "FLOP/s").ifPresent(rate -> peaks.put(precision, rate));
        }
        return peaks;
    }

    private static Map<Precision, Timed> timed(Table t) {
        Map<Precision, Timed> timed = new EnumMap<>(Precision.class);
        for (Precision precision : Precision.values()) {
            t.optionalTable(precision.key()).ifPresent(s -> timed.put(precision, Timed.from(s)));
        }
        return timed;
    }

    private static Optional<Double> quantity(Table t, String key, String unit) {
        return t.has(key)
                ? Optional.of(t.parsed(key, text -> Quantity.parse(text, unit)))
                : Optional.empty();
    }

    /// The power it draws.
    ///
    /// @throws InputException if none is stated
    public Power powerOrFault() {
        return power.orElseThrow(() ->
                new InputException(
                        ("%s states no power, so there is no energy to reckon; add power: with"
                                        + " mean, meaning, source and date to its file")
                                .formatted(id)));
    }
}
