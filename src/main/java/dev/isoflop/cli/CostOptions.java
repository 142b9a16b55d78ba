package dev.isoflop.cli;

import dev.isoflop.carbon.Conditions;
import dev.isoflop.carbon.StudyCalculator;
import dev.isoflop.fault.InputException;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.Optional;

/// On what, where and for how much a plan is reckoned: the options that stand for a recipe's
/// `cost`, and go before it.
final class CostOptions {

    private static final String STUDY_DEVICE = "tpu-v3";
    private static final String STUDY_REGION = "gcp/europe-west1";

    @Option(
            names = "--on",
            paramLabel = "DEVICE",
            description = "Device to reckon hours with, such as h100, or a .yaml file of one.")
    private @Nullable String on;

    @Option(
            names = "--devices",
            paramLabel = "N",
            description = "Devices that share each step; FLOPs are also given for one of them.")
    private @Nullable Integer devices;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            description = "Where it runs: gcp/europe-west1, a country such as deu, or world.")
    private @Nullable String region;

    @Option(
            names = "--grams-per-kwh",
            paramLabel = "G",
            description = "What the grid emits, in place of a region's.")
    private @Nullable String gramsPerKwh;

    @Option(
            names = "--pue",
            paramLabel = "PUE",
            description = "What the building draws by what the devices draw, from 1.")
    private @Nullable String pue;

    @Option(
            names = "--share-of-peak",
            paramLabel = "SHARE",
            description = "Of the device's peak that a step reaches, such as 0.4.")
    private @Nullable String shareOfPeak;

    @Option(
            names = "--price",
            paramLabel = "PRICE",
            description = "Of one device for an hour, such as '3.22 USD'.")
    private @Nullable String price;

    @Option(
            names = "--as-paper",
            description = {
                "Energy and CO2e as Koppula et al. 2022 reckoned them: 32 TPUv3 chips of 283 W,",
                "europe-west1 at 0.27 kg/kWh, no PUE, rounded as their calculator rounds."
            })
    private boolean asPaper;

    boolean asPaper() {
        return asPaper;
    }

    /// A recipe with what the command line says of its cost.
    Table changed(Table recipe) {
        if (devices != null && devices < 1) {
            throw new InputException("--devices is " + devices + "; it must be at least 1");
        }
        if (asPaper) {
            return asPaper(recipe);
        }
        Table table = recipe;
        if (region != null) {
            table = table.without("cost", "grams-per-kwh");
        }
        if (gramsPerKwh != null) {
            table = table.without("cost", "region");
        }
        table = said(table, "on", on, "--on");
        table = said(table, "region", region, "--region");
        table = said(table, "grams-per-kwh", gramsPerKwh, "--grams-per-kwh");
        table = said(table, "pue", pue, "--pue");
        table = said(table, "share-of-peak", shareOfPeak, "--share-of-peak");
        table = said(table, "price", price, "--price");
        boolean reckoned = table.isTable("cost");
        return devices != null && reckoned
                ? said(table, "devices", String.valueOf(devices), "--devices")
                : table;
    }

    private Table asPaper(Table recipe) {
        if (on != null || region != null || gramsPerKwh != null || pue != null || devices != null) {
            throw new InputException(
                    "--as-paper takes the study's device, number of devices, region and PUE: leave"
                            + " out --on, --devices, --region, --grams-per-kwh and --pue");
        }
        Table table = recipe.without("cost", "grams-per-kwh").without("cost", "pue");
        String chips = String.valueOf(StudyCalculator.OF_THE_STUDY.chips());
        table = said(table, "on", STUDY_DEVICE, "--as-paper");
        table = said(table, "devices", chips, "--as-paper");
        table = said(table, "region", STUDY_REGION, "--as-paper");
        table = said(table, "share-of-peak", shareOfPeak, "--share-of-peak");
        return said(table, "price", price, "--price");
    }

    private static Table said(Table table, String key, @Nullable String text, String option) {
        return text == null ? table : table.said("cost." + key, text, option + " " + text);
    }

    /// Devices that FLOPs are divided by.
    int devices(PretrainRecipe recipe) {
        return devices(recipe.cost());
    }

    /// The same for a run that is reckoned so.
    int devices(Optional<Conditions> cost) {
        return devices == null ? cost.map(Conditions::devices).orElse(1) : devices;
    }
}
