package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.budget.Device;
import dev.isoflop.budget.Devices;
import dev.isoflop.budget.Precision;
import dev.isoflop.method.Method;
import dev.isoflop.profile.DecoderShares;
import dev.isoflop.profile.TimedSteps;
import dev.isoflop.profile.Timing;
import dev.isoflop.profile.TimingConditions;
import dev.isoflop.vit.VitShape;

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
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/// `isoflop profile` of many steps.
class SurveysTest {

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

    /// A case asks four times: before it, before each of two repetitions, and before a third.
    @Test
    void whoeverEndsItEarlyKeepsWhatWasTimed() {
        List<Timing.Case> cases =
                Timing.cases(List.of("mae"), List.of("Ti/16"), 32, List.of(2, 3, 4, 5));
        AtomicInteger asked = new AtomicInteger();
        TimedSteps timed =
                new Timing(cases, Precision.F32, 0.001)
                        .measured(() -> asked.incrementAndGet() > 8, new PrintWriter(err));
        assertThat(timed.rows()).hasSize(2).allMatch(row -> row.seconds().size() == 2);
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
    void theSharesOfTheStudysSizesAreThoseOfWhatWeCount() {
        DecoderShares shares =
                new DecoderShares(
                        new TimingConditions("none", 1, 1, 0, "", LocalDate.EPOCH),
                        VitShape.of("B/16", 224),
                        1,
                        Precision.F32,
                        DecoderShares.PERCENT.stream()
                                .map(percent -> new DecoderShares.Row(percent, rounds()))
                                .toList());
        assertThat(shares.text())
                .containsSubsequence("0.55", "40.8%", "about 45%", "0.65", "47.0%", "0.75", "54.9%")
                .containsSubsequence("about 65%", "0.85", "66.7%", "0.75", "14.6%", "21.8%")
                .containsSubsequence("faster", "90.0%", "100.0%", "72% or 95%");
    }

    /// The ratio of each round is taken first, then the median: 1 - 1/4, 1 - 2/4, 1 - 30/40.
    @Test
    void aLoadThatChangesBetweenRoundsLeavesTheSharesAlone() {
        DecoderShares.Row row = new DecoderShares.Row(75, rounds());
        assertThat(row.share(8, DecoderShares.Pass::seconds)).isEqualTo(0.75);
        assertThat(row.share(1, DecoderShares.Pass::seconds)).isEqualTo(0.5);
        assertThat(row.faster(DecoderShares.Pass::seconds)).isEqualTo(1);
        assertThat(row.share(8, DecoderShares.Pass::processor)).isEqualTo(0.5);
    }

    private static List<DecoderShares.Round> rounds() {
        return List.of(round(4, 1, 2), round(4, 2, 2), round(40, 10, 20));
    }

    private static DecoderShares.Round round(double deep, double encoder, double tiny) {
        return new DecoderShares.Round(
                new DecoderShares.Pass(deep, 2),
                new DecoderShares.Pass(encoder, 1),
                new DecoderShares.Pass(tiny, 1));
    }

    @Test
    void anOptionThatHasNoEffectIsRefused() {
        assertThat(refused("--all", "--set", "mask-ratio=0.5"))
                .contains("--set has no effect with --all");
        assertThat(refused("recipes/demo/mae.yaml", "--all"))
                .contains("a recipe has no effect with --all");
        assertThat(refused("--svg", "x.svg")).contains("without --all or --measure");
        assertThat(refused("--decoder-share", "--out", "x.yaml"))
                .contains("--out has no effect with --decoder-share");
        assertThat(refused("--all", "--measure")).contains("--all and --measure are two things");
    }

    @Test
    void whatCannotBeTimedIsRefusedBeforeItBegins() throws IOException {
        assertThat(refused("--measure", "--methods", "mea")).contains("mea").contains("mae");
        assertThat(refused("--measure", "--encoders", "Q/16")).contains("--encoders Q/16");
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
