package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.method.Method;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Hours, energy, carbon and money of a plan, and budgets in them.
class PlanCostTest {

    private static final double PEAK = 1e12; // FLOP/s of the device below
    private static final double CLOSE = 1e-9;

    private static final String RECIPE =
            """
            name: small
            method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
            encoder: {width: 64, depth: 1, heads: 2, patch: 8}
            image: 32
            data: {kind: world, images: 1000}
            budget: 1000 steps
            batch: 100
            """;

    private static final String DEVICE =
            """
            chip:
              name: A chip
              peak: {f32: 1 TFLOP/s}
              power:
                mean: 100 W
                idle: 50 W
                limit: 200 W
                meaning: seen at the socket
                source: somebody
                date: 2026-11-26
              embodied: {kg: 87.6, hours: 8760, source: somebody else, date: 2026-11-25}
              source: its maker
              date: 2026-11-24
            """;

    @TempDir private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private String device = "";

    @BeforeEach
    void describeTheDevice() throws IOException {
        device = Files.writeString(folder.resolve("chip.yaml"), DEVICE).toString();
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        return Isoflop.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private String recipe(String text) throws IOException {
        return Files.writeString(folder.resolve("r.yaml"), text).toString();
    }

    private JsonNode plan(String text, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("plan", recipe(text), "--json"));
        arguments.addAll(List.of(more));
        assertThat(run(arguments.toArray(String[]::new))).as(err.toString()).isZero();
        return new JsonMapper().readTree(out.toString());
    }

    private String refused(String text, String... more) throws IOException {
        err.getBuffer().setLength(0);
        List<String> arguments = new ArrayList<>(List.of("plan", recipe(text)));
        arguments.addAll(List.of(more));
        assertThat(run(arguments.toArray(String[]::new))).isEqualTo(2);
        assertThat(err.toString()).startsWith("isoflop: ").doesNotContain("\tat ");
        return err.toString().strip();
    }

    /// 4 devices at half of 1 TFLOP/s each, 100 W (50 to 200), PUE 1.5, 250 g/kWh, 2 USD.
    private String whole() {
        return RECIPE
                + """
                cost:
                  on: %s
                  devices: 4
                  share-of-peak: 0.5
                  grams-per-kwh: 250
                  pue: 1.5
                  price: 2 USD
                """
                        .formatted(device);
    }

    @Test
    void hoursEnergyCarbonAndMoneyFollowFromTheFlops() throws IOException {
        JsonNode plan = plan(whole());
        double flops = plan.get("flops").get("total").asDouble();
        double hours = flops / (4 * PEAK * 0.5) / 3600;
        assertThat(plan.get("hours").asDouble()).isCloseTo(hours, within(CLOSE * hours));
        assertThat(plan.get("deviceHours").asDouble()).isCloseTo(4 * hours, within(CLOSE));
        double energy = 4 * hours * 0.1 * 1.5;
        assertThat(plan.get("kWh").asDouble()).isCloseTo(energy, within(CLOSE * energy));
        assertThat(plan.get("kWhIdle").asDouble()).isCloseTo(energy / 2, within(CLOSE));
        assertThat(plan.get("kgCO2e").asDouble()).isCloseTo(energy * 0.25, within(CLOSE));
        assertThat(plan.get("kgCO2eEmbodied").asDouble()).isCloseTo(hours * 0.04, within(CLOSE));
        assertThat(plan.get("money").get("amount").asDouble()).isCloseTo(8 * hours, within(CLOSE));
        assertThat(plan.get("flops").get("devices").asInt()).isEqualTo(4);
        JsonNode band = plan.get("estimates").get("kWh");
        assertThat(band.get("low").asDouble()).as("idle").isCloseTo(energy / 2, within(CLOSE));
        assertThat(band.get("high").asDouble()).as("limit").isCloseTo(energy * 2, within(CLOSE));
    }

    @Test
    void everyFigureSaysWhereItComesFromAndWhen() throws IOException {
        assertThat(run("plan", recipe(whole()))).isZero();
        assertThat(out.toString())
                .contains("on          4 x A chip, 250 g/kWh, PUE 1.5")
                .contains("= power of one device x device-hours x PUE / 1000")
                .contains("= seen at the socket; somebody, 2026-11-26")
                .contains("its maker, 2026-11-24")
                .contains("spread over 8,760 hours; somebody else, 2026-11-25")
                .containsPattern("energy +[0-9.e-]+ kWh \\([0-9.e-]+ to [0-9.e-]+\\)");
    }

