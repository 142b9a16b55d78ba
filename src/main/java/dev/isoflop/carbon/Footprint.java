package dev.isoflop.carbon;

import dev.isoflop.budget.Device;
import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Price;
import dev.isoflop.budget.Speed;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What some hours on some devices mean: energy, carbon and money, each with its derivation.
///
/// energy = power of one device x device-hours x PUE; carbon = energy x intensity of the grid.
///
/// @param hours of wall clock
/// @param deviceHours hours of all devices together
/// @param energy in kWh, of all devices, the building's share included; none where the device
///   states no power
/// @param carbon in kg CO2e, of that energy
/// @param embodied in kg CO2e, the share of making the devices that these hours use up; none where
///   nobody states it
/// @param money at the recipe's price; none where it states none
public record Footprint(
        Estimate hours,
        Estimate deviceHours,
        Optional<Estimate> energy,
        Optional<Estimate> carbon,
        Optional<Estimate> embodied,
        Optional<Estimate> money) {

    private static final double SECONDS_AN_HOUR = 3600;
    private static final double PER_THOUSAND = 1e-3;

    /// The footprint of a run.
    ///
    /// @param flopsPerStep over all devices, convention matmul
    /// @param steps whole steps
    public static Footprint of(
            Conditions conditions, Precision precision, BigInteger flopsPerStep, long steps) {
        Speed speed = Speed.of(conditions.device(), precision, conditions.shareOfPeak());
        Estimate step = speed.stepSeconds(flopsPerStep, conditions.devices());
        Estimate count =
                Estimate.stated("steps", (double) steps, "steps", "of the plan", "the plan");
        Estimate hours =
                Estimate.product(
                        "hours",
                        "h",
                        "seconds of a step x steps / 3600",
                        1 / SECONDS_AN_HOUR,
                        List.of(step, count));
        return of(conditions, hours);
    }

    /// The footprint of some hours on all devices.
    public static Footprint of(Conditions conditions, Estimate hours) {
        Device device = conditions.device();
        Estimate devices =
                Estimate.stated("devices", conditions.devices(), "", device.name(), "the recipe");
        Estimate deviceHours =
                Estimate.product(
                        "device-hours", "device-h", "hours x devices", 1, List.of(hours, devices));
        Optional<Estimate> energy =
                device.power()
                        .map(power ->
                                Estimate.product(
                                        "energy",
                                        "kWh",
                                        "power of one device x device-hours x PUE / 1000",
                                        PER_THOUSAND,
                                        List.of(power.mean(), deviceHours, conditions.pue())));
        return new Footprint(
                hours,
                deviceHours,
                energy,
                energy.map(kwh -> carbon(kwh, conditions.grid())),
                device.embodied().map(made -> embodied(made, deviceHours)),
                conditions.price().map(price -> money(price, deviceHours)));
    }

    /// The carbon of some energy.
    ///
    /// @param energy in kWh
    public static Estimate carbon(Estimate energy, Grid grid) {
        return Estimate.product(
                "carbon",
                "kg CO2e",
                "energy x grid intensity / 1000",
                PER_THOUSAND,
                List.of(energy, grid.intensity()));
    }

    /// What the same devices would draw in these hours with nothing to do, in kWh: a part of the
    /// energy; none where their idle power is not stated.
    public Optional<Estimate> idle(Conditions conditions) {
        return conditions
                .device()
                .power()
                .flatMap(power ->
                        power.idle()
                                .map(watts ->
                                        Estimate.stated(
                                                "idle power",
                                                watts,
                                                "W",
                                                "with nothing to do",
                                                String.valueOf(power.mean().source()))))
                .map(watts ->
                        Estimate.product(
                                "idle energy",
                                "kWh",
                                "idle power of one device x device-hours x PUE / 1000",
                                PER_THOUSAND,
                                List.of(watts, deviceHours, conditions.pue())));
    }

    private static Estimate embodied(Device.Embodied made, Estimate deviceHours) {
        Estimate perHour =
                Estimate.stated(
                        "embodied",
                        made.kilograms() / made.hours(),
                        "kg CO2e/device-h",
                        "%s kg of one device, spread over %s hours"
                                .formatted(
                                        Estimate.plain(made.kilograms()),
                                        Estimate.plain(made.hours())),
                        made.source());
        return Estimate.product(
                "embodied carbon",
                "kg CO2e",
                "device-hours x embodied",
                1,
                List.of(deviceHours, perHour));
    }

    private static Estimate money(Price price, Estimate deviceHours) {
        Estimate each =
                Estimate.stated(
                        "price",
                        price.amount().doubleValue(),
                        price.currency() + "/device-h",
                        "as the recipe says",
                        "the recipe");
        return Estimate.product(
                "money", price.currency(), "device-hours x price", 1, List.of(deviceHours, each));
    }

    /// Where the figures come from: a tree of the last that follows from the others, then what
    /// stands beside it.
    public String explain() {
        List<String> trees = new ArrayList<>();
        trees.add(carbon.or(() -> energy).orElse(deviceHours).explain());
        embodied.ifPresent(e -> trees.add(beside(e)));
        money.ifPresent(e -> trees.add(beside(e)));
        return String.join("\n", trees);
    }

    /// A product of device-hours, without their own derivation, which is shown already.
    private static String beside(Estimate product) {
        Estimate last = product.parts().getLast();
        return new Estimate(
                        product.name(),
                        product.value(),
                        product.low(),
                        product.high(),
                        product.unit(),
                        product.how(),
                        product.source(),
                        List.of(last))
                .explain();
    }
}
