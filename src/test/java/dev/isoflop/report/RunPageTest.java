package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.budget.Work;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.MadeUpRun;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Measurements;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

final class RunPageTest {

    private static final String HOSTILE = "\"'><script>alert(1)</script>&";

    private static final Pattern SCRIPT = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL);

    @TempDir private Path runs;

    @Test
    void thePageShowsTheBillTheDerivationTheRecipeAndThePictures() throws IOException {
        byte[] png = {1, 2, 3};
        String page =
                page(MadeUpRun.steps(400), "world", List.of(new Figure("a dog", "masked", png)));
        assertThat(page)
                .contains("<h1>mae</h1>")
                .contains("<li>MAE, mask ratio 0.75</li>")
                .contains(
                        "<dt>FLOPs spent</dt><dd><b><span"
                            + " class=\"nobr\">1.34&#8239;&times;&#8239;10<sup>13</sup></span></b>"
                            + " FLOP<small>matmul, total of 1 device</small></dd>")
                .contains("<td>matmul, total of 1 device; exactly 13421772849200</td>")
                .contains("<details open><summary><span class=\"name\">the run</span>")
                .contains("<details><summary><span class=\"name\">one image</span>")
                .contains("<p><span class=\"name\">encoder</span>")
                .contains("<pre>name: mae\n")
                .contains("<h3>a dog</h3><img alt=\"a dog\" src=\"data:image/png;base64,AQID\">")
                .contains("<figcaption>masked</figcaption>")
                .contains("<li>world: 7 (<code>world; b.jpg</code> and others)</li>")
                .contains("<noscript><svg");
    }

    @Test
    void thePageAsksTheNetworkForNothing() throws IOException {
        String page = page(MadeUpRun.steps(10), "world", List.of());
        assertThat(page)
                .contains(
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
                                + " ");
        assertThat(page)
                .doesNotContain("http://", "https://", "@import", "url(", " src=\"/", "//cdn");
    }

    @Test
    void noScriptRunsButThoseWhoseChecksumThePolicyNames() throws Exception {
        String page = wholePage(MadeUpRun.steps(10), HOSTILE, List.of());
        Matcher policy = Pattern.compile("script-src ([^;]*);").matcher(page);
        assertThat(policy.find()).isTrue();
        List<String> carried = new ArrayList<>();
        Matcher scripts = SCRIPT.matcher(page);
        while (scripts.find()) {
            byte[] text = scripts.group(1).getBytes(StandardCharsets.UTF_8);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
            carried.add("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
        }
        assertThat(carried).hasSize(2);
        assertThat(policy.group(1).split(" ")).containsExactlyElementsOf(carried);
    }

    @Test
    void textFromOutsideNeverBecomesMarkup() throws IOException {
        Measurement hostile =
                MadeUpRun.onlyStep(
                        1, Map.of(HOSTILE, 1.0, "other", 2.0), Measurement.Embeddings.NONE);
        String page =
                page(List.of(hostile), HOSTILE, List.of(new Figure(HOSTILE, HOSTILE, new byte[1])));
        assertThat(page).doesNotContain("<script>alert", "</script>&");
        assertThat(page.split("&lt;script&gt;alert\\(1\\)&lt;/script&gt;", -1))
                .as(
                        "data, figure title, its alternative, its caption, message, recipe, broken"
                                + " image and its reason, what is left out and why")
                .hasSizeGreaterThanOrEqualTo(11);
        assertThat(page).contains("\\u003cscript>alert(1)\\u003c/script>");
    }

    @Test
    void aRunThatBrokeDownStillHasItsPage() throws IOException {
        List<Measurement> steps = new ArrayList<>(MadeUpRun.steps(5));
        steps.add(MadeUpRun.step(6, Double.NaN));
        String page = page(steps, "world", List.of());
        assertThat(page).contains(",null]", "The loss is not a finite number.");
    }

    @Test
    void aRunWithoutAStepSaysSo() throws IOException {
        assertThat(page(List.of(), "world", List.of()))
                .contains("No step has been measured, so there is nothing to draw yet.")
                .doesNotContain("data-chart");
    }

    @Test
    void aRunThatOnlyHasARecipeHasAPage() throws IOException {
        try (RunFolder folder = RunFolder.create(runs.resolve("young"))) {
            folder.writeRecipe("seed: 1\n");
            RunPage.write(folder, List.of(), folder.page());
            assertThat(Files.readString(folder.page()))
                    .contains("<h1>young</h1>", ">unfinished</span>");
        }
    }

    @Test
    void whatAMethodWatchesBesideTheLossIsDrawn() throws IOException {
        Measurement none = MadeUpRun.onlyStep(1, Map.of(), Measurement.Embeddings.NONE);
        assertThat(page(List.of(none), "world", List.of())).doesNotContain("data-chart=\"parts\"");
        Measurement two =
                MadeUpRun.onlyStep(
                        1, Map.of("image", 1.0, "text", 2.0), Measurement.Embeddings.NONE);
        assertThat(page(List.of(two), "other", List.of()))
                .contains("data-chart=\"parts\"", "\"parts\":{\"");
    }

    @Test
    void theSpreadOfTheEmbeddingsIsDrawnWhereItWasMeasured() throws IOException {
        assertThat(page(MadeUpRun.steps(10), "world", List.of()))
                .contains("data-chart=\"spread\"", "data-chart=\"rank\"", "<dt>Spread</dt>");
        assertThat(page(List.of(MadeUpRun.step(2, 0.5)), "world", List.of()))
                .doesNotContain("data-chart=\"spread\"", "<dt>Spread</dt>");
    }

    @Test
    void anUnstableRunIsCalledSo() throws IOException {
        try (RunFolder folder = RunFolder.create(runs.resolve("wild"))) {
            folder.writeRecipe("seed: 1\n");
            folder.writeResult(
                    Result.of(
                            Result.Status.UNSTABLE,
                            MadeUpRun.steps(3),
                            Result.Broken.NONE,
                            null,
                            "The embeddings have collapsed."));
            RunPage.write(folder, List.of(), folder.page());
            assertThat(Files.readString(folder.page()))
                    .contains("<span class=\"status unstable\">unstable</span>")
                    .contains("The embeddings have collapsed.</p>");
            assertThat(Files.readString(folder.result())).contains("\"status\" : \"unstable\"");
        }
    }

    @Test
    void picturesAreReadInTheOrderOfTheirNames() throws IOException {
        Files.write(runs.resolve("2-cat.png"), new byte[] {2});
        Files.write(runs.resolve("1-dog.png"), new byte[] {1});
        Files.write(runs.resolve("notes.txt"), new byte[] {3});
        assertThat(Figure.in(runs)).extracting(Figure::title).containsExactly("1 dog", "2 cat");
        assertThat(Figure.in(runs.resolve("none"))).isEmpty();
    }

    @Test
    void picturesThatAreKeptComeBackWithTheirWords() {
        Path pictures = runs.resolve("pictures");
        Figure dog = new Figure("A dog", "asleep, in two\nlines", new byte[] {1, 2});
        Figure cat = new Figure("A cat", "", new byte[] {3});
        Figure.keep(pictures, List.of(dog, cat));
        List<Figure> back = Figure.in(pictures);
        assertThat(back).extracting(Figure::title).containsExactly("A dog", "A cat");
        assertThat(back).extracting(Figure::caption).containsExactly(dog.caption(), "");
        assertThat(back.getFirst().png()).isEqualTo(dog.png());
        Figure.keep(pictures, List.of(cat));
        assertThat(Figure.in(pictures)).extracting(Figure::title).containsExactly("A cat");
    }

    @Test
    void probesStandOnThePageWithAllThatTheyWereCountedBy() throws IOException {
        Work work = Work.product("similarities", 1, 500, 384, 2000);
        var part = new ProbeReport.Part("flowers " + HOSTILE, 500, 3, 1);
        var probe =
                new ProbeReport.Probe(
                        "k-NN",
                        new ProbeReport.Outcome(
                                "top-1 accuracy",
                                0.412,
                                0.703,
                                200,
                                "weighted k-NN, k = 20",
                                Map.of("k = 20", 0.412),
                                new Baseline(0.012, "always " + HOSTILE, List.of(0.171, 0.187))),
                        new ProbeReport.Data(part, part, List.of("rose"), 3),
                        new ProbeReport.Encoder(
                                100L, null, "ab12", "central crop of 64", "f32", "class token"),
                        new ProbeReport.Features(work, 3, 2500, 0),
                        new ProbeReport.Untrained(
                                HOSTILE + ", seeds 0 to 1",
                                new ProbeReport.Features(work, 6, 5000, 0),
                                new ProbeReport.Spent(work, 1)),
                        new ProbeReport.Spent(work, 0.5),
                        new ProbeReport.Classes(
                                List.of(new ProbeReport.ClassScore(HOSTILE, 0.9, 10)),
                                List.of(),
                                List.of(new ProbeReport.Confusion("tulip", "rose", 4))),
                        "0.1.0",
                        Instant.parse("2026-11-26T02:00:00Z"));
        var online =
                new OnlineProbe(
                        "top-1 accuracy",
                        0.2,
                        20,
                        HOSTILE,
                        2000,
                        "val",
                        500,
                        200,
                        work.flops(),
                        7,
                        12.5,
                        null);
        List<Measurement> steps = new ArrayList<>(MadeUpRun.steps(9));
        steps.add(MadeUpRun.step(10, 0.5).with(online));
        String page;
        try (RunFolder folder = RunFolder.create(runs.resolve("probed"))) {
            folder.writeRecipe("name: probed\n");
            folder.writeProbe(new ProbeReport(List.of(probe)));
            try (Measurements measurements = Measurements.open(folder.measurements())) {
                steps.forEach(measurements::append);
            }
            folder.writeResult(
                    Result.of(Result.Status.FINISHED, steps, Result.Broken.NONE, null, "Done."));
            assertThat(folder.readProbe()).contains(new ProbeReport(List.of(probe)));
            RunPage.write(folder, List.of(), folder.page());
            page = SCRIPT.matcher(Files.readString(folder.page())).replaceAll("");
        }
        assertThat(page)
                .contains(
                        "<b>k-NN</b>: top-1 accuracy 41.2% (untrained 17.9% +- 1.1 (2 seeds),"
                                + " chance 1.2%), top-5 70.3%, of 200 classes")
                .contains("3 classes that no image judged shows", ": 17.1%, 18.7%; features of")
                .contains("500 images; 3 without a label passed over; 1 broken left out")
                .contains("1 classes that no image learned from shows: rose")
                .contains("tulip for rose (4)")
                .contains("<td>20.0%</td>")
                .contains("<dt>Probe</dt>", "<dt>Probing</dt>")
                .doesNotContain("<script>alert");
    }

    /// The page without the scripts that it runs, which are none of a run's.
    private String page(List<Measurement> steps, String data, List<Figure> figures)
            throws IOException {
        return SCRIPT.matcher(wholePage(steps, data, figures)).replaceAll("");
    }

    private String wholePage(List<Measurement> steps, String data, List<Figure> figures)
            throws IOException {
        try (RunFolder folder =
                RunFolder.create(Files.createTempDirectory(runs, "").resolve("mae"))) {
            folder.writeRecipe("name: mae\ndata: " + data + "\n");
            folder.writeProvenance(MadeUpRun.provenance("mae", data));
            try (Measurements measurements = Measurements.open(folder.measurements())) {
                steps.forEach(measurements::append);
            }
            folder.writeResult(
                    Result.of(
                                    Result.Status.FINISHED,
                                    steps,
                                    new Result.Broken(
                                            1, 0.1, List.of(new Result.BrokenImage(data, data))),
                                    null,
                                    data)
                            .with(List.of(new Result.LeftOut(data, 7, List.of(data, "b.jpg")))));
            RunPage.write(folder, figures, folder.page());
            return Files.readString(folder.page());
        }
    }
}