    @Test
    void stepsThatWereTimedOnTheDeviceDecideItsHoursUnlessAShareIsAskedFor() throws IOException {
        Files.writeString(
                folder.resolve("chip.yaml"),
                DEVICE.stripTrailing()
                        + "\n  steps: {f32: {flops: [1e8, 1e9, 1e10, 1e11], steps-per-second:"
                        + " [1000, 100, 10, 1], how: timed by a test}}\n");
        JsonNode timed = plan(whole().replace("  share-of-peak: 0.5\n", ""));
        double flops = timed.get("flops").get("total").asDouble();
        assertThat(timed.get("hours").asDouble()).isCloseTo(flops / 4 / 1e11 / 3600, within(1e-9));
        assertThat(timed.get("estimates").toString())
                .contains("fitted to 4 timed steps")
                .contains("timed by a test");
        assertThat(plan(whole()).get("estimates").toString()).doesNotContain("timed by a test");
    }

    @Test
    void withoutADeviceThereAreNoHoursAndThePlanSaysHowToHaveThem() throws IOException {
        JsonNode plan = plan(RECIPE);
        assertThat(plan.has("hours")).isFalse();
        assertThat(run("plan", recipe(RECIPE))).isZero();
        assertThat(out.toString())
                .contains("hours, energy and CO2e: name a device, such as --on h100");
    }

    @Test
    void theCommandLineGoesBeforeTheRecipe() throws IOException {
        double own = plan(whole()).get("kgCO2e").asDouble();
        double dirty = plan(whole(), "--grams-per-kwh", "500").get("kgCO2e").asDouble();
        assertThat(dirty).isCloseTo(2 * own, within(CLOSE));
        double cooled = plan(whole(), "--pue", "1").get("kWh").asDouble();
        assertThat(cooled).isCloseTo(plan(whole()).get("kWh").asDouble() / 1.5, within(CLOSE));
        JsonNode alone = plan(whole(), "--devices", "1", "--price", "3 EUR");
        assertThat(alone.get("flops").get("devices").asInt()).isEqualTo(1);
        assertThat(alone.get("hours").asDouble())
                .isCloseTo(4 * plan(whole()).get("hours").asDouble(), within(CLOSE));
        assertThat(alone.get("money").get("currency").asString()).isEqualTo("EUR");
        JsonNode bare = plan(RECIPE, "--on", device, "--share-of-peak", "1");
        assertThat(bare.get("conditions").asString()).contains("world").contains("PUE 1");
    }

    @Test
    void aRegionOfTheCommandLineTakesThePlaceOfTheGridInTheRecipe() throws IOException {
        assertThat(plan(whole(), "--region", "fra").get("conditions").asString()).contains("fra");
        String france = whole().replace("grams-per-kwh: 250", "region: fra");
        assertThat(plan(france, "--grams-per-kwh", "7").get("conditions").asString())
                .contains("7 g/kWh");
    }

    @ParameterizedTest
    @CsvSource({
        "0.001 hours, hours",
        "0.004 device-hours, deviceHours",
        "0.0006 kWh, kWh",
        "0.15 g CO2e, kgCO2e",
        "0.008 USD, money"
    })
    void aBudgetInAnyCurrencyBuysWholeStepsAndNoMore(String budget, String key) throws IOException {
        JsonNode plan = plan(whole(), "--budget", budget);
        long steps = plan.get("steps").asLong();
        assertThat(steps).isGreaterThan(10);
        JsonNode spent = key.equals("money") ? plan.get(key).get("amount") : plan.get(key);
        double amount = Double.parseDouble(budget.substring(0, budget.indexOf(' ')));
        double asked = budget.contains(" g ") ? amount / 1000 : amount;
        assertThat(spent.asDouble()).isLessThanOrEqualTo(asked * (1 + CLOSE));
        assertThat(spent.asDouble() * (steps + 1) / steps).isGreaterThan(asked);
        assertThat(plan(whole(), "--budget", steps + " steps").get("flops"))
                .isEqualTo(plan.get("flops"));
    }

    @Test
    void aBudgetIsShownAsItWasAskedForAndAsItWasConverted() throws IOException {
        assertThat(run("plan", recipe(whole()), "--budget", "0.008 USD")).isZero();
        assertThat(out.toString())
                .contains("budget      0.008 USD, converted at the figures below")
                .containsPattern("steps +[0-9,]+ of 100 images")
                .containsPattern("money +0.008 USD|money +0.0079[0-9]* USD");
    }

