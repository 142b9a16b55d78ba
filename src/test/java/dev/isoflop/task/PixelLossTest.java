package dev.isoflop.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import dev.isoflop.task.Segmentation.Average;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Masked;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PixelLossTest {

    private static final long MEAN = 1; // libtorch's number for it

    @BeforeAll
    static void load() {
        LibTorch.load();
        torch.manual_seed(5);
    }

    /// Labels of three images, a tenth of them missing.
    private static Tensor labels(int classes, int height, int width) {
        Tensor labels = torch.rand(3, height, width).mul(new Scalar(classes));
        Tensor missing = torch.rand(3, height, width).lt(new Scalar(0.1));
        return labels.to(ScalarType.Long).masked_fill(missing, new Scalar(Masked.IGNORED));
    }

    private static Tensor scores(int classes, int height, int width) {
        Tensor scores = torch.rand(3, classes, height, width).to(ScalarType.Double);
        scores.set_requires_grad(true);
        return scores;
    }

    @Test
    void lossGradientAndAccuracyAreThoseOfScoresEnlargedAtOnce() {
        Tensor labels = labels(40, 250, 310); // 9.3 million scores, and no whole number of strips
        Tensor at = scores(40, 16, 20);
        Tensor by = at.detach().clone();
        by.set_requires_grad(true);

        Tensor enlarged = Ops.bilinear(at, 250, 310);
        Tensor expected =
                cross_entropy_loss(enlarged, labels, new TensorOptional(), MEAN, Masked.IGNORED, 0);
        expected.backward();
        PixelLoss found = PixelLoss.of(by, labels, Average.VALID);
        found.mean().backward();

        assertThat(found.mean().item_double()).isCloseTo(expected.item_double(), within(1e-12));
        double apart = at.grad().sub(by.grad()).abs().max().item_double();
        assertThat(apart).isLessThan(1e-12 * at.grad().abs().max().item_double());
        Tensor right = enlarged.argmax(new LongOptional(1), false).eq(labels);
        double valid = labels.ne(new Scalar(Masked.IGNORED)).count_nonzero().item_double();
        assertThat(found.accuracy().item_double())
                .isCloseTo(right.count_nonzero().item_double() / valid, within(1e-6));
    }

    @Test
    void theGradientIsThatOfWhateverTheLossIsMultipliedBy() {
        Tensor labels = labels(4, 32, 32);
        Tensor once = scores(4, 4, 4);
        Tensor thrice = once.detach().clone();
        thrice.set_requires_grad(true);
        PixelLoss.of(once, labels, Average.ALL).mean().backward();
        PixelLoss.of(thrice, labels, Average.ALL).mean().mul(new Scalar(3)).backward();
        assertThat(thrice.grad().allclose(once.grad().mul(new Scalar(3)))).isTrue();
    }
}
