package dev.isoflop.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.golden.Golden;
import dev.isoflop.torch.LibTorch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Batches of images and captions.
class CaptionedTest {

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void captionsAreRowsOfWholeNumbersInTheOrderOfTheImages() {
        Captioned batch =
                Captioned.of(images(2), new int[][] {{4, 5, 6}, {7, 30_000, 0}}, new int[] {3, 2});
        assertThat(batch.ids().shape()).containsExactly(2, 3);
        assertThat(batch.ids().scalar_type().intern()).isEqualTo(ScalarType.Long);
        assertThat(Golden.doubles(batch.ids())).containsExactly(4, 5, 6, 7, 30_000, 0);
        assertThat(batch.lengths().shape()).containsExactly(2);
        assertThat(batch.lengths().scalar_type().intern()).isEqualTo(ScalarType.Long);
        assertThat(Golden.doubles(batch.lengths())).containsExactly(3, 2);
    }

    @Test
    void everyImageNeedsACaption() {
        assertRefused(
                new int[][] {{4, 5, 6}},
                new int[] {3},
                "ids has 1 captions and lengths 1 where there are 2 images");
    }

    @Test
    void captionsArePaddedToOneLength() {
        assertRefused(
                new int[][] {{4, 5, 6}, {7, 8}},
                new int[] {3, 2},
                "ids has captions of 3 and of 2 tokens; pad them to one length");
    }

    @Test
    void aCaptionWithoutTokensIsRefused() {
        assertRefused(
                new int[][] {{4, 5, 6}, {0, 0, 0}},
                new int[] {3, 0},
                "lengths has 0; a caption has between 1 and 3 tokens");
        assertRefused(
                new int[][] {{4, 5, 6}, {4, 5, 6}},
                new int[] {3, 4},
                "lengths has 4; a caption has between 1 and 3 tokens");
    }

    private static void assertRefused(int[][] ids, int[] lengths, String complaint) {
        assertThatThrownBy(() -> Captioned.of(images(2), ids, lengths))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(complaint);
    }

    private static Tensor images(long b) {
        return torch.rand(b, 3, 4, 4);
    }
}
