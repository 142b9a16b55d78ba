package dev.isoflop.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;

import java.util.List;

/// A study is a recipe whose `vary` lists values.
class VariationsTest {

    @Test
    void everyCombinationIsARunTheLastKeyTurningFastest() {
        List<Table> runs =
                of(
                        """
                        name: mae-{encoder}-{budget}
                        method: {name: mae, mask-ratio: 0.75}
                        vary:
                          encoder: [B/16, L/16]
                          budget: [62500 steps, 125_000 steps]
                        """);
        assertThat(runs)
                .extracting(run -> run.text("name"))
                .containsExactly(
                        "mae-b-16-62500-steps",
                        "mae-b-16-125_000-steps",
                        "mae-l-16-62500-steps",
                        "mae-l-16-125_000-steps");
        assertThat(runs.getLast().text("encoder")).isEqualTo("L/16");
        assertThat(runs.getLast().table("method").real("mask-ratio")).isEqualTo(0.75);
        assertThat(runs.getLast().has("vary")).isFalse();
    }

    @Test
    void aKeyBelowATableVariesToo() {
        List<Table> runs =
                of(
                        """
                        name: r-{method.mask-ratio}
                        method: {name: mae, mask-ratio: 0.75}
                        vary: {method.mask-ratio: [0.55, 0.85]}
                        """);
        assertThat(runs)
                .extracting(run -> run.table("method").real("mask-ratio"))
                .containsExactly(0.55, 0.85);
        assertThat(runs)
                .allSatisfy(run -> assertThat(run.table("method").text("name")).isEqualTo("mae"));
    }

    private static final String SHOWN =
            """
            name: r-{encoder}-{budget}
            vary:
              encoder: [B/16, L/16]
              budget: [1 steps, 2 steps]
            figures:
              figure 1: {encoder: B/16}
              figure 2:
              table 1: {encoder: B/16, budget: [2 steps]}
            """;

    @Test
    void eachRunKnowsTheFiguresThatShowIt() {
        assertThat(of(SHOWN))
                .extracting(run -> run.texts("figures"))
                .containsExactly(
                        List.of("figure 1", "figure 2"),
                        List.of("figure 1", "figure 2", "table 1"),
                        List.of("figure 2"),
                        List.of("figure 2"));
    }

    @Test
    void aFigureThatShowsWhatNoRunHasIsAnError() {
        assertThatThrownBy(() -> of(SHOWN.replace("[2 steps]", "[3 steps]")))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith(
                        "  figures.table 1.budget is \"3 steps\", which no run has; known are \"1"
                                + " steps\", \"2 steps\"");
        assertThatThrownBy(() -> of(SHOWN.replace("{encoder: B/16}", "{batch: 4}")))
                .hasMessageContaining(
                        ":6:14  figures.figure 1.batch does not vary; known are encoder, budget");
        assertThatThrownBy(() -> of(SHOWN.replace("{encoder: B/16}", "all")))
                .hasMessageContaining("figures.figure 1 is \"all\"; write keys that vary");
    }

    @Test
    void aRecipeThatDoesNotVaryIsItsOwnOnlyRun() {
        assertThat(of("name: alone\n"))
                .extracting(run -> run.text("name"))
                .containsExactly("alone");
    }

    @Test
    void aRunIsTheSameRecipeWhenWrittenAndReadAgain() {
        Table run = of("name: x-{seed}\nvary: {seed: [1, 2]}\n").getLast();
        Table again = Table.parse("again", run.yaml());
        assertThat(again.text("name")).isEqualTo("x-2");
        assertThat(again.whole("seed")).isEqualTo(2);
    }

    @Test
    void runsOfTheSameNameAreRefused() {
        assertRefused(
                "name: x\nvary: {seed: [1, 2]}\n",
                "study.yaml:1:7  name is \"x\" for several runs; write a key that varies in braces,"
                        + " such as {seed}");
    }

    @Test
    void aNameThatAsksForWhatDoesNotVaryIsRefused() {
        assertRefused(
                "name: x-{sed}\nvary: {seed: [1, 2]}\n",
                "name has {sed}, which does not vary; known are seed");
    }

    @Test
    void whatVariesMustBeALists() {
        assertRefused(
                "name: x\nvary: {seed: 1}\n",
                "study.yaml:2:8  vary.seed is 1; write a list of values");
        assertRefused("name: x\nvary: 3\n", "vary is no table; write keys of the recipe below it");
    }

    private static void assertRefused(String yaml, String text) {
        assertThatThrownBy(() -> of(yaml))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(text);
    }

    private static List<Table> of(String yaml) {
        return Variations.of(Table.parse("study.yaml", yaml));
    }
}
