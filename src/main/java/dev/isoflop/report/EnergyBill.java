package dev.isoflop.report;

import dev.isoflop.budget.Estimate;
import dev.isoflop.run.Energy;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a run used and emitted, each figure with whether it was measured, by what, and from which
/// factors it comes.
///
/// Energy is what the machine's meters count, or the devices' stated power by the time. CO2e is
/// energy x PUE x the intensity of the grid; making the devices is a line of its own.
///
/// @param lines of the bill; none for a run that wrote nothing down about energy
/// @param carbon with its derivation, in kg CO2e, if energy is known
record EnergyBill(List<RunBill.Line> lines, Optional<Estimate> carbon) {

    private static final double JOULES_A_KWH = 3.6e6;
    private static final double SECONDS_AN_HOUR = 3600;
    private static final double PER_THOUSAND = 1e-3;

    EnergyBill {
        lines = List.copyOf(lines);
    }

    static EnergyBill of(Result result, @Nullable Provenance provenance) {
        Energy energy = result.energy();
        Provenance.Electricity electricity = provenance == null ? null : provenance.electricity();
        if (energy == null || electricity == null || result.steps() == 0) {
            return new EnergyBill(List.of(), Optional.empty());
        }
        return new Reckoning(energy, electricity, result.pace().trainingSeconds()).bill();
    }

