package dev.isoflop.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class TokenizerFileTest {

    /// As the tool that turned the published vocabularies into this format wrote them.
    private static final String PUBLISHED =
            """
            {
              "version": "1.0",
              "truncation": {"max_length": 512, "strategy": "LongestFirst", "stride": 0},
              "padding": null,
              "added_tokens": [
                {"id": 0, "special": true, "content": "[PAD]", "single_word": false},
                {"id": 4, "special": true, "content": "[MASK]", "single_word": false}
              ],
              "normalizer": {"type": "BertNormalizer", "clean_text": true,
                "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
              "pre_tokenizer": {"type": "BertPreTokenizer"},
              "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
              "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
              "model": {"unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 6,
                "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4,
                  "cafe": 5, "##s": 6, "a": 8, "Cafe": 7}}
            }
            """;

    @TempDir Path temporary;

    private Path file(String text) throws IOException {
        return Files.writeString(temporary.resolve("tokenizer.json"), text);
    }

    private String refusal(String text) throws IOException {
        try {
            Tokenizer.read(file(text));
            return "none";
        } catch (InputException e) {
            return String.valueOf(e.getMessage()).replace(temporary + "/", "");
        }
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        Tokenizer trained = Tokenizer.train(List.of("a star", "\"die Öl-Straße\" \\ 北京 😀"), 50);
        Path file = temporary.resolve("tokenizer.json");
        Files.write(file, trained.json());
        Tokenizer again = Tokenizer.read(file);
        assertThat(again.json()).isEqualTo(trained.json());
        assertThat(again.fingerprint()).isEqualTo(trained.fingerprint());
        assertThat(again.encode("a \"Straße\"", 30)).isEqualTo(trained.encode("a \"Straße\"", 30));
    }

    @Test
    void aPublishedFileIsRead() throws IOException {
        Tokenizer tokenizer = Tokenizer.read(file(PUBLISHED));
        assertThat(tokenizer.size()).isEqualTo(9);
        assertThat(tokenizer.encode("a Cafés", 6).ids()).containsExactly(2, 8, 5, 6, 3, 0);
        assertThat(tokenizer.encode("cafesss", 6).ids())
                .as("longer than max_input_chars_per_word")
                .containsExactly(2, 1, 3, 0, 0, 0);
    }

    @Test
    void aTokenizerThatMindsCapitalsDoesSo() throws IOException {
        Tokenizer tokenizer =
                Tokenizer.read(
                        file(PUBLISHED.replace("\"lowercase\": true", "\"lowercase\": false")));
        assertThat(tokenizer.encode("Cafe cafe café", 6).ids()).containsExactly(2, 7, 5, 1, 3, 0);
    }

    @Test
    void theFingerprintIsOfWhatCountsNotOfTheLayout() throws IOException {
        String print = Tokenizer.read(file(PUBLISHED)).fingerprint();
        String compact =
                PUBLISHED.replaceAll("\\s+", "").replace("\"max_length\":512", "\"max_length\":77");
        assertThat(Tokenizer.read(file(compact)).fingerprint()).isEqualTo(print);
        assertThat(Tokenizer.read(file(PUBLISHED.replace("##s", "##t"))).fingerprint())
                .isNotEqualTo(print);
    }

    @Test
    void aTruncatedFileIsNamedWithThePlace() throws IOException {
        assertThat(refusal(PUBLISHED.substring(0, 300)))
                .startsWith("tokenizer.json:9:")
                .contains("  is damaged: Unexpected end-of-input")
                .endsWith("; copy or make it again");
        assertThat(refusal("")).startsWith("tokenizer.json");
        assertThat(refusal("[PAD]\n[UNK]\n"))
                .startsWith("tokenizer.json:1:")
                .contains("is damaged");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path missing = temporary.resolve("missing.json");
        assertThat(catchThrowable(() -> Tokenizer.read(missing)))
                .hasMessage(missing + " does not exist; name a tokenizer.json of a BERT");
    }

    @Test
    void anotherFileOrModelIsRefused() throws IOException {
        assertThat(refusal("{\"do_lower_case\": true}"))
                .isEqualTo(
                        "tokenizer.json is no tokenizer: it has no model.vocab; name a"
                                + " tokenizer.json of a BERT");
        assertThat(refusal("{\"model\": {\"type\": \"BPE\", \"vocab\": {}, \"merges\": []}}"))
                .isEqualTo("tokenizer.json has the model.type BPE; WordPiece is read");
        assertThat(refusal(PUBLISHED.replace("BertPreTokenizer", "Whitespace")))
                .isEqualTo(
                        "tokenizer.json has the pre_tokenizer.type Whitespace; BertPreTokenizer is"
                                + " read");
        assertThat(refusal(PUBLISHED.replace("BertNormalizer", "NFKC")))
                .isEqualTo("tokenizer.json has the normalizer.type NFKC; BertNormalizer is read");
        assertThat(refusal(PUBLISHED.replace("BertProcessing", "RobertaProcessing")))
                .isEqualTo(
                        "tokenizer.json has the post_processor.type RobertaProcessing;"
                                + " TemplateProcessing and BertProcessing are read");
    }

    @Test
    void missingSpecialTokensAreNamed() throws IOException {
        assertThat(
                        refusal(
                                PUBLISHED
                                        .replace("\"[PAD]\": 0", "\"pad\": 0")
                                        .replace("\"[SEP]\": 3", "\"sep\": 3")))
                .isEqualTo(
                        "tokenizer.json has no [PAD], [SEP] in its vocabulary; captions need [PAD],"
                                + " [UNK], [CLS], [SEP]");
    }

    @Test
    void idsThatAreNotOneToAPieceAreRefused() throws IOException {
        assertThat(refusal(PUBLISHED.replace("\"a\": 8", "\"a\": 6")))
                .isEqualTo(
                        "tokenizer.json gives the id 6 to \"##s\" and to \"a\"; each piece needs"
                                + " its own");
        assertThat(refusal(PUBLISHED.replace("\"a\": 8", "\"a\": 9")))
                .isEqualTo("tokenizer.json gives \"a\" the id 9; ids of 9 pieces run from 0 to 8");
        assertThat(refusal(PUBLISHED.replace("\"a\": 8", "\"a\": \"x\"")))
                .isEqualTo(
                        "tokenizer.json gives \"a\" the id \"x\"; ids of 9 pieces run from 0 to 8");
        assertThat(refusal(PUBLISHED.replace("\"a\": 8", "\"a\": 8, \"a\": 9")))
                .startsWith("tokenizer.json:17:")
                .contains("is damaged: Duplicate Object property \"a\"");
    }

    @Test
    void aTokenBesideTheVocabularyIsRefused() throws IOException {
        assertThat(
                        refusal(
                                PUBLISHED.replace(
                                        "\"content\": \"[MASK]\"", "\"content\": \"<image>\"")))
                .isEqualTo(
                        "tokenizer.json adds \"<image>\" beside its vocabulary; tokens that are all"
                                + " in model.vocab are read");
    }
}
