package dev.isoflop.cli;

import dev.isoflop.plan.CostAssumptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/// On what, where and for how much a plan is reckoned: the options that stand for a recipe's
/// `cost`, and go before it.
final class CostOptions {

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

    /// What they say, to go before a recipe's `cost`.
    CostAssumptions assumptions() {
        Map<String, String> stated = new LinkedHashMap<>();
        put(stated, "on", on);
        put(stated, "region", region);
        put(stated, "grams-per-kwh", gramsPerKwh);
        put(stated, "pue", pue);
        put(stated, "share-of-peak", shareOfPeak);
        put(stated, "price", price);
        OptionalInt many = devices == null ? OptionalInt.empty() : OptionalInt.of(devices);
        return new CostAssumptions(stated, many, asPaper);
    }

    private static void put(Map<String, String> stated, String key, @Nullable String text) {
        if (text != null) {
            stated.put(key, text);
        }
    }
}
