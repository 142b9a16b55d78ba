package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Device;
import dev.isoflop.budget.Devices;
import dev.isoflop.budget.Precision;
import dev.isoflop.method.Method;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// `isoflop profile` of many steps, and which of its options go together.
class ProfileVerbTest {

    private static final Path FIGURE = Path.of("docs/results/figure-3.svg");

    @TempDir private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int profile(String... arguments) {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addFirst("profile");
        return Isoflop.run(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                words.toArray(String[]::new));
    }

    private JsonNode json(String... arguments) {
        assertThat(profile(arguments)).as(err.toString()).isZero();
        return new JsonMapper().readTree(out.toString());
    }

    private String refused(String... arguments) {
        assertThat(profile(arguments)).isEqualTo(2);
        return err.toString();
    }

    @Test
    void everyMethodOfTheStudyHasItsPriceAtTheStudysBatch() {
        JsonNode steps = json("--all", "--json").get("steps");
        assertThat(steps).hasSize(2 * 14);
        for (JsonNode step : steps) {
            long batch = step.get("name").asString().equals("DINO") ? 1024 : 4096;
            JsonNode flops = step.get("flops");
            assertThat(step.get("batch").asLong()).isEqualTo(batch);
            assertThat(flops.get("perStep").bigIntegerValue())
                    .isEqualTo(
                            flops.get("perImage")
                                    .bigIntegerValue()
                                    .multiply(BigInteger.valueOf(batch)));
            assertThat(flops.get("perDevice").doubleValue())
                    .isCloseTo(flops.get("perStep").doubleValue() / 32, within(1.0));
        }
        assertThat(steps.valueStream().map(step -> step.get("method").asString()))
                .containsAll(Method.Config.NAMES);
    }

    @Test
    void aRowIsWhatProfileSaysOfThatMethod() {
        JsonNode all = json("--all", "--json").get("steps");
        out.getBuffer().setLength(0);
        JsonNode one =
                json(
                        "--method",
                        "mae",
                        "--batch",
                        "4096",
                        "--encoder",
                        "L/16",
                        "--set",
                        "mask-ratio=0.85",
                        "--set",
                        "decoder-depth=1",
                        "--json");
        assertThat(
                        all.valueStream()
                                .filter(step -> step.get("name").asString().equals("MAE 85%, tiny"))
                                .map(step -> step.get("flops").get("perStep").bigIntegerValue()))
                .contains(one.get("flops").get("matmul").get("perStep").bigIntegerValue());
    }

    @Test
    void theFigureOnTheResultsPageIsWhatIsDrawn() throws IOException {
        Path drawn = folder.resolve("figure.svg");
        assertThat(profile("--all", "--svg", drawn.toString())).isZero();
        assertThat(Files.readString(FIGURE))
                .as("draw it anew: isoflop profile --all --svg " + FIGURE)
                .isEqualTo(Files.readString(drawn));
    }

    @Test
    void stepsThatAreTimedBecomeADevicesFile() throws IOException {
        Path file = folder.resolve("here.yaml");
        Path svg = folder.resolve("here.svg");
        JsonNode steps =
                json(
                        "--measure",
                        "--methods",
                        "mae,clip",
                        "--encoders",
                        "Ti/16",
                        "--image",
                        "32",
                        "--batches",
                        "2,4",
                        "--minutes",
                        "0.0001",
                        "--out",
                        file.toString(),
                        "--svg",
                        svg.toString(),
                        "--json");
        assertThat(steps.get("steps")).hasSize(4);
        assertThat(steps.get("law").get("points").asInt()).isEqualTo(4);
        for (JsonNode step : steps.get("steps")) {
            assertThat(step.get("seconds")).hasSize(2);
            double seconds = step.get("secondsPerStep").asDouble();
            assertThat(seconds).isBetween(least(step.get("seconds")), most(step.get("seconds")));
            assertThat(step.get("stepsPerSecond").asDouble()).isCloseTo(1 / seconds, within(1e-9));
        }
        Device device = Devices.named(file.toString());
        assertThat(device.timed()).containsOnlyKeys(Precision.F32);
        Device.Timed timed = Objects.requireNonNull(device.timed().get(Precision.F32));
        assertThat(timed.points()).hasSize(4);
        assertThat(timed.how())
                .contains("clip, mae", "ViT-Ti/16", "batches 2, 4", "images of 32", "f32");
        assertThat(svg).content().contains("mae", "clip", "prediction interval");
        assertThat(err.toString()).contains("4 of 4", "left", "written to " + file);
    }

