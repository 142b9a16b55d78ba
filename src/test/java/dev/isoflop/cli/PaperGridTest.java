package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.carbon.StudyCalculator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `isoflop plan recipes/paper`: every run of the study, priced.
class PaperGridTest {

    private static final String PAPER = "recipes/paper";

    @TempDir private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private String run(String... arguments) {
        out.getBuffer().setLength(0);
        PrintWriter writer = new PrintWriter(out, true);
        assertThat(Isoflop.run(writer, new PrintWriter(err, true), arguments))
                .as(err.toString())
                .isZero();
        return out.toString();
    }

    private JsonNode json(String... more) {
        String[] arguments = new String[more.length + 3];
        arguments[0] = "plan";
        arguments[1] = PAPER;
        arguments[2] = "--json";
        System.arraycopy(more, 0, arguments, 3, more.length);
        return new JsonMapper().readTree(run(arguments));
    }

    private static JsonNode named(JsonNode grid, String name) {
        for (JsonNode run : grid.get("runs")) {
            if (run.get("name").asString().equals(name)) {
                return run;
            }
        }
        throw new AssertionError(name + " is not there");
    }

    @Test
    void everyRunHasItsFlopsHoursEnergyAndCarbon() {
        JsonNode grid = json();
        assertThat(grid.get("runs")).hasSize(206);
        double carbon = 0;
        for (JsonNode run : grid.get("runs")) {
            for (String key : List.of("name", "method", "encoder", "data")) {
                assertThat(run.get(key).isString()).as(key).isTrue();
            }
            JsonNode flops = run.get("flops");
            long steps = run.get("steps").asLong();
            assertThat(flops.get("total").bigIntegerValue())
                    .isEqualTo(
                            flops.get("perStep")
                                    .bigIntegerValue()
                                    .multiply(java.math.BigInteger.valueOf(steps)));
            assertThat(flops.get("devices").asInt()).isEqualTo(32);
            for (String key : List.of("hours", "kWh", "kgCO2e")) {
                assertThat(run.get(key).isNumber()).as(key).isTrue();
                assertThat(run.get(key).asDouble()).as(key).isPositive();
            }
            double hours = run.get("hours").asDouble();
            assertThat(run.get("kWh").asDouble())
                    .as("32 chips of 283 W and the region's PUE")
                    .isBetween(32 * 0.283 * hours, 32 * 0.283 * 1.2 * hours);
            carbon += run.get("kgCO2e").asDouble();
        }
        assertThat(grid.get("totals").get("kgCO2e").asDouble()).isCloseTo(carbon, within(1e-6));
    }

    @Test
    void runsKnowTheFiguresAndTablesThatShowThem() {
        JsonNode grid = json();
        assertThat(grid.get("figures").propertyNames())
                .containsExactly(
                        "figure 1", "figure 2", "figure 4", "figure 5", "table 1", "table 2");
        assertThat(runs(grid, "figure 1"))
                .as("ViT-B on JFT or ALIGN: those of figures 5 and 4")
                .isEqualTo(runs(grid, "figure 4") + runs(grid, "figure 5"));
        assertThat(shown(grid, "clip-jft-l-16-mini-125000-steps")).containsExactly("figure 2");
        assertThat(shown(grid, "byol-jft-b-16-250000-steps"))
                .containsExactly("figure 1", "figure 2", "figure 5", "table 1", "table 2");
        assertThat(shown(grid, "dino-align-b-16-750000-steps"))
                .containsExactly("figure 1", "figure 4");
        assertThat(shown(grid, "dino-jft-long-b-16-500000-steps"))
                .as("the tables' asterisk: long schedules on JFT")
                .containsExactly("figure 1", "figure 2", "figure 5", "table 1", "table 2");
        assertThat(shown(grid, "dino-jft-b-16-250000-steps"))
                .containsExactly("figure 1", "figure 2", "figure 5");
        assertThat(shown(grid, "dino-coco-b-16-1000000-steps"))
                .containsExactly("table 1", "table 2");
        assertThat(shown(grid, "simclr-coco-b-16-250000-steps"))
                .containsExactly("table 1", "table 2");
        assertThat(shown(grid, "clip-coco-b-16-mini-250000-steps"))
                .as("the tables have the four methods without labels or captions")
                .isEmpty();
    }

