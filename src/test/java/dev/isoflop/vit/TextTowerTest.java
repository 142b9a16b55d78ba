package dev.isoflop.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.vit.TextShape.Pool;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a text tower makes of texts.
class TextTowerTest {

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @ParameterizedTest
    @EnumSource
    void whatPaddingIsMadeOfChangesNothing(Pool pool) {
        TextTower tower = tower(pool);
        double[] padded = embedded(tower, new double[] {7, 3, 9, 0, 0, 0}, 3);
        assertThat(embedded(tower, new double[] {7, 3, 9, 5, 1, 11}, 3)).isEqualTo(padded);
        assertThat(embedded(tower, new double[] {7, 3, 9, 5, 1, 11}, 4)).isNotEqualTo(padded);
    }

    @ParameterizedTest
    @EnumSource
    void everyTokenBeforeThePaddingCounts(Pool pool) {
        TextTower tower = tower(pool);
        double[] text = embedded(tower, new double[] {7, 3, 9, 0, 0, 0}, 3);
        assertThat(embedded(tower, new double[] {7, 3, 8, 0, 0, 0}, 3)).isNotEqualTo(text);
    }

    @ParameterizedTest
    @EnumSource
    void theOrderOfTokensCounts(Pool pool) {
        TextTower tower = tower(pool);
        double[] text = embedded(tower, new double[] {7, 3, 9, 2, 4, 5}, 6);
        assertThat(embedded(tower, new double[] {7, 9, 3, 2, 4, 5}, 6)).isNotEqualTo(text);
    }

    @Test
    void anIdOutOfTheVocabularyIsRefused() {
        TextTower tower = tower(Pool.MEAN);
        String remedy =
                "the vocabulary has 12 ids, 0 to 11: encode the texts with the tokenizer of"
                        + " this vocabulary";
        assertThatThrownBy(() -> embedded(tower, new double[] {7, 3, 12, 0, 0, 0}, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ids has 12; " + remedy);
        assertThatThrownBy(() -> embedded(tower, new double[] {7, -1, 0, 0, 0, 0}, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ids has -1; " + remedy);
    }

    @Test
    void aTextOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> embedded(tower(Pool.MEAN), new double[] {7, 3}, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ids has texts of 2 tokens; cut or pad them to 6");
    }

    private static TextTower tower(Pool pool) {
        torch.manual_seed(1);
        return new TextTower(new TextShape(16, 2, 2, 32, 12, 8, 6, pool));
    }

    private static double[] embedded(TextTower tower, double[] ids, int length) {
        Tensor text = Ops.tensor(ids, 1, ids.length).to(ScalarType.Long); // [1, T]
        Tensor lengths = Ops.tensor(new double[] {length}, 1).to(ScalarType.Long); // [1]
        return Golden.doubles(tower.forward(text, lengths));
    }
}
