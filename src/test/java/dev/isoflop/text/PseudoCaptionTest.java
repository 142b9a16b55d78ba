package dev.isoflop.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.IntStream;

class PseudoCaptionTest {

    @Test
    void classesAreJoinedIntoTheSentenceOfThePaper() {
        assertThat(PseudoCaption.of(List.of("dog"))).isEqualTo("This is a photo of dog.");
        assertThat(PseudoCaption.of(List.of("fire_truck", "dog", "cat")))
                .isEqualTo("This is a photo of fire truck and dog and cat.");
    }

    @Test
    void ofSeveralNamesOfAClassTheFirstIsTaken() {
        assertThat(PseudoCaption.of(List.of("tench, Tinca tinca", "great_white_shark")))
                .isEqualTo("This is a photo of tench and great white shark.");
        assertThat(PseudoCaption.of(List.of(", "))).isEqualTo("This is a photo of , .");
    }

    @Test
    void eightLabelsAreNamedAndNoMore() {
        List<String> names = IntStream.rangeClosed(1, 9).mapToObj(i -> "c" + i).toList();
        assertThat(PseudoCaption.of(names))
                .isEqualTo(
                        "This is a photo of c1 and c2 and c3 and c4 and c5 and c6 and c7 and c8.");
    }

    @Test
    void eightLabelsAreNoSentenceOf55CharactersHoweverShortTheyAre() {
        List<String> names =
                IntStream.range(0, 8).mapToObj(i -> "abcdefgh".charAt(i) + "").toList();
        assertThat(PseudoCaption.of(names)).hasSize(55 + 8);
    }

    @Test
    void withoutAClassThereIsNoSentence() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PseudoCaption.of(List.of()))
                .withMessage("names is empty; a caption names 1 class or more");
    }
}
