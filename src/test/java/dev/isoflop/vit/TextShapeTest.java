package dev.isoflop.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.vit.TextShape.Pool;

import org.junit.jupiter.api.Test;

import java.util.List;

/// Sizes of text towers, beside those of Google's own.
class TextShapeTest {

    private static final TextShape SMALL = new TextShape(8, 2, 2, 24, 50, 16, 10, Pool.MEAN);

    @Test
    void miniAndMediumHaveTheParametersOfGoogles() {
        assertThat(TextShape.of("mini").parameters()).isEqualTo(11_170_560);
        assertThat(TextShape.of("medium").parameters()).isEqualTo(41_373_184);
    }

    @Test
    void theyAreMadeForTheCaptionsOfTheStudy() {
        for (String size : TextShape.SIZES) {
            assertThat(TextShape.of(size).maxTokens()).isEqualTo(55);
            assertThat(TextShape.of(size).maxCharacters()).as("all").isZero();
            assertThat(TextShape.of(size).vocabulary()).isEqualTo(30_522);
        }
    }

    @Test
    void anUnknownSizeIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> TextShape.of("tiny"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("textTower is \"tiny\"; write one of [mini, medium]");
    }

    @Test
    void aLargerVocabularyCostsParametersButNoProducts() {
        TextShape larger = new TextShape(8, 2, 2, 24, 51, 16, 10, Pool.MEAN);
        assertThat(larger.parameters()).isEqualTo(SMALL.parameters() + 8);
        assertThat(larger.work()).isEqualTo(SMALL.work());
    }

    @Test
    void onlyThePoolerCostsAProductAText() {
        TextShape first = new TextShape(8, 2, 2, 24, 50, 16, 10, Pool.FIRST_TOKEN);
        TextShape pooler = new TextShape(8, 2, 2, 24, 50, 16, 10, Pool.POOLER);
        assertThat(first.work().exact()).isEqualTo(SMALL.work().exact());
        assertThat(pooler.work().exact()).isEqualTo(SMALL.work().exact() + 2 * 8 * 8);
    }

    @Test
    void aSizeThatCannotBeIsRefused() {
        assertThat(
                        List.of(
                                complaint(0, 2, 2, 24, 50, 16, 10),
                                complaint(8, 0, 2, 24, 50, 16, 10),
                                complaint(8, 2, 3, 24, 50, 16, 10),
                                complaint(8, 2, 2, 0, 50, 16, 10),
                                complaint(8, 2, 2, 24, 0, 16, 10),
                                complaint(8, 2, 2, 24, 50, 0, 10),
                                complaint(8, 2, 2, 24, 50, 16, 1),
                                complaint(8, 2, 2, 24, 50, 16, 17)))
                .containsExactly(
                        "textWidth is 0; it must be at least 1",
                        "textDepth is 0; it must be at least 1",
                        "textHeads is 3; it must divide the text tower's width, 8",
                        "textHidden is 0; it must be at least 1",
                        "vocabulary is 0; it must be at least 1",
                        "textPositions is 0; it must be at least 1",
                        "maxTokens is 1; it must lie between 2 and the text tower's positions, 16",
                        "maxTokens is 17; it must lie between 2 and the text tower's positions,"
                                + " 16");
    }

    private static String complaint(int w, int depth, int heads, int f, int v, int p, int tokens) {
        try {
            return new TextShape(w, depth, heads, f, v, p, tokens, Pool.MEAN).toString();
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
