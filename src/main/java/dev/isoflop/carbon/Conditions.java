package dev.isoflop.carbon;

import dev.isoflop.budget.Device;
import dev.isoflop.budget.Devices;
import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.Price;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import java.util.Optional;
import java.util.function.Function;

/// On what, where and for how much a run is reckoned: the `cost` table of a recipe.
///
/// @param device that does the work
/// @param devices how many share each step
/// @param shareOfPeak that a step reaches, where the recipe says so
/// @param grid where the electricity comes from
/// @param pue what the building draws by what the devices draw
/// @param price of one device for one hour
public record Conditions(
        Device device,
        int devices,
        Optional<Double> shareOfPeak,
        Grid grid,
        Estimate pue,
        Optional<Price> price) {

    private static final double MOST_PUE = 5;

    public Conditions {
        Check.that(devices >= 1, "devices is %s; it must be at least 1", devices);
        Check.that(
                shareOfPeak.orElse(1.0) > 0 && shareOfPeak.orElse(1.0) <= 1,
                "shareOfPeak is %s; write a share above 0 and up to 1, such as 0.4",
                shareOfPeak.orElse(1.0));
        Check.that(
                pue.value() >= 1 && pue.value() <= MOST_PUE,
                "pue is %s; it lies between 1 and %s",
                pue.value(),
                MOST_PUE);
    }

    /// Devices in a place, with the place's own PUE, or none where nobody states it.
    public static Conditions of(Device device, int devices, Grid grid) {
        return new Conditions(
                device,
                devices,
                Optional.empty(),
                grid,
                grid.pue().orElseGet(Conditions::noPue),
                Optional.empty());
    }

    private static Estimate noPue() {
        return Estimate.stated("PUE", 1, "", "nobody states one here, so none", "assumed");
    }

    /// Reads the `cost` of a recipe.
    public static Conditions from(Table t) {
        if (!t.has("on")) {
            throw t.fault(
                    "on",
                    "is missing; name a device such as h100, or a .yaml file that describes one");
        }
        if (t.has("region") && t.has("grams-per-kwh")) {
            throw t.fault("region", "is given, and so is grams-per-kwh; keep one of them");
        }
        Device device = named(t, "on", Devices::named);
        Grid grid =
                t.has("grams-per-kwh")
                        ? t.build(() -> Grid.stated(t.real("grams-per-kwh")))
                        : t.has("region")
                                ? named(t, "region", Grids::named)
                                : Grids.named(Grids.WORLD);
        Estimate pue =
                t.has("pue")
                        ? Estimate.stated(
                                "PUE", t.real("pue"), "", "as the recipe says", "the recipe")
                        : grid.pue().orElseGet(Conditions::noPue);
        return t.build(() ->
                new Conditions(
                        device,
                        t.count("devices", 1),
                        t.has("share-of-peak")
                                ? Optional.of(t.real("share-of-peak"))
                                : Optional.empty(),
                        grid,
                        pue,
                        t.has("price")
                                ? Optional.of(t.parsed("price", Price::parse))
                                : Optional.empty()));
    }

    private static <T> T named(Table t, String key, Function<String, T> find) {
        String name = t.text(key);
        try {
            return find.apply(name);
        } catch (InputException e) {
            throw t.fault(key, "is " + name + "; " + e.getMessage());
        }
    }
}
