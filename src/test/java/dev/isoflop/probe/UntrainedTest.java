package dev.isoflop.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Objects;

/// The encoder that nobody trained.
class UntrainedTest {

    private static final VitShape SHAPE = new VitShape(32, 1, 2, 8, 32);

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    private static Vit like() {
        return new Vit(SHAPE, Positions.LEARNED, Vit.Pool.MEAN_OF_PATCHES, VitStyle.CLIP);
    }

    private static boolean same(Vit one, Vit other) {
        Map<String, Tensor> there = Parameters.named(other);
        return Parameters.named(one).entrySet().stream()
                .allMatch(e -> e.getValue().equal(Objects.requireNonNull(there.get(e.getKey()))));
    }

    @Test
    void itIsTheSameNetworkWhoseWeightsTheSeedDecides() {
        try (PointerScope _ = new PointerScope()) {
            Vit like = like();
            Vit twin = Untrained.of(like, 0);
            assertThat(Parameters.named(twin).keySet()).isEqualTo(Parameters.named(like).keySet());
            assertThat(twin.shape()).isEqualTo(SHAPE);
            assertThat(twin.pool()).isEqualTo(Vit.Pool.MEAN_OF_PATCHES);
            assertThat(twin.kind()).isEqualTo(Positions.LEARNED);
            assertThat(twin.style()).isEqualTo(VitStyle.CLIP);
            assertThat(same(twin, like)).as("the other's weights").isFalse();
            assertThat(same(twin, Untrained.of(like, 0))).as("the same seed").isTrue();
            assertThat(same(twin, Untrained.of(like, 1))).as("another seed").isFalse();
        }
    }

    @Test
    void whoDrawsAfterwardsDrawsWhatTheyWouldHaveDrawn() {
        try (PointerScope _ = new PointerScope()) {
            Vit like = like();
            torch.manual_seed(5);
            Tensor _ = torch.randn(3); // a normal that is drawn may leave another in store
            Tensor undisturbed = torch.randn(7);
            torch.manual_seed(5);
            Tensor _ = torch.randn(3);
            Vit _ = Untrained.of(like, 0);
            assertThat(torch.randn(7).equal(undisturbed)).isTrue();
        }
    }

    @Test
    void itIsNamedByAllThatDecidesItsShape() {
        try (PointerScope _ = new PointerScope()) {
            assertThat(Untrained.words(like()))
                    .isEqualTo(
                            "ViT-32x1x2/8 at 32, learned positions, mean of patches, quick gelu,"
                                    + " normed first, norms with epsilon 1.0E-5");
            assertThat(Untrained.words(new Vit(SHAPE)))
                    .isEqualTo("ViT-32x1x2/8 at 32, sine cosine positions, class token");
        }
    }
}