    private static double least(JsonNode seconds) {
        return seconds.valueStream().mapToDouble(JsonNode::asDouble).min().orElseThrow();
    }

    private static double most(JsonNode seconds) {
        return seconds.valueStream().mapToDouble(JsonNode::asDouble).max().orElseThrow();
    }

    @Test
    void twoStepsMakeNoLineAndNoFile() {
        Path file = folder.resolve("here.yaml");
        assertThat(
                        profile(
                                "--measure",
                                "--methods",
                                "mae",
                                "--encoders",
                                "Ti/16",
                                "--image",
                                "32",
                                "--batches",
                                "2,4",
                                "--minutes",
                                "0.0001",
                                "--out",
                                file.toString()))
                .isZero();
        assertThat(file).doesNotExist();
        assertThat(out.toString()).contains("No line: it needs three steps");
        assertThat(err.toString()).contains("is not written");
    }

    @Test
    void theDecodersShareIsOfFlopsAndOfTime() {
        JsonNode shares =
                json(
                        "--decoder-share",
                        "--encoders",
                        "Ti/16",
                        "--image",
                        "64",
                        "--batches",
                        "2",
                        "--minutes",
                        "0.0001",
                        "--json");
        assertThat(shares.get("shares")).hasSize(4);
        for (JsonNode share : shares.get("shares")) {
            assertThat(share.get("rounds")).hasSize(3);
            JsonNode deep = share.get("blocks8");
            JsonNode tiny = share.get("blocks1");
            for (String of : List.of("ofFlops", "ofForwardFlops")) {
                assertThat(deep.get(of).asDouble()).isBetween(tiny.get(of).asDouble(), 1.0);
            }
            assertThat(share.get("rounds").get(0).get("deep").get("seconds").asDouble())
                    .isPositive();
        }
    }

    @Test
    void optionsThatDoNotGoTogetherAreNamed() {
        for (String[] words :
                new String[][] {
                    {"--all", "--measure"},
                    {"--all", "--set", "mask-ratio=0.5"},
                    {"--all", "--image", "32"},
                    {"--decoder-share", "--all"},
                    {"--measure", "--batch", "8"},
                    {"--trace", "--device", "meta"}
                }) {
            List<String> options = Stream.of(words).filter(it -> it.startsWith("--")).toList();
            err.getBuffer().setLength(0);
            assertThat(refused(words))
                    .isEqualToIgnoringNewLines(
                            "isoflop: %s and %s do not go together; leave one of them out"
                                    .formatted(options.getFirst(), options.getLast()));
        }
        assertThat(refused("recipes/demo/mae.yaml", "--all"))
                .contains("RECIPE and --all do not go together");
        assertThat(refused("recipes/demo/mae.yaml", "--method", "byol"))
                .contains("RECIPE and --method do not go together");
    }

    @Test
    void anOptionThatLacksAnotherNamesIt() {
        assertThat(refused("--chakra", "x.json"))
                .isEqualToIgnoringNewLines(
                        "isoflop: --chakra has no effect without --trace; add it, or leave --chakra"
                                + " out");
        assertThat(refused("--minutes", "3")).contains("without --decoder-share or --measure");
        assertThat(refused("--decoder-share", "--out", "x.yaml"))
                .contains("--out has no effect without --measure");
        assertThat(refused("--svg", "x.svg")).contains("add --trace or --device meta", "--all");
        assertThat(refused("--decoder-share", "--svg", "x.svg"))
                .contains("--svg has no effect with --decoder-share");
    }

    @Test
    void anOptionThatIsGivenTwiceIsNamed() {
        assertThat(refused("--batch", "8", "--batch=9"))
                .contains("--batch is given more than once");
    }

    @Test
    void whatCannotBeTimedIsRefusedBeforeItBegins() throws IOException {
        assertThat(refused("--measure", "--methods", "mea")).contains("mea").contains("mae");
        assertThat(refused("--measure", "--encoders", "Q/16")).contains("encoder Q/16");
        assertThat(refused("--measure", "--batches", "1")).contains("at least 2 images");
        assertThat(refused("--measure", "--out", "here.txt")).contains("ends in .yaml");
        assertThat(refused("--measure", "--minutes", "0")).contains("--minutes is 0");
        assertThat(refused("--decoder-share", "--batches", "2,4")).contains("one of --batches");
        Path other =
                Files.writeString(
                        folder.resolve("other.yaml"),
                        "other: {name: other, also: [], peak: {f32: 1 TFLOP/s}, source: me, date:"
                                + " today}\n");
        assertThat(refused("--measure", "--out", other.toString()))
                .contains("describes other, and this machine is");
    }
}
