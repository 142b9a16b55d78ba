package dev.isoflop.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.data.loader.Item;
import dev.isoflop.text.Tokenizer;
import dev.isoflop.vit.TextShape;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

class CaptionReaderTest {

    private static final String CAPTION = "a red ring left of a blue star";
    private static final Tokenizer TOKENIZER = Tokenizer.train(List.of(CAPTION), 60);

    private static TextShape text(int maxCharacters) {
        return new TextShape(8, 1, 1, 8, 60, 16, 16, maxCharacters, TextShape.Pool.MEAN);
    }

    @Test
    void aRunReadsAsManyCharactersOfACaptionAsItsMethodSays() {
        Item item = new Item(3, "x", List.of(), List.of(CAPTION), List.of(), Optional.empty());
        assertThat(new CaptionReader(TOKENIZER, text(0), 1).tokens(item))
                .isEqualTo(TOKENIZER.encode(CAPTION, 16));
        assertThat(new CaptionReader(TOKENIZER, text(10), 1).tokens(item))
                .isEqualTo(TOKENIZER.encode("a red ring", 16));
    }
}
