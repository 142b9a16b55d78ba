package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/// Pictures as SVG.
class PictureTest {

    private static Bars bars(double first) {
        return new Bars(
                "title",
                "caption <&>",
                "PFLOP",
                List.of("upper row", "lower row"),
                List.of(
                        new Bars.Group("one", List.of(first, 2.0)),
                        new Bars.Group("other", List.of(3.0, 4.25))));
    }

    private static Scatter scatter(double most, List<Scatter.Place> line) {
        return new Scatter(
                "title",
                "caption",
                "FLOP",
                "steps",
                Map.of("mae", List.of(new Scatter.Point(3, 0.02), new Scatter.Point(most, 5))),
                line);
    }

    /// What is written in a picture, in the order of its elements.
    private static List<String> texts(String svg) {
        return svg.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("<"))
                .toList();
    }

    /// Pixels from the top of the group that it stands in.
    private static double height(String svg, String text) {
        List<String> lines = svg.lines().map(String::strip).toList();
        List<String> above = lines.subList(0, lines.indexOf(text)).reversed();
        return above.stream()
                .filter(line -> line.startsWith("<g transform=\"translate(0.0 "))
                .mapToDouble(
                        line -> Double.parseDouble(line.replaceFirst("\\S+ \\S+ (\\S+).*", "$1")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void barsSayTheirNamesAndNumbersWithTheFirstRowOnTop() {
        String svg = bars(1.5).svg();
        assertThat(texts(svg))
                .contains("title", "caption &lt;&amp;&gt;", "PFLOP", "one", "other")
                .contains("1.50", "4.25");
        assertThat(height(svg, "upper row")).isLessThan(height(svg, "lower row"));
    }

    @Test
    void theSamePictureIsTheSameBytes() {
        assertThat(bars(1.5).svg()).isEqualTo(bars(1.5).svg());
    }

    @Test
    void picturesOnOnePageHaveNamesOfTheirOwn() {
        String id = bars(1.5).svg().replaceAll("(?s).*? id=\"(\\w+)-0\".*", "$1");
        assertThat(id).matches("p[0-9a-f]{8}");
        assertThat(bars(2.5).svg()).doesNotContain(id);
    }

    @Test
    void aGroupHasOneAmountForEachRow() {
        Bars.Group one = new Bars.Group("short", List.of(1.0));
        assertThatThrownBy(() -> new Bars("t", "c", "u", List.of("a", "b"), List.of(one)))
                .hasMessageContaining("short has 1 amounts for 2 rows");
    }

    @Test
    void pointsStandOnLogarithmicAxesWithPlainNumbers() {
        String svg = scatter(80, List.of()).svg();
        assertThat(texts(svg))
                .contains("mae", "FLOP", "steps", "5", "10", "20", "0.02", "0.1")
                .doesNotContain("100", "0.01");
    }

    @Test
    void manyDecadesHaveOnlyPowersOfTenAndLargeOnesAreShort() {
        assertThat(texts(scatter(3e9, List.of()).svg()))
                .contains("1e9", "1000")
                .doesNotContain("2e9", "2000");
    }

    @Test
    void aLineComesWithItsBand() {
        List<Scatter.Place> line =
                List.of(new Scatter.Place(3, 1, 0.5, 2), new Scatter.Place(80, 2, 1, 4));
        String with = scatter(80, line).svg();
        assertThat(with).contains("rgb(113,128,150)", "rgb(74,85,104)"); // band and line
        assertThat(scatter(80, List.of()).svg()).doesNotContain("rgb(74,85,104)");
    }
}
