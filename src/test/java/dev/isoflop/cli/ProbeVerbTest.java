package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.files.Json;
import dev.isoflop.probe.Probing;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

import javax.imageio.ImageIO;

/// `isoflop probe`, on runs of a few steps.
class ProbeVerbTest {

    private static final int SIDE = 32;

    @TempDir private static Path runs = Path.of("");

    @TempDir private Path folder = Path.of("");

    @BeforeAll
    static void trainOnce() throws IOException {
        train("mae");
        train("clip");
    }

    private static void train(String method) throws IOException {
        Path recipe =
                Files.writeString(
                        runs.resolve(method + ".yaml"), EveryMethodTest.recipe(method, 3));
        Said said = isoflop("pretrain", recipe.toString(), "--out", run(method).toString());
        assertThat(said.status).as(said.err).isZero();
    }

    private static Path run(String method) {
        return runs.resolve(method);
    }

    /// What a call printed.
    private record Said(int status, String out, String err) {}

    private static Said isoflop(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Isoflop.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Said(status, out.toString(), err.toString());
    }

    private static Said probe(String method, String... more) {
        Stream<String> begin = Stream.of("probe", "--from", run(method).toString());
        return isoflop(Stream.concat(begin, Arrays.stream(more)).toArray(String[]::new));
    }

    private static JsonNode json(String method, String... more) {
        String[] all = Arrays.copyOf(more, more.length + 1);
        all[more.length] = "--json";
        Said said = probe(method, all);
        assertThat(said.status).as(said.err).isZero();
        return new JsonMapper().readTree(said.out).get("probes");
    }

    private static String refused(String method, String... more) {
        Said said = probe(method, more);
        assertThat(said.status).as(said.out + said.err).isEqualTo(2);
        assertThat(said.err).startsWith("isoflop: ").doesNotContain("\tat ");
        return said.err.strip();
    }

    /// Images of noise around a colour, a folder a class.
    private Path colours(String name, int each, String... classes) throws IOException {
        Random random = new Random(name.hashCode());
        for (String colour : classes) {
            Path where = Files.createDirectories(folder.resolve(name).resolve(colour));
            for (int i = 0; i < each; i++) {
                var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
                for (int p = 0; p < SIDE * SIDE; p++) {
                    int level = 40 + random.nextInt(80);
                    int shift = colour.equals("red") ? 16 : colour.equals("green") ? 8 : 0;
                    image.setRGB(p % SIDE, p / SIDE, (100 << shift) + level * 0x010101);
                }
                ImageIO.write(image, "png", where.resolve(i + ".png").toFile());
            }
        }
        return folder.resolve(name);
    }

