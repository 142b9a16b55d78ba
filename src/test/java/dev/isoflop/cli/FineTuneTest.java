package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.run.Measurement;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.Score;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// `isoflop finetune`, from an encoder to a page, on generated images.
class FineTuneTest {

    private static final String RECIPE =
            """
            name: small
            task: {name: segmentation, channels: 16}
            encoder: {width: 64, depth: 2, heads: 2, patch: 8}
            image: 32
            data: {kind: world, images: 24}
            validation: {kind: world, images: 6, side: 48, seed: 1}
            budget: 4 steps
            batch: 8
            optimiser: {base-rate: 1e-3, warmup: 0.25}
            checkpoints: {every-steps: 2, keep-last: 9}
            threads: 2
            """;

    private static final String PRETRAINING =
            """
            name: before
            method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
            encoder: {width: 64, depth: 2, heads: 2, patch: 8}
            image: 16
            data: {kind: world, images: 16}
            budget: 3 steps
            batch: 4
            """;

    @TempDir private static Path shared = Path.of("");
    private static String printed = "";

    @TempDir private Path folder;
    private Path recipe = Path.of("");
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /// A run from scratch that several tests look at, and none changes.
    @BeforeAll
    static void tuneFromScratch() throws IOException {
        Path recipe = Files.writeString(shared.resolve("recipe.yaml"), RECIPE);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                Isoflop.run(
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        "finetune",
                        recipe.toString(),
                        "--out",
                        scratch().toString(),
                        "--json");
        assertThat(status).as(err.toString()).isZero();
        printed = out.toString();
    }

    private static Path scratch() {
        return shared.resolve("scratch");
    }

