package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.report.ProbeCurve.Probed;
import dev.isoflop.run.MadeUpRun;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Measurements;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.xml.parsers.DocumentBuilderFactory;

/// A person sees what an encoder is worth along its budget, beside untrained and chance.
class ProbeCurveTest {

    private static final OnlineProbe UNTRAINED = MadeUpRun.probe(0.216, null, 0.129);
    private static final Pattern NAME =
            Pattern.compile("<text class=\"(\\w+)\" x=\"10\" y=\"(\\d+)\"[^>]*>([^<]*)<");
    private static final Pattern POINT =
            Pattern.compile("<circle class=\"knn\" cx=\"([^\"]*)\" cy=\"(\\d+)\"");

    @TempDir private Path runs = Path.of("");

    private static ProbeCurve curve(double... values) {
        List<Probed> probes = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            double share = (i + 1.0) / values.length;
            probes.add(
                    new Probed(
                            Math.round(400 * share),
                            share,
                            MadeUpRun.probe(values[i], 0.216, 0.129)));
        }
        return new ProbeCurve(probes, Optional.of(UNTRAINED));
    }

    private static List<String> found(Pattern pattern, String html) {
        return pattern.matcher(html)
                .results()
                .map(found -> String.join(" ", groups(found)))
                .toList();
    }

    private static List<String> groups(MatchResult found) {
        List<String> groups = new ArrayList<>();
        for (int g = 1; g <= found.groupCount(); g++) {
            groups.add(found.group(g));
        }
        return groups;
    }

    @Test
    void theCurveBeginsWithTheUntrainedEncoderAndHasAPointAProbe() {
        assertThat(found(POINT, curve(0.25, 0.4, 0.5, 0.581).html(Optional.empty())))
                .extracting(point -> point.substring(0, point.indexOf(' ')))
                .containsExactly("0.00%", "25.00%", "50.00%", "75.00%", "100.00%");
    }

    @Test
    void aHigherValueIsHigherAndTheUntrainedLineMeetsItsPoint() {
        String html = curve(0.581).html(Optional.empty());
        List<Integer> heights =
                found(POINT, html).stream()
                        .map(point -> Integer.valueOf(point.substring(point.indexOf(' ') + 1)))
                        .toList();
        assertThat(heights.get(1)).isLessThan(heights.get(0));
        String y = "\"" + heights.get(0) + "\"";
        assertThat(html)
                .contains(
                        "<line class=\"untrained\" x1=\"0.00%\" y1="
                                + y
                                + " x2=\"100.00%\" y2="
                                + y);
    }

    @Test
    void theThreeNamesSayTheirFiguresAndNeverCoverEachOther() {
        for (double last : new double[] {0.581, 0.217, 0.216, 0.13, 0.129, 0.0}) {
            String html = curve(last).html(Optional.empty());
            List<String> names = found(NAME, html);
            assertThat(names).hasSize(3);
            assertThat(String.join("\n", names))
                    .contains("untrained 21.6%", "chance 12.9%", "k-NN " + Amount.percent(last));
            List<Integer> heights =
                    names.stream().map(name -> Integer.valueOf(name.split(" ", -1)[1])).toList();
            assertThat(heights).isSorted();
            assertThat(heights.get(1) - heights.get(0)).isGreaterThanOrEqualTo(17);
            assertThat(heights.get(2) - heights.get(1)).isGreaterThanOrEqualTo(17);
            assertThat(heights).allMatch(y -> y > 0 && y < 290);
        }
    }

    @Test
    void whoDoesNotSeeThePictureReadsIt() {
        assertThat(curve(0.4, 0.581).html(Optional.empty()))
                .contains(
                        "role=\"img\" aria-label=\"Top-1 accuracy of weighted k-NN: untrained"
                                + " 21.6%; after 50.0% of the budget 40.0%; after 100.0% of the"
                                + " budget 58.1%; chance 12.9%\"");
    }

    @Test
    void theTableBehindItHasEveryProbeAndHowItWasCounted() {
        String table = curve(0.4, 0.581).html(Optional.empty());
        table = table.substring(table.indexOf("<details>"));
        assertThat(table)
                .contains(
                        "<th scope=\"row\">untrained</th><td>0.0%</td><td>21.6%</td>",
                        "<th scope=\"row\">step 200</th><td>50.0%</td><td>40.0%</td>",
                        "<th scope=\"row\">step 400</th><td>100.0%</td><td>58.1%</td>",
                        "FLOP in 4.20 s, no part of the budget",
                        "chance 12.9%: always &quot;heart&quot;, the commonest class");
    }

    @Test
    void aLineSaysTheValueAndWhatItIsHeldAgainst() {
        assertThat(ProbeCurve.inShort(MadeUpRun.probe(0.581, 0.216, 0.129)))
                .isEqualTo("k-NN 58.1% (untrained 21.6%, chance 12.9%)");
        assertThat(ProbeCurve.inShort(MadeUpRun.probe(0.16, 0.216, 0.129)))
                .isEqualTo("k-NN 16.0% (untrained 21.6%, chance 12.9%: no better than untrained)");
        assertThat(ProbeCurve.inShort(UNTRAINED)).isEqualTo("k-NN 21.6% (chance 12.9%)");
    }

    @Test
    void aRunOlderThanBaselinesHasItsCurveAlone() throws IOException {
        String older =
                """
                {"metric":"top-1 accuracy","value":0.3,"neighbours":20,"train":"a","trainImages":9,\
                "validation":"b","validationImages":8,"classes":4,"flops":7,"seconds":1.0,"joules":null}\
                """;
        List<Measurement> steps = MadeUpRun.steps(400);
        Path file = runs.resolve("older/measurements.jsonl");
        String page;
        try (RunFolder folder = RunFolder.create(runs.resolve("older"))) {
            folder.writeRecipe("name: older\n");
            try (Measurements lines = Measurements.open(file)) {
                steps.forEach(lines::append);
            }
            String last = Files.readString(file).stripTrailing().replaceAll("(?s).*\n", "");
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace(last, last.replace("\"probe\":null", "\"probe\":" + older)));
            RunRecord run = RunRecord.of(folder);
            assertThat(run.measurements().getLast().probe()).isNotNull();
            RunPage.write(folder, List.of(), folder.page());
            page = Files.readString(folder.page());
        }
        assertThat(found(POINT, page)).hasSize(1);
        assertThat(page)
                .contains("k-NN 30.0%.", "<h2>What its encoder is worth, as it learns</h2>")
                .doesNotContain("<line class=\"untrained\"", "<line class=\"chance\"");
    }

    @Test
    void theCurveStandsBeforeTheLossAndTheVerdictSaysItsEnd() throws IOException {
        String page = page(0.216, 0.355, 0.492, 0.581);
        assertThat(page.indexOf("What its encoder is worth, as it learns"))
                .isPositive()
                .isLessThan(page.indexOf("<h2>The loss</h2>"));
        assertThat(page)
                .contains("k-NN 58.1% (untrained 21.6%, chance 12.9%).")
                .contains("<small>untrained 21.6%, chance 12.9%; k-NN, last of 3");
    }

    @Test
    void aRunThatHasNoProbeHasNoCurve() throws IOException {
        assertThat(page()).doesNotContain("as it learns", "class=\"worth\"");
    }

    @Test
    void thePictureIsWellFormed() throws Exception {
        String html = curve(0.25, 0.581).html(Optional.empty());
        Matcher svg = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html);
        var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        int pictures = 0;
        while (svg.find()) {
            assertThat(builder.parse(new InputSource(new StringReader(svg.group())))).isNotNull();
            pictures++;
        }
        assertThat(pictures).isEqualTo(3);
    }

    /// The page of a run with probes, the first of the untrained encoder.
    private String page(double... values) throws IOException {
        try (RunFolder folder =
                RunFolder.create(Files.createTempDirectory(runs, "").resolve("mae"))) {
            folder.writeRecipe("name: mae\n");
            folder.writeProvenance(MadeUpRun.provenance("mae", "world"));
            List<Measurement> steps = new ArrayList<>(MadeUpRun.steps(400));
            for (int i = 1; i < values.length; i++) {
                int at = Math.round(400f * i / (values.length - 1)) - 1;
                steps.set(at, steps.get(at).with(MadeUpRun.probe(values[i], values[0], 0.129)));
            }
            try (Measurements measurements = Measurements.open(folder.measurements())) {
                steps.forEach(measurements::append);
            }
            Result result =
                    Result.of(
                            Result.Status.FINISHED,
                            steps,
                            Result.Broken.NONE,
                            null,
                            "The budget is spent.");
            if (values.length > 0) {
                folder.writeUntrainedProbe(UNTRAINED);
                result = result.withUntrained(UNTRAINED);
            }
            folder.writeResult(result);
            RunPage.write(folder, List.of(), folder.page());
            return Files.readString(folder.page());
        }
    }
}