    private static String[] data(Path path, String... more) {
        String[] begin = {"--set", "train.kind=folder", "--set", "train.path=" + path};
        return Stream.concat(Arrays.stream(begin), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void coloursAreToldApartByNeighboursAndByALine() throws IOException {
        Path path = colours("colours", 20, "blue", "green", "red");
        JsonNode probes = json("mae", data(path, "--set", "held-out=0.3"));
        assertThat(probes).hasSize(2);
        for (JsonNode probe : probes) {
            assertThat(probe.get("metric").asString()).isEqualTo("top-1 accuracy");
            assertThat(probe.get("value").asDouble()).isEqualTo(1);
            assertThat(probe.get("classes").asInt()).isEqualTo(3);
            int train = probe.get("train").get("images").asInt();
            int validation = probe.get("validation").get("images").asInt();
            assertThat(train + validation).isEqualTo(60);
            assertThat(validation).isBetween(8, 30);
            assertThat(probe.get("validation").get("data").asString())
                    .isEqualTo(path + ", the 30% held out by name");
        }
        assertThat(probes.get(0).get("protocol").asString()).isEqualTo("k-NN");
        assertThat(probes.get(1).get("protocol").asString()).isEqualTo("linear");
    }

    @Test
    void featuresAreComputedOnceAndTheirWorkIsThatOfTheForwardPasses() throws IOException {
        Path path = colours("twice", 10, "blue", "red");
        JsonNode first = json("mae", data(path, "--knn", "--set", "neighbours=[1, 3]")).get(0);
        JsonNode again = json("mae", data(path, "--knn", "--set", "neighbours=[1, 3]")).get(0);
        long forward = // of ViT-64x2x2/8 at 32, two FLOPs a multiply-add
                2L * 16 * 192 * 64 + 2L * (2L * 17 * 64 * (12 * 64) + 2 * 2L * 17 * 17 * 64);
        assertThat(first.get("features").get("computed").asInt()).isEqualTo(20);
        assertThat(first.get("features").get("work").get("flops").asLong()).isEqualTo(20 * forward);
        assertThat(again.get("features").get("computed").asInt()).isZero();
        assertThat(again.get("features").get("reused").asInt()).isEqualTo(20);
        assertThat(again.get("features").get("work").get("flops").asLong()).isZero();
        assertThat(again.get("trials")).isEqualTo(first.get("trials"));
        JsonNode other = json("clip", data(path, "--knn", "--set", "neighbours=[1]")).get(0);
        assertThat(other.get("features").get("computed").asInt())
                .as("of another encoder")
                .isEqualTo(20);
    }

    @Test
    void aDamagedFileOfFeaturesIsComputedAnew() throws IOException {
        Path path = colours("damaged", 5, "blue", "red");
        String[] call = data(path, "--knn", "--set", "held-out=0.4");
        JsonNode first = json("mae", call).get(0);
        try (Stream<Path> files = Files.list(run("mae").resolve("features"))) {
            for (Path file : files.toList()) {
                Files.write(file, new byte[] {1, 2, 3});
            }
        }
        JsonNode again = json("mae", call).get(0);
        assertThat(again.get("features").get("computed").asInt()).isEqualTo(10);
        assertThat(again.get("trials")).isEqualTo(first.get("trials"));
    }

    @Test
    void brokenImagesAreLeftOutAndCounted() throws IOException {
        Path path = colours("broken", 10, "blue", "red");
        Files.write(path.resolve("red/3.png"), new byte[] {1, 2, 3});
        JsonNode probe = json("mae", data(path, "--knn", "--set", "broken-share=0.5")).get(0);
        JsonNode train = probe.get("train");
        JsonNode validation = probe.get("validation");
        assertThat(train.get("images").asInt() + validation.get("images").asInt()).isEqualTo(19);
        assertThat(train.get("broken").asInt() + validation.get("broken").asInt()).isEqualTo(1);
    }

    @Test
    void imagesOfSeveralClassesAreJudgedByMeanAveragePrecision() {
        JsonNode probe = json("mae", "--knn", "--set", "unseen=leave-out").get(0);
        assertThat(probe.get("metric").asString()).isEqualTo("mean average precision");
        assertThat(probe.get("train").get("data").asString()).isEqualTo("world, seed 0");
        assertThat(probe.get("validation").get("data").asString()).isEqualTo("world, seed 1");
        JsonNode main =
                json("mae", "--knn", "--set", "labels=main", "--set", "unseen=leave-out").get(0);
        assertThat(main.get("metric").asString()).isEqualTo("top-1 accuracy");
    }

    @Test
    void zeroShotLearnsFromNoImage() {
        JsonNode probe = json("clip", "--zero-shot").get(0);
        assertThat(probe.get("protocol").asString()).isEqualTo("zero-shot");
        assertThat(probe.get("train").isNull()).isTrue();
    }

    @Test
    void whatIsPrintedAsJsonIsTheReportThatTheLibraryReturns() {
        String[] call = {"--set", "unseen=leave-out", "--set", "train-images=40"};
        JsonNode printed = json("clip", call);
        Table settings = Table.parse("settings", "unseen: leave-out\ntrain-images: 40\n");
        Probing probing = Probing.of(run("clip"), settings, Set.of());
        ProbeReport report = probing.run(RunListener.NONE, Stop.NEVER);
        JsonNode returned = new JsonMapper().readTree(Json.text(report)).get("probes");
        assertThat(printed).hasSize(3);
        assertThat(alike(printed)).isEqualTo(alike(returned));
    }

    /// Probes without what differs from call to call: times, and what was there from before.
    private static List<JsonNode> alike(JsonNode probes) {
        return probes.valueStream()
                .map(probe -> (ObjectNode) probe.deepCopy())
                .<JsonNode>map(probe ->
                        probe.without(List.of("seconds", "measured", "features", "untrained")))
                .toList();
    }

    @Test
    void whatAnUntrainedEncoderReachesIsComputedOnceForAllRunsOfItsShape() throws IOException {
        Path path = colours("untrained", 10, "blue", "green", "red");
        String[] call =
                concat(
                        data(path, "--set", "neighbours=[1, 3]", "--set", "held-out=0.3"),
                        "--set",
                        "pool=class-token"); // of mae, another is usual
        JsonNode first = json("mae", call);
        JsonNode again = json("mae", call);
        JsonNode other = json("clip", call);
        for (int i = 0; i < 2; i++) {
            JsonNode untrained = first.get(i).get("untrained");
            assertThat(untrained.get("encoder").asString())
                    .isEqualTo("ViT-64x2x2/8 at 32, sine cosine positions, class token, seed 0");
            assertThat(untrained.get("features").get("computed").asInt()).isEqualTo(30);
            assertThat(untrained.get("work").get("flops").asLong())
                    .as("as that of the trained, or about")
                    .isPositive();
            JsonNode value = first.get(i).get("baseline").get("untrained");
            assertThat(value).hasSize(1);
            assertThat(value.get(0).asDouble()).isBetween(0.0, 1.0);
            for (JsonNode later : List.of(again.get(i), other.get(i))) {
                assertThat(later.get("baseline").get("untrained")).isEqualTo(value);
                assertThat(later.get("untrained").get("work").get("flops").asLong()).isZero();
                assertThat(later.get("untrained").get("features").get("computed").asInt()).isZero();
            }
        }
        JsonNode warmer = json("mae", concat(call, "--knn", "--set", "temperature=0.1")).get(0);
        assertThat(warmer.get("untrained").get("features").get("computed").asInt()).isZero();
        assertThat(warmer.get("untrained").get("features").get("reused").asInt())
                .as("by other settings the features are read again")
                .isEqualTo(30);
    }

    private static String[] concat(String[] one, String... more) {
        return Stream.of(one, more).flatMap(Arrays::stream).toArray(String[]::new);
    }

    @Test
    void chanceIsTheCommonestClassOfThoseLearnedFrom() throws IOException {
        Path train = colours("common", 4, "blue", "red");
        Files.copy(train.resolve("red/0.png"), train.resolve("red/more.png"));
        Path judged = colours("rare", 3, "blue");
        Files.createDirectories(judged.resolve("red"));
        Files.copy(train.resolve("red/0.png"), judged.resolve("red/0.png"));
        String[] other = {"--set", "validation={kind: folder, path: " + judged + "}"};
        JsonNode probe = json("mae", concat(data(train, "--knn"), other)).get(0);
        assertThat(probe.get("baseline").get("chance").asDouble()).isEqualTo(0.25);
        assertThat(probe.get("baseline").get("guess").asString())
                .isEqualTo("always \"red\", the commonest class");
    }

    @Test
    void withoutABaselineNoOtherEncoderIsProbedAndChanceStays() throws IOException {
        Path path = colours("alone", 10, "blue", "red");
        String[] call = data(path, "--knn", "--no-baseline", "--set", "held-out=0.5");
        JsonNode probe = json("mae", call).get(0);
        assertThat(probe.get("untrained").isNull()).isTrue();
        assertThat(probe.get("baseline").get("untrained")).isEmpty();
        assertThat(probe.get("baseline").get("chance").asDouble()).isPositive();
    }

    @Test
    void moreSeedsOfUntrainedEncodersShowTheirSpread() throws IOException {
        Path path = colours("seeds", 10, "blue", "red");
        String[] call = data(path, "--knn", "--set", "baseline-seeds=2", "--set", "held-out=0.4");
        Said said = probe("mae", call);
        assertThat(said.status).as(said.err).isZero();
        assertThat(said.out)
                .containsPattern(
                        "\\(untrained [0-9.]+% \\+- [0-9.]+ \\(2 seeds\\), chance [0-9.]+%")
                .contains("class token, seeds 0 to 1: ");
        assertThat(said.err).contains("features of " + path);
        assertThat(refused("mae", data(path, "--set", "baseline-seeds=0")))
                .contains("baseline-seeds is 0; it must be at least 1");
    }

    @Test
    void aDamagedFigureOfTheUntrainedIsFoundAnew() throws IOException {
        Path path = colours("spoilt", 5, "blue", "red");
        String[] call = data(path, "--knn", "--set", "held-out=0.4");
        JsonNode first = json("mae", call).get(0);
        try (Stream<Path> files = Files.list(runs.resolve("untrained"))) {
            for (Path file : files.filter(it -> it.toString().endsWith(".json")).toList()) {
                Files.writeString(file, "{}");
            }
        }
        JsonNode again = json("mae", call).get(0);
        assertThat(again.get("baseline")).isEqualTo(first.get("baseline"));
        assertThat(again.get("untrained").get("work").get("flops").asLong()).isPositive();
    }

    @Test
    void zeroShotIsHeldAgainstChanceAmongTheNames() {
        JsonNode probe = json("clip", "--zero-shot", "--set", "labels=main").get(0);
        assertThat(probe.get("baseline").get("chance").asDouble()).isEqualTo(1.0 / 48);
        assertThat(probe.get("baseline").get("guess").asString())
                .isEqualTo("any of the 48 classes at random");
        assertThat(probe.get("untrained").isNull()).isTrue();
    }

    @Test
    void classesThatOnlyImagesLearnedFromShowAreCounted() throws IOException {
        Path train = colours("all", 4, "blue", "green", "red");
        Path judged = colours("some", 4, "green", "red");
        String[] other = {"--set", "validation={kind: folder, path: " + judged + "}"};
        Said said = probe("mae", concat(data(train, "--knn", "--no-baseline"), other));
        assertThat(said.status).as(said.err).isZero();
        assertThat(said.out)
                .contains("of 3 classes")
                .contains(
                        "1 class that no image judged shows: a possible answer, without a figure");
    }

    @Test
    void figuresStayInTheRunsFolderAndOnItsPage() throws IOException {
        Path path = colours("page", 10, "blue", "red");
        Said said = probe("clip", data(path, "--knn"));
        assertThat(said.status).as(said.err).isZero();
        assertThat(said.out).contains("k-NN: top-1 accuracy", "judged on", "SHA-256");
        String file = Files.readString(run("clip").resolve("probe.json"));
        assertThat(file).contains(path + ", the 10% held out by name");
        int before = new JsonMapper().readTree(file).get("probes").size();
        assertThat(probe("clip", data(path, "--knn", "--linear")).status).isZero();
        JsonNode after =
                new JsonMapper().readTree(Files.readString(run("clip").resolve("probe.json")));
        assertThat(after.get("probes")).as("k-NN once, and linear").hasSize(before + 1);
        assertThat(Files.readString(run("clip").resolve("report.html")))
                .contains("What its encoder is worth, frozen", "<b>linear</b>: top-1 accuracy")
                .as("its pictures are still there")
                .contains("What it finds alike", "data:image/png;base64,");
    }

    @Test
    void imagesWithoutLabelsAreRefused() throws IOException {
        Path flat = colours("flat", 4, "red").resolve("red");
        assertThat(refused("mae", data(flat)))
                .contains(flat + " has no labels, and a probe learns classes; put the images");
    }

    @Test
    void otherClassesInTrainingAndValidationAreRefused() throws IOException {
        Path train = colours("train", 4, "blue", "green");
        Path validation = colours("validation", 4, "blue", "red");
        String[] call =
                data(
                        train,
                        "--set",
                        "validation.kind=folder",
                        "--set",
                        "validation.path=" + validation);
        assertThat(refused("mae", call))
                .contains(validation + " has other classes than " + train)
                .contains("which is learned from: red; give both parts the same classes")
                .contains("or leave such classes out with unseen: leave-out");
    }

    @Test
    void classesThatOnlyImagesJudgedHaveAreLeftOutWhereThatIsAsked() throws IOException {
        Path train = colours("known", 6, "blue", "green");
        Path judged = colours("unknown", 4, "blue", "red");
        String[] more = {
            "--set", "validation={kind: folder, path: " + judged + "}", "--set", "unseen=leave-out"
        };
        JsonNode probes = json("mae", concat(data(train), more));
        assertThat(probes).hasSize(2);
        for (JsonNode probe : probes) {
            assertThat(probe.get("leftOut").valueStream().map(JsonNode::asString))
                    .containsExactly("red");
            assertThat(probe.get("validation").get("images").asInt()).isEqualTo(4);
            assertThat(probe.get("unjudged").asInt()).as("green").isEqualTo(1);
            assertThat(probe.get("value").asDouble()).isEqualTo(1);
        }
        Path other = colours("others", 4, "red");
        Files.createDirectories(other.resolve("violet"));
        Files.copy(other.resolve("red/0.png"), other.resolve("violet/0.png"));
        more[1] = "validation={kind: folder, path: " + other + "}";
        assertThat(refused("mae", concat(data(train), more)))
                .contains(other + " is empty: all its images show classes that no image learned");
    }

    @Test
    void classesKeepTheirNumbersWhereValidationHasFewerOfThem() throws IOException {
        Path train = colours("three", 8, "blue", "green", "red");
        Path validation = colours("two", 4, "green", "red");
        String[] call =
                data(
                        train,
                        "--knn",
                        "--set",
                        "validation.kind=folder",
                        "--set",
                        "validation.path=" + validation);
        JsonNode probe = json("mae", call).get(0);
        assertThat(probe.get("value").asDouble()).isEqualTo(1);
        assertThat(probe.get("validation").get("images").asInt()).isEqualTo(8);
    }

    @Test
    void whatARunHeldOutIsWhatItIsJudgedOn() throws IOException {
        Path path = colours("parts", 12, "blue", "red");
        JsonNode probe = json("mae", data(path, "--knn", "--set", "train.held-out=0.3")).get(0);
        String judged = probe.get("validation").get("data").asString();
        assertThat(judged).isNotEqualTo(probe.get("train").get("data").asString());
        int train = probe.get("train").get("images").asInt();
        assertThat(train + probe.get("validation").get("images").asInt()).isEqualTo(24);
    }

    @Test
    void aClassThatNoImageLearnedFromShowsIsRefusedOrLeftOut() {
        String[] call = {"--knn", "--set", "train-images=3", "--set", "labels=main"};
        assertThat(refused("mae", call))
                .contains("no image that is learned from shows ")
                .contains("raise train-images (3 of world, seed 0 were taken)")
                .contains("unseen: leave-out");
        String[] leave = Arrays.copyOf(call, call.length + 2);
        leave[call.length] = "--set";
        leave[call.length + 1] = "unseen=leave-out";
        JsonNode probe = json("mae", leave).get(0);
        assertThat(probe.get("leftOut").size()).isGreaterThan(20);
        assertThat(probe.get("validation").get("images").asInt()).isLessThan(64);
    }

    @Test
    void anEmptyValidationPartIsRefused() throws IOException {
        Path path = colours("few", 2, "blue", "red");
        assertThat(refused("mae", data(path, "--set", "held-out=0.0001")))
                .contains("none of the 4 images of " + path)
                .contains("is in the part held-out when 1.0E-4 is held out");
    }

    @Test
    void moreNeighboursThanImagesAreRefused() throws IOException {
        Path path = colours("near", 4, "blue", "red");
        assertThat(refused("mae", data(path, "--set", "neighbours=[5, 200]")))
                .contains("neighbours is 200, but only ")
                .contains("raise train-images");
    }

    @Test
    void oneClassIsNothingToTellApart() throws IOException {
        Path path = colours("one", 3, "blue");
        Files.createDirectories(path.resolve("red"));
        Files.copy(path.resolve("blue/0.png"), path.resolve("red/0.png"));
        String[] judged = {"--set", "validation={kind: folder, path: " + path + "}"};
        String[] call = data(path, "--knn", "--set", "train-images=1", "--set", "unseen=leave-out");
        assertThat(refused("mae", concat(call, judged)))
                .contains("the only image of " + path + " that is learned from shows the class")
                .contains("a probe tells two classes apart, or more");
        Path alone = colours("single", 3, "blue");
        assertThat(refused("mae", data(alone)))
                .contains(alone + " has no labels", "(one folder alone is no class)");
    }

    @Test
    void aRunWithoutACheckpointIsRefused() throws IOException {
        Path run = Files.createDirectories(folder.resolve("begun"));
        Files.copy(run("mae").resolve("recipe.yaml"), run.resolve("recipe.yaml"));
        Said said = isoflop("probe", "--from", run.toString());
        assertThat(said.status).isEqualTo(2);
        assertThat(said.err)
                .contains(run + " has no checkpoint yet, so there is no encoder to probe")
                .contains("isoflop pretrain --resume " + run);
    }

    @Test
    void aFolderThatIsNoRunIsRefused() {
        Said said = isoflop("probe", "--from", runs.resolve("meo").toString());
        assertThat(said.status).isEqualTo(2);
        assertThat(said.err).contains("meo does not exist");
    }

    @Test
    void zeroShotOfARunWithoutWordsIsRefused() {
        assertThat(refused("mae", "--zero-shot"))
                .contains("--zero-shot needs a run of method clip")
                .contains("is one of mae");
    }

    @Test
    void settingsThatCannotBeAreRefusedByTheirKeys() {
        assertThat(refused("mae", "--set", "train-image=3")).contains("did you mean train-images?");
        assertThat(refused("mae", "--set", "templates=[a photo]"))
                .contains("templates has \"a photo\"; write {} where the name of a class goes");
        assertThat(refused("mae", "--set", "neighbours=[1.5]"))
                .contains("neighbours has 1.5; write whole numbers");
        assertThat(refused("mae", "--set", "held-out=10"))
                .contains("held-out is 10.0; write a share between 0 and 1");
    }

    @Test
    void settingsMayComeFromAFile() throws IOException {
        Path path = colours("file", 10, "blue", "red");
        Path file =
                Files.writeString(
                        folder.resolve("probe.yaml"),
                        "train: {kind: folder, path: %s}\nneighbours: [1, 2]\n".formatted(path));
        JsonNode probe = json("mae", file.toString(), "--knn").get(0);
        assertThat(probe.get("trials").propertyNames()).containsExactly("k = 1", "k = 2");
    }
}
