package dev.isoflop.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.encoder.Card;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.SearchReport;
import dev.isoflop.run.Stop;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Beside a score stands what the same network reaches from scratch: computed once, and kept.
class FromScratchTest {

    private static final Table RECIPE =
            Table.parse(
                    "small",
                    """
                    name: small
                    task: {name: segmentation, channels: 8}
                    encoder: {width: 32, depth: 1, heads: 2, patch: 8}
                    image: 16
                    data: {kind: world, images: 12}
                    validation: {kind: world, images: 3, seed: 1}
                    budget: 2 steps
                    batch: 4
                    optimiser: {warmup: 0}
                    threads: 1
                    """);

    @TempDir private static Path shared = Path.of("");
    private static Path encoder = Path.of("");
    private static Path other = Path.of("");

    @TempDir private Path temporary = Path.of("");
    private final List<String> said = new ArrayList<>();
    private final List<String> runs = new ArrayList<>(); // as they begin
    private @Nullable String stopAt; // once this run has made a step
    private boolean wanted;
    private String current = "";
    private final Stop stop = () -> wanted;
    private final RunListener to =
            new RunListener() {
                @Override
                public void said(String line) {
                    said.add(line);
                }

                @Override
                public void begins(String which) {
                    current = which;
                    runs.add(which);
                }

                @Override
                public void step(Measurement m, long steps) {
                    wanted |= current.equals(stopAt);
                }
            };

    /// Two encoders of one shape.
    @BeforeAll
    static void encoders() throws InterruptedException {
        encoder = trained("a", RECIPE);
        other = trained("b", RECIPE.with("seed", "9"));
    }

    private static Path trained(String name, Table recipe) throws InterruptedException {
        Path run = shared.resolve(name);
        var _ = FineTuning.of(recipe).run(run, RunListener.NONE, Stop.NEVER);
        return run.resolve("checkpoints/step-2/encoder.safetensors");
    }

    @BeforeEach
    void inAFolderOfItsOwn() throws IOException {
        Files.createDirectories(runs());
    }

    private Path runs() {
        return temporary.resolve("runs");
    }

    private Table from(Path file) {
        return RECIPE.with("from", Table.quoted(file.toString()));
    }

    private Result tuned(String name, Table recipe) throws InterruptedException {
        return FineTuning.of(recipe).run(runs().resolve(name), to, stop);
    }