    private static int runs(JsonNode grid, String figure) {
        return grid.get("figures").get(figure).get("runs").asInt();
    }

    private static List<String> shown(JsonNode grid, String name) {
        return named(grid, name).get("figures").values().stream().map(JsonNode::asString).toList();
    }

    @Test
    void theRunsThatThePaperQuotesAreNearItsNumbersForOneDeviceOf32() {
        JsonNode grid = json();
        JsonNode base = named(grid, "clip-jft-b-16-mini-250000-steps").get("flops");
        JsonNode large = named(grid, "clip-jft-l-16-mini-125000-steps").get("flops");
        assertThat(base.get("perDevice").asDouble()).isCloseTo(3e18, within(0.5e18));
        assertThat(large.get("perDevice").asDouble()).isCloseTo(6e18, within(0.5e18));
        assertThat(grid.get("besidePaper").toString())
                .contains("3e18")
                .contains("6e18")
                .contains("40.8%")
                .contains("54.9%")
                .contains("66.7%")
                .contains("90%")
                .contains("48.0 GFLOP an image where the encoder on all patches is 105.1: 54% less")
                .contains("a million of 1,024");
        assertThat(run("plan", PAPER)).contains("Beside the paper:").contains("It is 2 times");
        assertThat(run("plan", PAPER + "/simclr-jft.yaml")).doesNotContain("Beside the paper");
    }

    @Test
    void asPaperIsTheStudysCalculatorOnTheSameHours() {
        JsonNode own = json();
        JsonNode paper = json("--as-paper");
        assertThat(paper.get("conditions").asString())
                .contains("as Koppula et al. 2022: 32 TPUv3 chips of 283 W, 0.27 kg/kWh, no PUE")
                .contains("2.445 kg an hour (2.418 at the grid's 267 g/kWh)");
        for (int i = 0; i < own.get("runs").size(); i++) {
            JsonNode run = paper.get("runs").get(i);
            double hours = run.get("hours").asDouble();
            assertThat(hours).isEqualTo(own.get("runs").get(i).get("hours").asDouble());
            assertThat(run.get("kgCO2e").asDouble())
                    .isEqualTo(StudyCalculator.OF_THE_STUDY.kilograms(hours));
            assertThat(run.get("kWh").asDouble())
                    .isEqualTo(StudyCalculator.OF_THE_STUDY.kilowattHours(hours));
        }
        assertThat(
                        Isoflop.run(
                                new PrintWriter(out, true),
                                new PrintWriter(err, true),
                                "plan",
                                PAPER,
                                "--as-paper",
                                "--on",
                                "h100"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--as-paper takes the study's device");
    }

    @Test
    void theTableForOtherProgramsHasALineARun() throws IOException {
        Path file = folder.resolve("grid.csv");
        run("plan", PAPER, "--csv", file.toString());
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(207);
        assertThat(lines.getFirst()).startsWith("name,method,encoder,data,figures,batch,steps");
        assertThat(run("plan", PAPER, "--csv", "-").lines()).containsExactlyElementsOf(lines);
        String first = lines.get(1);
        assertThat(first).startsWith("byol-align-b-16-125000-steps,byol,ViT-B/16,align,");
        assertThat(first.split(",", -1)).hasSize(lines.getFirst().split(",", -1).length);
    }

    @Test
    void thePageHasEveryRunAndSaysWhatDoesNotAddUp() throws IOException {
        Path file = folder.resolve("grid.html");
        run("plan", PAPER, "--page", file.toString());
        String page = Files.readString(file);
        assertThat(page.split("<tr><th scope=\"row\">", -1)).hasSize(207);
        assertThat(page)
                .contains("<h2>Beside the paper</h2>", "data-figure=\"figure 4\"", "206 runs")
                .contains("one device of 32");
    }

    @Test
    void whatRunsAgainIsSaidOfManyRunsToo() {
        assertThat(run("plan", PAPER + "/simclr-jft.yaml", "--set", "micro-batch=32"))
                .containsPattern("executed: 8 of them compare .* and run [0-9.]+ [EZ]FLOP more");
        assertThat(run("plan", PAPER + "/mae-coco.yaml", "--set", "micro-batch=32"))
                .doesNotContain("executed:");
    }
}
