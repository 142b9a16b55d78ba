package dev.isoflop.budget;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// The file of one device that was measured, to which each further measurement adds: another
/// precision stands beside the first, the same takes its place. What a user wrote there stays, but
/// for comments.
///
/// @param table that was read, or made
/// @param id of the device in it
public record DeviceFile(Table table, String id) {

    private static final String SOURCE = "timed by isoflop profile --measure";

    private static final String HEAD =
            """
            # This machine as a device, from its own steps: wherever a device is named, name this file.
            # isoflop profile --measure writes it. Again with another --precision, it adds to it; comments are not kept.
            """;

    private static final String POWER =
            """
            # What it draws is not known, so there is no energy and no carbon yet. Add below its name, and it stays:
            #   power:
            #     mean: 310 W
            #     meaning: measured at the wall over a day of training
            #     source: our meter
            #     date: 2026-11-20
            """;

    /// A file that is not there yet.
    ///
    /// @param fileName whose stem becomes the id
    /// @param device what the machine is called
    public static DeviceFile empty(String fileName, String device) {
        String stem = fileName.replaceFirst("\\.ya?ml$", "").toLowerCase(Locale.ROOT);
        String id = stem.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        String named = id.isEmpty() ? "my-machine" : id;
        Table table =
                Table.parse(
                        fileName,
                        "%s:\n  name: %s\n  also: []\n".formatted(named, Table.quoted(device)));
        return new DeviceFile(table, named);
    }

    /// A file that is there.
    ///
    /// @param device what the machine is called: the file must be of it
    /// @throws InputException if the file describes something else, or is no such file
    public static DeviceFile read(Table table, String fileName, String device) {
        Device there = Devices.only(table, fileName);
        if (!there.name().equals(device) && !there.also().contains(device)) {
            throw new InputException(
                    "%s describes %s, and this machine is %s; write to another file, or add that name to also:"
                            .formatted(fileName, there.name(), device));
        }
        return new DeviceFile(table, there.id());
    }

    /// The file with a measurement.
    ///
    /// @param peak that was measured, FLOP/s
    public DeviceFile with(Precision precision, double peak, Device.Timed timed, LocalDate date) {
        String steps = id + ".steps." + precision.key() + ".";
        List<Double> flops = timed.points().stream().map(PowerLaw.Point::flops).toList();
        List<Double> rates = timed.points().stream().map(PowerLaw.Point::stepsPerSecond).toList();
        Table measured =
                table.with(
                                id + ".peak." + precision.key(),
                                String.format(Locale.ROOT, "%.1f GFLOP/s", peak / 1e9))
                        .with(steps + "flops", listed(flops, 15))
                        .with(steps + "steps-per-second", listed(rates, 5))
                        .with(steps + "how", Table.quoted(timed.how()))
                        .with(id + ".source", SOURCE)
                        .with(id + ".date", date.toString());
        return new DeviceFile(measured, id);
    }

    /// A list of numbers, rounded to so many digits.
    private static String listed(List<Double> numbers, int digits) {
        return numbers.stream()
                .map(n -> new BigDecimal(n).round(new MathContext(digits)))
                .map(n -> n.stripTrailingZeros().toString())
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /// The text of the file, which {@link Devices#named} reads.
    public String yaml() {
        String yaml = table.yaml();
        Optional<Device.Power> power = Devices.only(Table.parse(id, yaml), id).power();
        return HEAD + power.map(_ -> "").orElse(POWER) + yaml;
    }
}
