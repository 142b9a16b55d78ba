package dev.isoflop.plan;

import dev.isoflop.carbon.Conditions;
import dev.isoflop.carbon.StudyCalculator;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// On what, where and for how much plans are reckoned, in place of what the recipes' own `cost`
/// says.
///
/// A value that will not do is told as the option of `isoflop plan` that states it: `--on h100`.
///
/// @param stated by key of a recipe's `cost`: `on`, `region`, `grams-per-kwh`, `pue`,
///   `share-of-peak` and `price`; what is not stated is the recipe's
/// @param devices that share each step, also where nothing else is reckoned but FLOPs; empty for
///   the recipe's
/// @param asPaper energy and carbon as Koppula et al. 2022 reckoned them
public record CostAssumptions(Map<String, String> stated, OptionalInt devices, boolean asPaper) {

    private static final String STUDY_DEVICE = "tpu-v3";
    private static final String STUDY_REGION = "gcp/europe-west1";
    private static final String AS_PAPER = "as-paper";

    /// In the order in which a recipe is given them.
    private static final List<String> KEYS =
            List.of("on", "region", "grams-per-kwh", "pue", "share-of-peak", "price");

    /// What the paper decides, so that nobody else may.
    private static final List<String> OF_THE_PAPER =
            List.of("on", "region", "grams-per-kwh", "pue");

    /// Nothing: each recipe's own. (Below the keys, which it is checked against.)
    public static final CostAssumptions NONE =
            new CostAssumptions(Map.of(), OptionalInt.empty(), false);

    public CostAssumptions {
        stated = Map.copyOf(stated);
        Check.that(
                KEYS.containsAll(stated.keySet()),
                "stated has the keys %s; known are %s",
                stated.keySet(),
                KEYS);
        if (devices.isPresent() && devices.getAsInt() < 1) {
            throw new InputException(
                    "--devices is " + devices.getAsInt() + "; it must be at least 1");
        }
        if (asPaper
                && (devices.isPresent() || OF_THE_PAPER.stream().anyMatch(stated::containsKey))) {
            throw new InputException(
                    "--as-paper takes the study's device, number of devices, region and PUE: leave"
                            + " out --on, --devices, --region, --grams-per-kwh and --pue");
        }
    }

    /// A recipe whose `cost` says this.
    public Table changed(Table recipe) {
        return asPaper ? said(ofTheStudy(recipe)) : onDevices(said(withoutOther(recipe)));
    }

    /// A region and grams of one's own exclude each other: the one that is stated stays.
    private Table withoutOther(Table recipe) {
        Table table = recipe;
        if (stated.containsKey("region")) {
            table = table.without("cost", "grams-per-kwh");
        }
        return stated.containsKey("grams-per-kwh") ? table.without("cost", "region") : table;
    }

    private Table said(Table recipe) {
        Table table = recipe;
        for (String key : KEYS) {
            String text = stated.get(key);
            table = text == null ? table : said(table, key, text, key + " " + text);
        }
        return table;
    }

    /// A number of devices says nothing of hours where no device is named.
    private Table onDevices(Table recipe) {
        if (devices.isEmpty() || !recipe.isTable("cost")) {
            return recipe;
        }
        String many = String.valueOf(devices.getAsInt());
        return said(recipe, "devices", many, "devices " + many);
    }

    private static Table ofTheStudy(Table recipe) {
        Table table = recipe.without("cost", "grams-per-kwh").without("cost", "pue");
        String chips = String.valueOf(StudyCalculator.OF_THE_STUDY.chips());
        table = said(table, "on", STUDY_DEVICE, AS_PAPER + " " + STUDY_DEVICE);
        table = said(table, "devices", chips, AS_PAPER + " " + chips);
        return said(table, "region", STUDY_REGION, AS_PAPER + " " + STUDY_REGION);
    }

    private static Table said(Table table, String key, String text, String option) {
        return table.said("cost." + key, text, "--" + option);
    }

    /// Devices that FLOPs are divided by.
    ///
    /// @param cost of the recipe, if it is reckoned at all
    int devices(Optional<Conditions> cost) {
        return devices.orElseGet(() -> cost.map(Conditions::devices).orElse(1));
    }
}