    @BeforeEach
    void write() throws IOException {
        recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE);
    }

    private int isoflop(String... arguments) {
        return Isoflop.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private Path tuned(String name, String... more) {
        Path run = folder.resolve(name);
        String[] start = {"finetune", recipe.toString(), "--out", run.toString()};
        String[] all = Stream.of(start, more).flatMap(Stream::of).toArray(String[]::new);
        assertThat(isoflop(all)).as(err.toString()).isZero();
        return run;
    }

    private static Result result(Path run) {
        try (RunFolder read = RunFolder.read(run)) {
            return read.readResult().orElseThrow();
        }
    }

    private static Score score(Path run) {
        return Objects.requireNonNull(result(run).score());
    }

    @Test
    void anEncoderFromScratchIsTunedAndEvaluated() throws IOException {
        Path run = scratch();
        Result result = result(run);
        assertThat(result.status()).isEqualTo(Result.Status.FINISHED);
        assertThat(result.steps()).isEqualTo(4);
        Score score = score(run);
        assertThat(score.images()).isEqualTo(6);
        assertThat(score.classes()).hasSize(49).last().extracting("name").isEqualTo("background");
        assertThat(score.main().name()).isEqualTo("mean IoU");
        assertThat(score.main().value()).isBetween(0.0, 1.0);
        assertThat(score.others())
                .extracting(Score.Metric::name)
                .containsExactly("mean accuracy", "pixel accuracy");
        assertThat(score.protocol()).contains("centre crop of 32");
        assertThat(score.warnings()).anyMatch(it -> it.contains("never occur in world, seed 1"));
        JsonNode said = JsonMapper.shared().readTree(printed);
        assertThat(said.get("result").get("score").get("main").get("value").asDouble())
                .isEqualTo(score.main().value());
        assertThat(said.get("origin").get("from").asString()).isEqualTo(Origin.SCRATCH);
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("fine-tuning run", "What it is worth", "Image, truth, prediction")
                .contains("began with random weights");
    }

    @Test
    void anEncoderOfARunKeepsItsOwnBill() throws IOException {
        Path before = folder.resolve("before");
        Path pretraining = Files.writeString(folder.resolve("before.yaml"), PRETRAINING);
        assertThat(isoflop("pretrain", pretraining.toString(), "--out", before.toString()))
                .as(err.toString())
                .isZero();
        Path run = tuned("run", "--from", before.toString(), "--json");

        JsonNode json = JsonMapper.shared().readTree(out.toString());
        JsonNode held = json.get("result").get("score").get("baseline");
        assertThat(held.get("untrained")).hasSize(1);
        assertThat(held.get("chance").asDouble()).isPositive();
        assertThat(held.get("guess").asString()).startsWith("always \"background\"");
        assertThat(err.toString())
                .contains(
                        "--no-baseline leaves it out",
                        "from scratch step 4 of 4",
                        "score       Mean");

        try (RunFolder read = RunFolder.read(run)) {
            Origin origin = read.readOrigin().orElseThrow();
            assertThat(origin.method()).isEqualTo("mae");
            assertThat(origin.network()).containsEntry("vit.image", "16");
            assertThat(origin.flops()).isEqualTo(result(before).flops());
            assertThat(origin.flops()).isNotEqualTo(result(run).flops());
            assertThat(Files.readString(read.page()))
                    .contains("by mae", "no part of the FLOPs spent here");
        }
        assertThat(learned(run)).isNotEqualTo(learned(scratch()));
        Path file;
        try (Stream<Path> files = Files.walk(before)) {
            file = files.filter(f -> f.endsWith("encoder.safetensors")).findFirst().orElseThrow();
        }
        Path ofFile =
                tuned(
                        "file",
                        "--from",
                        file.toString(),
                        "--set",
                        "optimiser={base-rate: 1e-3, warmup: 0.25, weight-decay: 0.05}",
                        "--no-baseline");
        assertThat(learned(ofFile)).as("of the file as of the run").isEqualTo(learned(run));
        assertThat(score(ofFile).standsAlone()).as("without a baseline").isTrue();
    }

    private static List<Double> learned(Path run) {
        try (RunFolder read = RunFolder.read(run)) {
            return read.readMeasurements().stream().map(Measurement::loss).toList();
        }
    }

    @Test
    void aResumedRunEndsWithTheSameBytes() throws IOException {
        Path run = copied(scratch(), folder.resolve("run"));
        Result straight = result(run);
        delete(run.resolve("checkpoints/step-4"));
        Files.delete(run.resolve("result.json"));

        assertThat(isoflop("finetune", "--resume", run.toString())).as(err.toString()).isZero();

        Result resumed = result(run);
        assertThat(resumed.encoder()).isEqualTo(straight.encoder());
        assertThat(score(run).classes())
                .isEqualTo(Objects.requireNonNull(straight.score()).classes());
    }

    /// A run's folder says in full what a recipe may leave out; one from before it did has nothing
    /// of it, and its run goes on by what held then.
    @Test
    void aRunFromBeforeTheFolderSaidItAllEndsAsItWouldHaveEnded() throws IOException {
        String[] then = {
            "--set",
            "task.positions=own",
            "--set",
            "task.decay-tokens=true",
            "--set",
            "optimiser.weight-decay=0.5"
        };
        Path straight = tuned("then", then);
        Path run = copied(straight, folder.resolve("old"));
        delete(run.resolve("checkpoints/step-4"));
        Files.delete(run.resolve("result.json"));
        Path kept = run.resolve("recipe.yaml");
        String full = Files.readString(kept);
        String silent =
                full.replaceAll("(?m)^ +(positions|train-positions|decay-tokens): .*\n", "");
        assertThat(full.lines().count() - silent.lines().count()).isEqualTo(3);
        Files.writeString(kept, silent);

        assertThat(isoflop("finetune", "--resume", run.toString())).as(err.toString()).isZero();

        assertThat(result(run).encoder()).isEqualTo(result(straight).encoder());
        Path now = tuned("now", "--set", "optimiser.weight-decay=0.5");
        assertThat(Files.readString(now.resolve("recipe.yaml")))
                .contains("positions: authors", "train-positions: false", "decay-tokens: false");
        assertThat(result(now).encoder()).isNotEqualTo(result(straight).encoder());
    }

    private static Path copied(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{protocol: whole, base: 0}",
                "{protocol: sliding, crop: 32, stride: 21, base: 0}",
                "{protocol: centre, crop: 24, base: 40}"
            })
    void theProtocolIsPartOfTheScore(String protocol) {
        Path run = tuned("run", "--set", "evaluation=" + protocol, "--set", "budget=2 steps");
        Score score = score(run);
        String word = protocol.replaceFirst("\\{protocol: (\\w+).*", "$1");
        assertThat(score.protocol()).startsWith(word);
        long pixels = score.classes().stream().mapToLong(Score.ClassScore::count).sum();
        long side = word.equals("centre") ? 24 : 48;
        assertThat(pixels).as("all pixels that it judges").isEqualTo(6 * side * side);
    }

    @Test
    void aPartThatIsHeldOutIsEvaluatedInPlaceOfTheValidationData() {
        Path run = tuned("run", "--set", "hold-out=0.25", "--set", "budget=2 steps");
        assertThat(score(run).data()).contains("0.25 of it held out");
        assertThat(score(run).images()).isBetween(1L, 23L);
    }

    @Test
    void aSearchFindsABestAndTheMedianOfItsSeeds() throws IOException {
        Path search = folder.resolve("search");
        String[] start = {"finetune", recipe.toString(), "--out", search.toString(), "--search"};
        String[] set = {
            "--set",
            "search={rates: [1e-3, 1e30], decays: [0.1], seeds: 3, held-out: 0.3}",
            "--set",
            "budget=4 steps",
            "--json"
        };
        int status = isoflop(Stream.of(start, set).flatMap(Stream::of).toArray(String[]::new));

        assertThat(status).as(err.toString()).isZero();
        JsonNode report = JsonMapper.shared().readTree(out.toString());
        assertThat(report.get("cells")).hasSize(2);
        assertThat(report.get("cells").get(1).get("status").asString()).isEqualTo("unstable");
        assertThat(report.get("best").get("rate").asDouble()).isEqualTo(1e-3);
        assertThat(report.get("seeds")).hasSize(3);
        double median = report.get("median").asDouble();
        assertThat(median).isBetween(report.get("least").asDouble(), report.get("most").asDouble());
        assertThat(report.get("message").asString()).contains("held-out", "(median of 3 seeds)");
        assertThat(report.get("finished").asInt()).isEqualTo(3);
        assertThat(report.get("diverged").asInt()).isZero();
        byte[] before = Files.readAllBytes(search.resolve("search.json"));
        long written =
                Files.getLastModifiedTime(search.resolve("seeds/seed-0/measurements.jsonl"))
                        .toMillis();

        delete(search.resolve("seeds/seed-2/checkpoints/step-4"));
        Files.delete(search.resolve("seeds/seed-2/result.json"));
        assertThat(isoflop("finetune", "--resume", search.toString())).isZero();

        assertThat(Files.readAllBytes(search.resolve("search.json"))).isEqualTo(before);
        assertThat(Files.getLastModifiedTime(search.resolve("seeds/seed-0/measurements.jsonl")))
                .as("what is done is not run again")
                .satisfies(time -> assertThat(time.toMillis()).isEqualTo(written));
    }

    @Test
    void aPlanPricesItWithoutItsData() throws IOException {
        int status =
                isoflop(
                        "plan",
                        "recipes/ade20k/segmentation.yaml",
                        "--set",
                        "encoder=B/16",
                        "--json");
        assertThat(status).as(err.toString()).isZero();
        JsonNode plan = JsonMapper.shared().readTree(out.toString());
        assertThat(plan.get("steps").asLong()).isEqualTo(80L * 20210 / 32);
        assertThat(plan.get("classes").asInt()).isEqualTo(150);
    }
}
