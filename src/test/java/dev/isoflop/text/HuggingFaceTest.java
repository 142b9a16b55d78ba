package dev.isoflop.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Hugging Face's own tokenizers, a library in Rust, reads what is written here and finds the same
/// ids.
class HuggingFaceTest {

    /// Latin to Hebrew; more Latin and Greek, punctuation, currencies, arrows; Japanese; Chinese;
    /// Korean; private use and compatibility; emoji. Their tables are of an older Unicode: of what
    /// is newer, marks and punctuation differ.
    private static final List<Integer> LETTERS =
            Stream.of(
                            IntStream.range(0x1, 0x600),
                            IntStream.range(0x1e00, 0x2400),
                            IntStream.range(0x3000, 0x3400),
                            IntStream.range(0x4e00, 0x4f00),
                            IntStream.range(0xac00, 0xad00),
                            IntStream.range(0xf800, 0xfb00),
                            IntStream.range(0xfe00, 0x10000),
                            IntStream.range(0x1f300, 0x1fb00),
                            IntStream.range(0x20000, 0x20100))
                    .flatMap(IntStream::boxed)
                    .toList();

    @TempDir static Path temporary;

    @BeforeAll
    static void theirLibraryComesFromItsJarAlone() {
        System.setProperty("DJL_CACHE_DIR", temporary.toString());
        System.setProperty("DJL_OFFLINE", "true");
        System.setProperty("RUST_FLAVOR", "cpu");
    }

    @Test
    void anyCaptionHasTheIdsThatTheirLibraryFinds() throws IOException {
        List<String> captions = captions();
        Path file = temporary.resolve("tokenizer.json");
        Tokenizer ours = Tokenizer.train(captions, 3000);
        Files.write(file, ours.json());
        try (HuggingFaceTokenizer theirs = HuggingFaceTokenizer.newInstance(file)) {
            for (String caption : captions) {
                long[] expected = theirs.encode(caption).getIds();
                Tokens tokens = ours.encode(caption, expected.length);
                assertThat(Arrays.stream(tokens.ids()).asLongStream().toArray())
                        .as(caption)
                        .containsExactly(expected);
            }
        }
    }

    private static List<String> captions() {
        var captions = new ArrayList<String>();
        captions.add("A man rides a wave, on a surf-board; isn't he good? Yes!");
        captions.add("Ein Fahrrad über der Straße: 3,50 € (Öl: 99%)");
        captions.add("ΣΊΣΥΦΟΣ İstanbul naïve café e\u0301te\u0301 ﬁne Ⅷ ǅ");
        captions.add("北京的一只猫 in a garden ねこ 고양이");
        captions.add("tabs\tnew\nlines\r\nand\u00a0hard\u2003spaces\u200b\u0000 of\u0085no width");
        captions.add("👩\u200d👩\u200d👧 🥺 🫠 flags 🇩🇪 and «quotes» „more“ …");
        captions.add("x".repeat(150) + " y");
        captions.add("   ");
        LETTERS.forEach(c -> captions.add("a" + Character.toString(c) + "b"));
        return captions;
    }
}