    @Test
    void aBudgetThatNeedsMoreThanTheRecipeSaysNamesTheKey() throws IOException {
        assertThat(refused(RECIPE.replace("1000 steps", "5 kWh")))
                .contains(
                        "r.yaml:6:9  budget is 5 kWh; say on what it is spent: add cost: with on:"
                                + " and a device, such as on: h100 (or --on h100)");
        String noPrice = whole().replace("  price: 2 USD\n", "");
        assertThat(refused(noPrice, "--budget", "5 USD"))
                .contains(
                        "--budget 5 USD  budget is 5 USD; add cost.price, what one device costs an"
                                + " hour, such as price: 3.22 USD (or --price '3.22 USD')");
        assertThat(refused(whole(), "--budget", "5 EUR"))
                .contains("budget is 5 EUR; but cost.price is in USD; write both in one currency");
        assertThat(refused(whole(), "--budget", "5 kWhs"))
                .contains("the unit kWhs is not known here; did you mean kWh?");
        Files.writeString(
                folder.resolve("chip.yaml"),
                DEVICE.replaceAll("(?s)  power:.*  embodied", "  embodied"));
        assertThat(refused(whole(), "--budget", "5 kWh"))
                .contains("budget is 5 kWh; but chip states no power; add power: with mean");
        assertThat(plan(whole()).has("kWh")).isFalse();
    }

    @Test
    void anUnknownDeviceOrRegionIsAnsweredWithTheNearest() throws IOException {
        assertThat(refused(RECIPE, "--on", "h1000"))
                .contains(
                        "--on h1000  cost.on is h1000; the device h1000 is not known; did you"
                                + " mean");
        assertThat(refused(whole().replace(device, "tpuv33")))
                .contains("r.yaml:9:7  cost.on is tpuv33; the device tpuv33 is not known");
        assertThat(refused(RECIPE, "--on", device, "--region", "gcp/europe-wst1"))
                .contains(
                        "cost.region is gcp/europe-wst1; the region gcp/europe-wst1 is not known;")
                .contains("did you mean gcp/europe-west1?");
        assertThat(refused(RECIPE + "cost: {region: fra}\n"))
                .contains("cost.on is missing; name a device such as h100");
        assertThat(refused(whole() + "  region: fra\n"))
                .contains("cost.region is given, and so is grams-per-kwh; keep one of them");
    }

    @Test
    void aPowerThatCannotBeIsRefusedWithItsFileLineAndKey() throws IOException {
        Files.writeString(
                folder.resolve("chip.yaml"), DEVICE.replace("mean: 100 W", "mean: -100 W"));
        assertThat(refused(whole())).contains("chip.yaml:5:11  chip.power.mean is \"-100 W\"");
        Files.writeString(folder.resolve("chip.yaml"), DEVICE.replace("mean: 100 W", "mean: 3 MW"));
        assertThat(refused(whole()))
                .contains(
                        "chip.yaml:5:11  chip.power.mean is 3000000.0 W; the power of one device");
        describeTheDevice();
        assertThat(refused(whole().replace("pue: 1.5", "pue: 0.5")))
                .contains("cost.pue is 0.5; it lies between 1 and 5");
        assertThat(refused(whole().replace("share-of-peak: 0.5", "share-of-peak: 40")))
                .contains("cost.share-of-peak is 40.0; write a share above 0 and up to 1");
        assertThat(refused(whole().replace("kwh: 250", "kwh: 25000")))
                .contains("25000.0 g/kWh; that of a grid lies between 0 and 2000");
    }

    @Test
    void oneBudgetIsComparedOverAllMethods() {
        assertThat(run("plan", "--budget", "1e20", "--compare", "--on", device, "--json"))
                .as(err.toString())
                .isZero();
        JsonNode methods = new JsonMapper().readTree(out.toString()).get("methods");
        assertThat(methods).hasSize(Method.Config.NAMES.size());
        for (JsonNode one : methods) {
            double total = one.get("flops").get("total").asDouble();
            assertThat(total).isLessThanOrEqualTo(1e20).isGreaterThan(0.999e20);
            assertThat(one.get("epochs").asDouble())
                    .isCloseTo(one.get("images").asDouble() / 1_281_167, within(1e-6));
            assertThat(one.get("hours").asDouble())
                    .isCloseTo(total / (0.4 * PEAK) / 3600, within(1e-3));
        }
        assertThat(methods.get(0).get("steps").asLong()).as("mae").isEqualTo(417_651);
    }

    @Test
    void aComparisonTakesEncoderBatchDataAndCostFromARecipe() throws IOException {
        String file = recipe(whole());
        assertThat(run("plan", file, "--compare", "--budget", "0.01 USD")).isZero();
        assertThat(out.toString())
                .contains("0.01 USD buys, with ViT-64x1x2/8 on images of 32 and 100 images a step:")
                .contains("4 x A chip");
        assertThat(run("plan", "--compare")).isEqualTo(2);
        assertThat(err.toString()).contains("--compare needs a budget, such as --budget 1e20");
    }
}
