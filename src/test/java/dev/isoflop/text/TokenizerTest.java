package dev.isoflop.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

class TokenizerTest {

    private static final List<String> CAPTIONS =
            List.of(
                    "a red ring left of a blue star",
                    "a blue ring right of a red star",
                    "the largest star, and the larger ring",
                    "stars and rings; rings and stars");

    private static final Tokenizer TOKENIZER = Tokenizer.train(CAPTIONS, 60);

    private static List<String> pieces(Tokenizer tokenizer, String caption) {
        Tokens tokens = tokenizer.encode(caption, 40);
        return IntStream.of(tokens.ids()).limit(tokens.count()).mapToObj(tokenizer::piece).toList();
    }

    @Test
    void theLongestKnownPieceIsTakenFirst() {
        assertThat(pieces(TOKENIZER, "rings")).containsExactly("[CLS]", "rings", "[SEP]");
        assertThat(pieces(TOKENIZER, "starst")).containsExactly("[CLS]", "stars", "##t", "[SEP]");
    }

    @Test
    void aWordThatCannotBeCutIsUnknownAsAWhole() {
        assertThat(pieces(TOKENIZER, "a zebra star"))
                .containsExactly("[CLS]", "a", "[UNK]", "star", "[SEP]");
    }

    @Test
    void capitalsAccentsAndPunctuationAreTakenApart() {
        assertThat(TOKENIZER.encode("A RÉD, ring;", 20))
                .isEqualTo(TOKENIZER.encode("a red , ring ;", 20));
        assertThat(TOKENIZER.decode(TOKENIZER.encode("A RÉD, ring;", 20).ids()))
                .isEqualTo("a red, ring;");
    }

    @Test
    void aShortCaptionIsFilledUp() {
        Tokens tokens = TOKENIZER.encode("a star", 7);
        assertThat(tokens.count()).isEqualTo(4);
        assertThat(tokens.ids()).hasSize(7).endsWith(new int[] {0, 0, 0}).startsWith(2);
        assertThat(TOKENIZER.padding()).isZero();
    }

    @Test
    void aLongCaptionIsCutOffBeforeItsEnd() {
        Tokens tokens = TOKENIZER.encode("a red ring left of a blue star", 5);
        assertThat(tokens.count()).isEqualTo(5);
        assertThat(tokens.ids()).hasSize(5).endsWith(3);
        assertThat(TOKENIZER.decode(tokens.ids())).isEqualTo("a red ring");
        assertThat(TOKENIZER.encode("a star", 2).ids()).containsExactly(2, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TOKENIZER.encode("a star", 1))
                .withMessage("maxTokens is 1; it must be at least 2, for [CLS] and [SEP]");
    }

    @Test
    void aCaptionMayBeCutAtCharactersBeforeItIsCutIntoTokens() {
        String caption = "a red ring left of a blue star";
        for (int most : new int[] {0, 30, 31, 1000}) {
            assertThat(TOKENIZER.encode(caption, most, 20))
                    .isEqualTo(TOKENIZER.encode(caption, 20));
        }
        assertThat(TOKENIZER.encode(caption, 10, 20)).isEqualTo(TOKENIZER.encode("a red ring", 20));
        assertThat(TOKENIZER.encode(caption, 8, 20))
                .as("a word is read as far as it goes")
                .isEqualTo(TOKENIZER.encode("a red ri", 20));
        assertThat(TOKENIZER.encode(caption, 10, 4)).isEqualTo(TOKENIZER.encode("a red", 4));
    }

    @Test
    void aCharacterIsACodePointAndNeverCutInTwo() {
        String whale = "\uD83D\uDC33"; // one character in two chars
        assertThat(TOKENIZER.encode(whale + whale + " a", 2, 9))
                .isEqualTo(TOKENIZER.encode(whale + whale, 9));
        assertThat(TOKENIZER.encode(whale + " a star", 3, 9))
                .isEqualTo(TOKENIZER.encode(whale + " a", 9));
    }

    @Test
    void anEmptyCaptionIsNothingButItsEnds() {
        assertThat(pieces(TOKENIZER, " \t\n")).containsExactly("[CLS]", "[SEP]");
    }

    @Test
    void aSpecialTokenSpeltInACaptionIsText() {
        assertThat(IntStream.of(TOKENIZER.encode("a [SEP] star", 20).ids()).filter(id -> id == 3))
                .hasSize(1);
    }

    @Test
    void whatWasLearnedComesBack() {
        for (String caption : CAPTIONS) {
            assertThat(TOKENIZER.decode(TOKENIZER.encode(caption, 60).ids())).isEqualTo(caption);
        }
    }

    @Test
    void frequentPairsAreJoinedBeforeRareOnes() {
        List<String> corpus = new ArrayList<>(Collections.nCopies(10, "abab"));
        corpus.addAll(Collections.nCopies(3, "xyz"));
        Tokenizer tokenizer = Tokenizer.train(corpus, 5 + 6 + 4);
        assertThat(pieces(tokenizer, "abab")).containsExactly("[CLS]", "abab", "[SEP]");
        assertThat(pieces(tokenizer, "xyz")).containsExactly("[CLS]", "xy", "##z", "[SEP]");
    }

    @Test
    void aPairSeenOnceIsNotJoined() {
        Tokenizer tokenizer = Tokenizer.train(List.of("ab cd cd"), 100);
        assertThat(pieces(tokenizer, "ab cd")).containsExactly("[CLS]", "a", "##b", "cd", "[SEP]");
        assertThat(tokenizer.size()).as("no more could be learned").isEqualTo(5 + 4 + 1);
    }

    @Test
    void theSameCaptionsInAnyOrderGiveTheSameBytes() {
        List<String> shuffled = new ArrayList<>(CAPTIONS);
        Collections.shuffle(shuffled, new Random(3));
        assertThat(Tokenizer.train(shuffled, 60).json()).isEqualTo(TOKENIZER.json());
        assertThat(Tokenizer.train(shuffled, 60).fingerprint())
                .isEqualTo(TOKENIZER.fingerprint())
                .hasSize(64)
                .isNotEqualTo(Tokenizer.train(CAPTIONS.subList(0, 2), 60).fingerprint());
    }

    @Test
    void rareCharactersGiveWayWhenThereIsNoRoom() {
        List<String> corpus = new ArrayList<>(Collections.nCopies(10, "a b c"));
        corpus.add("北 京");
        Tokenizer tokenizer = Tokenizer.train(corpus, 8);
        assertThat(tokenizer.size()).isEqualTo(8);
        assertThat(pieces(tokenizer, "a 北")).containsExactly("[CLS]", "a", "[UNK]", "[SEP]");
    }

    @Test
    void aVocabularyOfNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.train(CAPTIONS, 5))
                .withMessage("size is 5; a vocabulary holds more than the 5 special tokens");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.train(List.of(" ", ""), 50))
                .withMessage("captions hold no words to learn a vocabulary from");
    }

    @Test
    void manyThreadsEncodeAlike() {
        Tokens alone = TOKENIZER.encode(CAPTIONS.getFirst(), 30);
        assertThat(
                        IntStream.range(0, 2000)
                                .parallel()
                                .mapToObj(_ -> TOKENIZER.encode(CAPTIONS.getFirst(), 30)))
                .containsOnly(alone);
    }
}
