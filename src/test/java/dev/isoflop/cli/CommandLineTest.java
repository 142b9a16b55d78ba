package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the verbs print.
class CommandLineTest {

    private static final String DEMO = "recipes/demo/mae.yaml";
    private static final String SEGMENTATION = "recipes/demo/segmentation.yaml";
    private static final String ADE20K = "recipes/ade20k/segmentation.yaml";

    @TempDir private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Isoflop.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private JsonNode json(String... arguments) {
        assertThat(run(arguments)).as(err.toString()).isZero();
        return new JsonMapper().readTree(out.toString());
    }

    @Test
    void everyVerbTeachesByAnExample() {
        for (String verb :
                new String[] {
                    "demo", "doctor", "plan", "profile", "pretrain", "finetune", "convert", "probe"
                }) {
            out.getBuffer().setLength(0);
            assertThat(run(verb, "--help")).isZero();
            assertThat(out.toString()).contains("Example").contains("  isoflop " + verb);
        }
    }

    @Test
    void aVerbThatIsNotThereIsWrongInput() {
        assertThat(run("pretrian")).isEqualTo(2);
        assertThat(err.toString()).contains("pretrian").contains("pretrain");
    }

    @Test
    void noVerbShowsTheHelp() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("Start here");
    }

    @Test
    void planSaysWhatABudgetBuys() {
        JsonNode plan = json("plan", DEMO, "--set", "budget=100 steps", "--devices", "4", "--json");
        assertThat(plan.get("steps").asLong()).isEqualTo(100);
        long perImage = plan.get("flops").get("perImage").asLong();
        long batch = plan.get("batch").asLong();
        JsonNode flops = plan.get("flops");
        assertThat(flops.get("perStep").asLong()).isEqualTo(perImage * batch);
        assertThat(flops.get("total").asLong()).isEqualTo(perImage * batch * 100);
        assertThat(flops.get("perDevice").asLong()).isEqualTo(perImage * batch * 25);
        assertThat(flops.get("convention").asString()).isEqualTo("matmul");
    }

    private Path study() throws IOException {
        return Files.writeString(
                folder.resolve("study.yaml"),
                """
                name: small-{encoder}-{budget}
                method: {name: mae}
                encoder: Ti/16
                data: {kind: folder, path: not/there, images: 1000}
                batch: 10
                vary:
                  encoder: [Ti/16, S/16]
                  budget: [10 steps, 1 epochs]
                """);
    }

    @Test
    void planPricesEveryRunOfAStudyWithoutItsImages() throws IOException {
        JsonNode plan = json("plan", study().toString(), "--devices", "2", "--json");
        assertThat(plan.get("runs")).hasSize(4);
        long sum = 0;
        for (JsonNode run : plan.get("runs")) {
            JsonNode flops = run.get("flops");
            long total = flops.get("total").asLong();
            assertThat(total)
                    .isEqualTo(flops.get("perStep").asLong() * run.get("steps").asLong())
                    .isEqualTo(2 * flops.get("perDevice").asLong());
            sum += total;
        }
        assertThat(plan.get("totals").get("flops").asLong()).isEqualTo(sum);
        assertThat(plan.get("runs").get(3).get("name").asString()).isEqualTo("small-s-16-1-epochs");
        assertThat(plan.get("runs").get(3).get("steps").asLong()).isEqualTo(100);
    }

    @Test
    void planOfAFolderIsATable() throws IOException {
        study();
        assertThat(run("plan", folder.toString())).isZero();
        assertThat(out.toString())
                .contains("small-ti-16-10-steps")
                .contains("per device")
                .contains("4 runs, together");
    }

    @Test
    void whatFineTunesInAFolderHasATableAndASumOfItsOwn() throws IOException {
        study();
        long before = json("plan", folder.toString(), "--json").get("totals").get("flops").asLong();
        Files.copy(Path.of(SEGMENTATION), folder.resolve("tuned.yaml"));
        Files.copy(Path.of(ADE20K), folder.resolve("without.yaml"));
        out.getBuffer().setLength(0);
        JsonNode plan = json("plan", folder.toString(), "--json");
        assertThat(plan.get("runs")).hasSize(4);
        assertThat(plan.get("totals").get("flops").asLong()).isEqualTo(before);
        JsonNode tuned = plan.get("fineTuning");
        assertThat(tuned).hasSize(2);
        out.getBuffer().setLength(0);
        JsonNode alone = json("plan", SEGMENTATION, "--json");
        assertThat(tuned.get(0)).isEqualTo(alone);
        assertThat(tuned.get(1).get("notPriced").asString()).contains("names no encoder");

        out.getBuffer().setLength(0);
        assertThat(run("plan", folder.toString())).isZero();
        assertThat(out.toString())
                .contains("4 runs, together")
                .containsPattern("demo-segmentation +scratch +ViT-64x4x2/6 +24 +9 +32 +300 ")
                .contains("1 fine-tuning run, together")
                .contains("ade20k is not priced: it names no encoder");
        Path csv = folder.resolve("runs.csv");
        assertThat(run("plan", folder.toString(), "--csv", csv.toString())).isZero();
        assertThat(Files.readString(csv)).doesNotContain("demo-segmentation");
        assertThat(err.toString()).contains("--csv: without what fine-tunes: demo-segmentation");
    }

    @Test
    void allRecipesThatAreShippedCanBePricedAtOnce() {
        assertThat(run("plan", "recipes")).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("tiny-imagenet-mae", "demo-segmentation", "ade20k is not");
    }

    @Test
    void aRecipeForAnotherVerbIsSentThere() {
        assertThat(run("pretrain", SEGMENTATION)).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(
                        "isoflop: %s fine-tunes (it has a task), and isoflop pretrain is for pre-training; take isoflop finetune %s"
                                .formatted(SEGMENTATION, SEGMENTATION));
        assertThat(run("profile", SEGMENTATION, "--trace")).isEqualTo(2);
        assertThat(err.toString())
                .contains("isoflop profile is for pre-training; take isoflop plan " + SEGMENTATION);
        assertThat(run("plan", SEGMENTATION, "--compare", "--budget", "1e18")).isEqualTo(2);
        assertThat(err.toString()).contains("--compare is for pre-training");
        assertThat(run("finetune", DEMO)).isEqualTo(2);
        assertThat(err.toString())
                .contains(DEMO + " is a pre-training recipe (it has a method)")
                .contains("take isoflop pretrain " + DEMO);
    }

    @Test
    void oneRunOfAStudyIsChosenByItsName() throws IOException {
        String file = study().toString();
        JsonNode plan = json("plan", file, "--run", "small-s-16-10-steps", "--json");
        assertThat(plan.get("encoder").asString()).isEqualTo("ViT-S/16");
        assertThat(run("plan", file, "--run", "small-s-16-11-steps")).isEqualTo(2);
        assertThat(err.toString()).contains("did you mean small-s-16-10-steps?");
        assertThat(run("pretrain", file)).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "study.yaml holds 4 runs; choose one with --run NAME: small-ti-16-10-step");
    }

    @Test
    void aWarmUpLongerThanTheRunIsRefused() throws IOException {
        String warmup = "optimiser.warmup=10 steps";
        assertThat(run("plan", DEMO, "--set", "budget=10 steps", "--set", warmup)).isEqualTo(2);
        assertThat(err.toString())
                .contains("optimiser.warmup is 10 steps; 10 steps are as long as the whole run");
    }

    @Test
    void planExplainsItselfToPeople() {
        assertThat(run("plan", DEMO)).isZero();
        assertThat(out.toString())
                .contains("convention  matmul")
                .contains("attention scores")
                .contains("one image");
    }

    @Test
    void halvingTheMaskedShareIsSeenInThePlan() {
        long usual = json("plan", DEMO, "--json").get("steps").asLong();
        out.getBuffer().setLength(0);
        long seeing =
                json("plan", DEMO, "--set", "method.mask-ratio=0.25", "--json")
                        .get("steps")
                        .asLong();
        assertThat(seeing).isLessThan(usual);
    }

    @Test
    void profilePricesTheNetworkOfThePaper() {
        JsonNode profile =
                json(
                        "profile",
                        "--method",
                        "mae",
                        "--encoder",
                        "B/16",
                        "--image",
                        "224",
                        "--batch",
                        "256",
                        "--json");
        assertThat(profile.get("parameters").asLong()).isEqualTo(111_907_840);
        JsonNode matmul = profile.get("flops").get("matmul");
        long perImage = matmul.get("perImage").asLong();
        assertThat(matmul.get("perStep").asLong()).isEqualTo(256 * perImage);
        assertThat(matmul.get("forward").asLong() + matmul.get("backward").asLong())
                .isEqualTo(perImage);
        JsonNode parts = matmul.get("parts");
        assertThat(parts.get("encoder").asLong() + parts.get("decoder").asLong())
                .isEqualTo(perImage);
        assertThat(perImage / 2e9).as("GMAC a step and image").isBetween(29.1, 29.4);
        assertThat(matmul.has("traced")).isFalse();
    }

    @Test
    void profileTracesARealStepAndAgrees() {
        JsonNode profile =
                json(
                        "profile",
                        "--encoder",
                        "Ti/8",
                        "--image",
                        "32",
                        "--batch",
                        "11",
                        "--set",
                        "decoder-depth=1",
                        "--set",
                        "method.mask-ratio=0.6",
                        "--trace",
                        "--json");
        JsonNode matmul = profile.get("flops").get("matmul");
        assertThat(matmul.get("traced").asLong()).isEqualTo(matmul.get("perStep").asLong());
        JsonNode executed = profile.get("flops").get("executed");
        assertThat(executed.get("elementwise").asLong()).isPositive();
        assertThat(executed.get("transcendental").asLong()).isPositive();
    }

    @Test
    void profilePricesAClassifierOfAThousandClasses() {
        JsonNode profile = json("profile", "--method", "supervised", "--json");
        assertThat(profile.get("parameters").asLong()).isEqualTo(86_567_656);
        JsonNode matmul = profile.get("flops").get("matmul");
        assertThat(matmul.get("perImage").asLong() / 2e9)
                .as("GMAC; 52.7 with the gradient of the pixels, which nobody computes")
                .isBetween(52.5, 52.7);
        JsonNode parts = matmul.get("parts");
        assertThat(parts.get("encoder").asLong() + parts.get("head").asLong())
                .isEqualTo(matmul.get("perImage").asLong());
    }

    @Test
    void aClassifierHasTheClassesOfItsDataUnlessItsRecipeSaysOtherwise() {
        String recipe = "recipes/demo/supervised.yaml";
        long own = json("plan", recipe, "--json").get("flops").get("perImage").asLong();
        out.getBuffer().setLength(0);
        long one =
                json("plan", recipe, "--set", "method.classes=9", "--json")
                        .get("flops")
                        .get("perImage")
                        .asLong();
        assertThat(one - own).as("one class more than the world's 8").isEqualTo(6 * 64);
    }
}
