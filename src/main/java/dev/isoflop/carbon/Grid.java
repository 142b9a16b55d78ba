package dev.isoflop.carbon;

import dev.isoflop.budget.Estimate;
import dev.isoflop.fault.Check;

import java.util.Optional;

/// Where electricity comes from: a cloud's region, a country or the world.
///
/// @param id such as `gcp/europe-west1`, `deu` or `world`
/// @param name for people
/// @param intensity of its electricity, in g CO2e/kWh
/// @param pue of its data centres, power usage effectiveness: what the building draws by what its
///   machines draw; none where nobody states it
public record Grid(String id, String name, Estimate intensity, Optional<Estimate> pue) {

    private static final double DIRTIEST = 2000; // g/kWh; oil shale is about 1,500

    public Grid {
        Check.that(
                intensity.value() >= 0 && intensity.value() <= DIRTIEST,
                "intensity is %s g/kWh; that of a grid lies between 0 and %s",
                intensity.value(),
                DIRTIEST);
    }

    /// A grid that a recipe describes.
    public static Grid stated(double gramsPerKwh) {
        return new Grid(
                "stated",
                "as the recipe states it",
                Estimate.stated(
                        "grid intensity", gramsPerKwh, "g/kWh", "as the recipe says", "the recipe"),
                Optional.empty());
    }
}