    private Path scratch() throws IOException {
        try (Stream<Path> all = Files.list(runs())) {
            List<Path> found =
                    all.filter(path -> path.getFileName().toString().contains("from-scratch"))
                            .toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    private static Result result(Path run) {
        try (RunFolder folder = RunFolder.read(run)) {
            return folder.readResult().orElseThrow();
        }
    }

    private static Score score(Result result) {
        return Objects.requireNonNull(result.score());
    }

    private static List<Double> untrained(Result result) {
        Baseline baseline = score(result).baseline();
        return Objects.requireNonNull(baseline).untrained();
    }

    private static List<Double> losses(Path run) {
        try (RunFolder folder = RunFolder.read(run)) {
            return folder.readMeasurements().stream().map(Measurement::loss).toList();
        }
    }

    @Test
    void itIsTheRunThatBeganFromScratchByTheSameRecipe() throws Exception {
        Result result = tuned("run", from(encoder));
        Path seed = scratch().resolve("seed-0");
        // a file of nobody's is tuned at another rate than a network from scratch is
        Table alike = RECIPE.with("optimiser", "{warmup: 0, base-rate: 5e-5, weight-decay: 0.1}");
        Result straight = tuned("alike", alike.with("optimiser.start-rate", "5e-11"));
        assertThat(losses(seed)).isEqualTo(losses(runs().resolve("alike")));
        assertThat(losses(seed)).isNotEqualTo(losses(runs().resolve("run")));
        assertThat(untrained(result)).containsExactly(score(straight).main().value());
        assertThat(result(runs().resolve("run"))).as("as it is written").isEqualTo(result);
        assertThat(runs).containsExactly(FromScratch.WORDS, "");
        assertThat(said)
                .anyMatch(line ->
                        line.startsWith("score       Mean IoU ")
                                && line.contains(", from scratch ")
                                && line.contains(", chance "));
        assertThat(Files.readString(runs().resolve("run/report.html"))).contains("from scratch ");
    }

    @Test
    void aRunFromScratchHasItselfAndChanceAlone() throws Exception {
        Result result = tuned("run", RECIPE);
        assertThat(untrained(result)).isEmpty();
        assertThat(Objects.requireNonNull(score(result).baseline()).chance()).isPositive();
        try (Stream<Path> all = Files.list(runs())) {
            assertThat(all).containsExactly(runs().resolve("run"));
        }
    }

    @Test
    void itCanBeLeftOut() throws Exception {
        Result result =
                FineTuning.of(from(encoder)).withoutBaseline().run(runs().resolve("a"), to, stop);
        assertThat(score(result).standsAlone()).isTrue();
        assertThat(runs).isEmpty();
        Result resumed = FineTuning.resume(runs().resolve("a"), to, stop);
        assertThat(score(resumed).standsAlone()).as("nor is it made up for").isTrue();
        assertThat(said).noneMatch(line -> line.contains("from scratch"));
    }

    @Test
    void aSecondEncoderOfThatShapeIsHeldAgainstTheSameRun() throws Exception {
        Result first = tuned("one", from(encoder));
        Path written = scratch().resolve("seed-0/result.json");
        FileTime before = Files.getLastModifiedTime(written);
        runs.clear();
        Result second = tuned("two", from(other).with("name", "another"));
        assertThat(untrained(second)).isEqualTo(untrained(first));
        assertThat(runs).as("nothing was run again").isEmpty();
        assertThat(Files.getLastModifiedTime(written)).isEqualTo(before);
        assertThat(said)
                .contains(
                        "baseline    the same network from scratch, known from before: "
                                + scratch().resolve("seed-0"));
    }

    @Test
    void whatDecidesAScoreDecidesTheFolder() throws Exception {
        Path usual = folderOf(from(encoder), card(Positions.SINE_COSINE, 16));
        assertThat(folderOf(from(other).with("name", "x"), card(Positions.SINE_COSINE, 16)))
                .isEqualTo(usual);
        assertThat(folderOf(from(encoder), card(Positions.SINE_COSINE, 32)))
                .as("on which images it was pre-trained is no part of it")
                .isEqualTo(usual);
        Table same = from(encoder).with("budget", "8 images").with("workers", "1");
        assertThat(folderOf(same, card(Positions.SINE_COSINE, 16)))
                .as("a budget that buys the same")
                .isEqualTo(usual);
        assertThat(folderOf(from(encoder), card(Positions.LEARNED, 16))).isNotEqualTo(usual);
        Path seed = folderOf(from(encoder).with("seed", "3"), card(Positions.SINE_COSINE, 16));
        assertThat(seed).isEqualTo(usual.resolveSibling("seed-3"));
        for (String change :
                List.of(
                        "budget=3 steps",
                        "batch=6",
                        "task.channels=9",
                        "task.dropout=0.2",
                        "optimiser.base-rate=1e-3",
                        "optimiser.weight-decay=0.01",
                        "view.flip=0",
                        "evaluation.protocol=whole",
                        "data.images=13",
                        "data.seed=5",
                        "validation.images=4",
                        "hold-out=0.3")) {
            String[] set = change.split("=", 2);
            Table changed = from(encoder).with(set[0], set[1]);
            assertThat(folderOf(changed, card(Positions.SINE_COSINE, 16)).getParent())
                    .as(change)
                    .isNotEqualTo(usual.getParent());
        }
    }

    private static Origin card(Positions positions, int image) {
        VitShape shape = new VitShape(32, 1, 2, 8, image);
        Card card = new Card(shape, positions, Vit.Pool.CLASS_TOKEN, VitStyle.TIMM, "somebody");
        return new Origin("x", null, null, card.metadata(), "x", null, null, null);
    }

    private Path folderOf(Table table, Origin origin) {
        FineTuneRecipe recipe = FineTuneRecipe.from(table, origin);
        try (FineTuneRecipe.Splits splits = recipe.open()) {
            return FromScratch.of(table, origin, splits, runs().resolve("run")).path();
        }
    }

    /// Whose rates differ where a recipe names none.
    @Test
    void itIsTrainedAsTheEncoderIsWhoeverPretrainedThat() {
        for (String method : List.of("mae", "dino", "simclr", "byol", "clip", "supervised")) {
            Origin of = card(Positions.LEARNED, 16);
            Origin origin = new Origin("x", method, null, of.network(), "x", null, null, null);
            for (String optimiser : List.of("{warmup: 0}", "{warmup: 0, kind: lars}")) {
                assertThat(folderOf(RECIPE.with("optimiser", optimiser), origin))
                        .as(method)
                        .hasFileName("seed-0");
            }
        }
    }

    @Test
    void whoStopsInTheBaselineHasTheScoreAndGoesOnWithTheBaselineAlone() throws Exception {
        stopAt = FromScratch.WORDS;
        Result result = tuned("run", from(encoder));
        assertThat(result.status()).isEqualTo(Result.Status.FINISHED);
        assertThat(score(result).standsAlone()).isTrue();
        assertThat(said.getLast())
                .isEqualTo(
                        "baseline    is not done, and the score stands without it; continue with:"
                                + " isoflop finetune --resume "
                                + runs().resolve("run"));
        assertThat(result(scratch().resolve("seed-0")).status())
                .isEqualTo(Result.Status.INTERRUPTED);
        said.clear();

        stopAt = null;
        wanted = false;
        Result resumed = FineTuning.resume(runs().resolve("run"), to, stop);
        assertThat(untrained(resumed)).hasSize(1);
        assertThat(resumed.with(score(result))).as("all else is the same").isEqualTo(result);
        assertThat(said)
                .as("nothing was evaluated or billed again")
                .noneMatch(line -> line.contains("plan        small") || line.startsWith("run: "));
        Path run = runs().resolve("other");
        assertThat(untrained(FineTuning.of(from(other)).run(run, to, stop)))
                .isEqualTo(untrained(resumed));
    }

    @Test
    void whoStopsBeforeItBeginsNoneAndGoesOnWithBoth() throws Exception {
        stopAt = "";
        Result result = tuned("run", from(encoder));
        assertThat(result.status()).isEqualTo(Result.Status.INTERRUPTED);
        assertThat(runs).isEmpty();
        stopAt = null;
        wanted = false;
        assertThat(untrained(FineTuning.resume(runs().resolve("run"), to, stop))).hasSize(1);
    }

    @Test
    void aRunFromBeforeThereWereBaselinesGoesOnWithout() throws Exception {
        stopAt = "";
        var _ = tuned("run", from(encoder));
        Path recipe = runs().resolve("run/recipe.yaml");
        String silent = Files.readString(recipe).replaceFirst("(?m)^baseline: true\n", "");
        assertThat(silent).doesNotContain("baseline");
        Files.writeString(recipe, silent);
        stopAt = null;
        wanted = false;
        Result result = FineTuning.resume(runs().resolve("run"), to, stop);
        assertThat(result.status()).isEqualTo(Result.Status.FINISHED);
        assertThat(score(result).standsAlone()).isTrue();
        assertThat(runs).isEmpty();
    }

    @Test
    void aFolderThatIsDamagedOrAnothersIsNamedBeforeAnythingBegins() throws Exception {
        var _ = tuned("one", from(encoder));
        Path seed = scratch().resolve("seed-0");
        Path recipe = seed.resolve("recipe.yaml");
        String right = Files.readString(recipe);

        Files.writeString(recipe, right.replace("channels: 8", "channels: 7"));
        refused(seed, "it holds another run");
        Files.writeString(recipe, right.replace("seed: 0", "seed: 7") + "\nseed: 7\n");
        refused(seed, "it holds another run");
        Files.writeString(recipe, "name: [");
        refused(seed, "recipe.yaml:");
        Files.writeString(recipe, right);
        Path result = seed.resolve("result.json");
        String whole = Files.readString(result);
        Files.writeString(result, whole.substring(0, whole.length() / 2));
        refused(seed, "result.json is damaged");
        Files.writeString(result, whole);
        Files.delete(seed.resolve("origin.json"));
        refused(seed, "it has no origin.json");
    }

    private void refused(Path seed, String why) {
        assertThatThrownBy(() -> tuned("two", from(other)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(
                        seed + " should hold the same network from scratch, and cannot be used: ")
                .hasMessageContaining(why)
                .hasMessageEndingWith("or leave the baseline out with --no-baseline");
        assertThat(runs().resolve("two")).doesNotExist();
    }

    @Test
    void whereTrainingBreaksDownFromScratchTheScoreSaysSo() throws Exception {
        Table recipe = from(encoder).with("seed", "0");
        var _ = tuned("one", recipe);
        Path seed = scratch().resolve("seed-0");
        Path written = seed.resolve("result.json");
        String whole = Files.readString(written);
        Files.writeString(
                written,
                whole.replace("\"finished\"", "\"unstable\"")
                        .replace("The budget is spent.", "The loss is NaN."));
        Result second = tuned("two", from(other));
        assertThat(second.status()).isEqualTo(Result.Status.FINISHED);
        assertThat(score(second).standsAlone()).isTrue();
        assertThat(score(second).warnings())
                .contains("from scratch there is no figure: The loss is NaN.");
    }

    @Test
    void aSearchHoldsItsMedianAgainstAsManySeedsAtItsBestRate() throws Exception {
        Table recipe =
                from(encoder)
                        .with("search", "{rates: [1e-3, 1e-4], decays: [0.1], seeds: 2, on: val}");
        Path path = runs().resolve("search");
        SearchReport report =
                Search.of(recipe, new Search.Wanted(true, true, 0)).run(path, to, stop);
        Baseline baseline = Objects.requireNonNull(report.baseline());
        assertThat(report.complete()).isTrue();
        assertThat(baseline.untrained()).hasSize(2);
        assertThat(report.message())
                .contains(" Held against: from scratch ", " (2 seeds), chance ");
        assertThat(said)
                .anyMatch(line ->
                        line.startsWith("baseline    as many seeds")
                                && line.contains(": 2 times 2 steps and "));
        double rate = Objects.requireNonNull(Objects.requireNonNull(report.best()).rate());
        Path seed = scratch().resolve("seed-1");
        try (RunFolder folder = RunFolder.read(seed)) {
            assertThat(folder.readRecipe()).contains("base-rate: " + rate);
        }
        assertThat(score(result(path.resolve("seeds/seed-0"))).standsAlone())
                .as("the search has one for all its runs")
                .isTrue();
        byte[] before = Files.readAllBytes(path.resolve("search.json"));
        runs.clear();
        assertThat(Search.resume(path, to, stop)).isEqualTo(report);
        assertThat(runs).as("nothing was run again").isEmpty();
        assertThat(Files.readAllBytes(path.resolve("search.json"))).isEqualTo(before);
        assertThat(
                        untrained(
                                tuned(
                                        "run",
                                        recipe.with("optimiser.base-rate", rate + "")
                                                .with("optimiser.weight-decay", "0.1"))))
                .as("one run is held against the first of these")
                .containsExactly(baseline.untrained().getFirst());
    }

    @Test
    void aSearchThatIsStoppedInItsBaselineHasItsMedian() throws Exception {
        stopAt = FromScratch.WORDS;
        Path path = runs().resolve("search");
        SearchReport report =
                Search.of(from(encoder), new Search.Wanted(false, true, 2)).run(path, to, stop);
        assertThat(report.complete()).isFalse();
        assertThat(report.median()).isNotNull();
        assertThat(report.message())
                .startsWith("Mean IoU ")
                .endsWith("is not done; continue with: isoflop finetune --resume " + path);
        stopAt = null;
        wanted = false;
        SearchReport whole = Search.resume(path, to, stop);
        assertThat(whole.complete()).isTrue();
        assertThat(Objects.requireNonNull(whole.baseline()).untrained()).hasSize(2);
        assertThat(whole.seeds()).isEqualTo(report.seeds());
    }
}