    /// What the lines are made of.
    private record Reckoning(
            Energy energy, Provenance.Electricity electricity, double trainingSeconds) {

        EnergyBill bill() {
            List<RunBill.Line> lines = new ArrayList<>();
            Optional<Estimate> kwh = kilowattHours();
            Optional<Estimate> carbon = kwh.map(this::carbon);
            lines.add(kwh.map(this::energyLine).orElseGet(this::unknown));
            if (!counting().isEmpty()) {
                lines.add(power());
                rest().ifPresent(lines::add);
            }
            carbon.map(this::carbonLine).ifPresent(lines::add);
            embodied().ifPresent(lines::add);
            return new EnergyBill(lines, carbon);
        }

        private List<Energy.Metered> counting() {
            return energy.meters().stream().filter(meter -> meter.joules() > 0).toList();
        }

        private Optional<Provenance.Meter> described(Energy.Metered metered) {
            return electricity.meters().stream()
                    .filter(meter -> meter.name().equals(metered.meter()))
                    .findFirst();
        }

        private Optional<Double> error(Energy.Metered metered) {
            return described(metered).map(Provenance.Meter::error);
        }

        /// The energy in kWh, with its band where one is known.
        private Optional<Estimate> kilowattHours() {
            Double joules = energy.joules();
            Estimate power = electricity.power();
            return switch (energy.basis()) {
                case MEASURED, PARTLY -> joules == null ? Optional.empty() : Optional.of(metered());
                case ESTIMATED ->
                        power == null
                                ? Optional.empty()
                                : Optional.of(
                                        Estimate.product(
                                                "energy",
                                                "kWh",
                                                "power x hours / 1000",
                                                PER_THOUSAND,
                                                List.of(power, hours())));
                case UNKNOWN -> Optional.empty();
            };
        }

        private Estimate hours() {
            return Estimate.stated(
                    "hours",
                    trainingSeconds / SECONDS_AN_HOUR,
                    "h",
                    "sum of the steps",
                    "measured");
        }

        private Estimate metered() {
            List<Estimate> parts = new ArrayList<>();
            for (Energy.Metered meter : counting()) {
                String source = described(meter).map(Provenance.Meter::how).orElse("its own meter");
                parts.add(banded(meter, meter.joules(), "measured", source));
                if (meter.missedJoules() > 0) {
                    String how = "estimated: its mean power by the seconds that it missed";
                    parts.add(banded(meter, meter.missedJoules(), how, "measured at other steps"));
                }
            }
            return Estimate.sum("energy", parts);
        }

        private Estimate banded(Energy.Metered meter, double joules, String how, String source) {
            double value = joules / JOULES_A_KWH;
            double error = error(meter).orElse(0.0);
            return Estimate.stated(meter.meter(), value, "kWh", how, source)
                    .within(value * (1 - error), value * (1 + error));
        }

        private RunBill.Line energyLine(Estimate kwh) {
            String amount = Amount.energy(kwh.value() * JOULES_A_KWH);
            return switch (energy.basis()) {
                case MEASURED -> line("Energy", amount, "measured by " + names(), details(kwh));
                case PARTLY -> {
                    Double measured = energy.measuredJoules();
                    double part = measured == null ? 0 : measured / JOULES_A_KWH / kwh.value();
                    yield line(
                            "Energy",
                            amount,
                            "partly measured: %s by %s; the rest estimated: %s"
                                    .formatted(Amount.percent(part), names(), energy.how()),
                            missed() + "; " + details(kwh));
                }
                case ESTIMATED, UNKNOWN ->
                        line("Energy", amount, "estimated: " + energy.how(), guessed(kwh));
            };
        }

        private RunBill.Line unknown() {
            return line(
                    "Energy",
                    "unknown",
                    "neither measured nor estimated: no meter could be read, and nobody states the"
                            + " power of this device",
                    uncounted());
        }

        private String guessed(Estimate kwh) {
            Estimate power = electricity.power();
            String source = power == null || power.source() == null ? "" : power.source();
            String absent = electricity.absent().isEmpty() ? "" : uncounted();
            return Stream.of(band(kwh), source, absent)
                    .filter(text -> !text.isEmpty())
                    .collect(Collectors.joining("; "));
        }

        /// Where a meter did not count, and why.
        private String missed() {
            return energy.meters().stream()
                    .filter(meter -> !meter.missed().isEmpty())
                    .map(meter -> {
                        String steps = steps(meter.missed());
                        String lost = meter.lost() == null ? "" : " (" + meter.lost() + ")";
                        return meter.joules() > 0
                                ? "%s counted steps %s and missed %s%s"
                                        .formatted(
                                                meter.meter(), steps(meter.covered()), steps, lost)
                                : meter.meter() + " counted nothing" + lost + ", and is left out";
                    })
                    .collect(Collectors.joining("; "));
        }

        private static String steps(List<Energy.Steps> stretches) {
            return stretches.stream().map(Energy.Steps::text).collect(Collectors.joining(", "));
        }

        private String details(Estimate kwh) {
            String scope =
                    counting().stream()
                            .map(meter ->
                                    meter.meter()
                                            + ": "
                                            + described(meter)
                                                    .map(Provenance.Meter::scope)
                                                    .orElse("what it counts is not written down"))
                            .collect(Collectors.joining("; "));
            String unsure =
                    counting().stream()
                            .filter(meter -> error(meter).isEmpty())
                            .map(Energy.Metered::meter)
                            .collect(Collectors.joining(", "));
            String error = unsure.isEmpty() ? band(kwh) : "no accuracy is stated for " + unsure;
            return scope
                    + "; "
                    + error
                    + (electricity.absent().isEmpty() ? "" : "; " + uncounted());
        }

        private static String band(Estimate kwh) {
            return kwh.isUncertain()
                    ? "between %s and %s"
                            .formatted(
                                    Amount.energy(
                                            kwh.low() * JOULES_A_KWH, kwh.value() * JOULES_A_KWH),
                                    Amount.energy(
                                            kwh.high() * JOULES_A_KWH, kwh.value() * JOULES_A_KWH))
                    : "";
        }

        /// What no meter counts, and why.
        private String uncounted() {
            return "no meter of " + String.join("; nor of ", electricity.absent());
        }

        private String names() {
            return counting().stream().map(Energy.Metered::meter).collect(Collectors.joining(", "));
        }

        private RunBill.Line power() {
            double watts = counting().stream().mapToDouble(Energy.Metered::watts).sum();
            Estimate stated = electricity.power();
            String each =
                    counting().stream()
                            .map(m -> m.meter() + " " + Amount.real(m.watts()) + " W")
                            .collect(Collectors.joining(", "));
            return line(
                    "Mean power",
                    Amount.real(watts) + " W",
                    "measured while training" + (counting().size() > 1 ? ": " + each : ""),
                    stated == null
                            ? ""
                            : "stated for the device: %s (%s)"
                                    .formatted(stated.readable(), origin(stated)));
        }

        /// The share that the machine would have used with nothing to do.
        private Optional<RunBill.Line> rest() {
            double idle = 0;
            double counted = 0;
            double watts = 0;
            for (Energy.Metered meter : counting()) {
                Optional<Double> rest = described(meter).map(Provenance.Meter::idleWatts);
                if (rest.isEmpty()) {
                    return Optional.empty();
                }
                watts += rest.get();
                idle += rest.get() * meter.seconds();
                counted += meter.joules();
            }
            return Optional.of(
                    line(
                            "Energy at rest",
                            Amount.percent(Math.min(1, idle / counted)),
                            "of what was measured: the machine would have used it with nothing to"
                                    + " do",
                            "%s W, measured just before the run".formatted(Amount.real(watts))));
        }

        private Estimate carbon(Estimate kwh) {
            return Estimate.product(
                    "carbon",
                    "kg CO2e",
                    "energy x PUE x grid intensity / 1000",
                    PER_THOUSAND,
                    List.of(kwh, electricity.pue(), electricity.intensity()));
        }

        private RunBill.Line carbonLine(Estimate carbon) {
            Estimate pue = electricity.pue();
            Estimate intensity = electricity.intensity();
            String band =
                    carbon.isUncertain()
                            ? "between %s and %s; "
                                    .formatted(
                                            Amount.mass(carbon.low(), carbon.value()),
                                            Amount.mass(carbon.high(), carbon.value()))
                            : "";
            String basis =
                    switch (energy.basis()) {
                        case MEASURED -> "from measured energy";
                        case PARTLY -> "from partly measured energy";
                        case ESTIMATED, UNKNOWN -> "from estimated energy";
                    };
            return line(
                    "CO2e",
                    Amount.mass(carbon.value()),
                    "%s x PUE %s x %s g/kWh, %s"
                            .formatted(
                                    basis,
                                    Estimate.plain(pue.value()),
                                    Estimate.plain(intensity.value()),
                                    electricity.grid()),
                    "%sintensity: %s; PUE: %s".formatted(band, origin(intensity), origin(pue)));
        }

        private Optional<RunBill.Line> embodied() {
            Estimate made = electricity.embodied();
            if (made == null) {
                return Optional.empty();
            }
            double kilograms = made.value() * trainingSeconds / SECONDS_AN_HOUR;
            return Optional.of(
                    line(
                            "Embodied CO2e",
                            Amount.mass(kilograms),
                            "estimated: the share of making the devices, beside the above",
                            origin(made)));
        }

        private static String origin(Estimate factor) {
            return factor.source() == null ? factor.how() : factor.how() + ", " + factor.source();
        }

        private static RunBill.Line line(String label, String value, String how, String detail) {
            return new RunBill.Line(label, value, "", how, detail);
        }
    }
}
