package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.SplittableRandom;

class CropTest {

    @Test
    void aRandomCropLiesWithinTheImageAndItsRanges() {
        var random = new SplittableRandom(3);
        double meanShare = 0;
        for (int i = 0; i < 10_000; i++) {
            Box box = Crop.RandomResized.mae().box(500, 500, random);
            assertThat(box.x() + box.width()).isLessThanOrEqualTo(500);
            assertThat(box.y() + box.height()).isLessThanOrEqualTo(500);
            double ratio = (double) box.width() / box.height();
            assertThat(ratio).isBetween(0.74, 1.35);
            double share = box.width() * box.height() / 250_000.0;
            assertThat(share).isBetween(0.198, 1.002);
            meanShare += share / 10_000;
        }
        // 0.6 were every attempt to fit; large ones often do not.
        assertThat(meanShare).isCloseTo(0.55, within(0.03));
    }

    @Test
    void whenNothingFitsTheCentreIsTaken() {
        var random = new SplittableRandom(3);
        Box wide = Crop.RandomResized.mae().box(1000, 10, random);
        Box tall = Crop.RandomResized.mae().box(10, 1000, random);
        assertThat(wide).isEqualTo(new Box(493, 0, 13, 10));
        assertThat(tall).isEqualTo(new Box(0, 493, 10, 13));
    }

    @Test
    void aSinglePixelCanBeCropped() {
        Box box = Crop.RandomResized.mae().box(1, 1, new SplittableRandom(3));
        assertThat(box).isEqualTo(new Box(0, 0, 1, 1));
    }

    @Test
    void aClampedCropIsDrawnOnceAndCutToTheImage() {
        var random = new SplittableRandom(3);
        int full = 0;
        for (int i = 0; i < 1_000; i++) {
            Box box = Crop.Clamped.byol().box(500, 100, random);
            assertThat(box.x() + box.width()).isLessThanOrEqualTo(500);
            assertThat(box.y() + box.height()).isLessThanOrEqualTo(100);
            full += box.height() == 100 ? 1 : 0;
        }
        assertThat(full).isGreaterThan(700); // most are taller than the image, and wide
    }

    @Test
    void tensorFlowsDistortedBoxShowsATenthAtLeast() {
        var random = new SplittableRandom(3);
        double meanShare = 0;
        for (int i = 0; i < 10_000; i++) {
            Box box = Crop.DistortedBox.simClr().box(500, 375, random);
            assertThat(box.x() + box.width()).isLessThanOrEqualTo(500);
            assertThat(box.y() + box.height()).isLessThanOrEqualTo(375);
            double ratio = (double) box.width() / box.height();
            assertThat(ratio).isBetween(0.74, 1.35);
            double share = box.width() * box.height() / (500.0 * 375);
            assertThat(share).isBetween(0.1, 1.0);
            meanShare += share / 10_000;
        }
        // Uniform in height, not in area: smaller than torchvision's on average.
        assertThat(meanShare).isCloseTo(0.41, within(0.03));
    }

    @Test
    void aDistortedBoxThatNeverFitsIsTheWholeImage() {
        Box wide = Crop.DistortedBox.simClr().box(1000, 10, new SplittableRandom(3));
        assertThat(wide).isEqualTo(new Box(0, 0, 1000, 10));
    }

    @Test
    void aRandomSquareHasTheShorterSideAndLiesAnywhereAlongTheLonger() {
        var random = new SplittableRandom(3);
        int leftmost = 500;
        int rightmost = 0;
        for (int i = 0; i < 2_000; i++) {
            Box box = new Crop.RandomSquare().box(500, 375, random);
            assertThat(box).isEqualTo(new Box(box.x(), 0, 375, 375));
            leftmost = Math.min(leftmost, box.x());
            rightmost = Math.max(rightmost, box.x());
        }
        assertThat(leftmost).isZero();
        assertThat(rightmost).isEqualTo(125);
    }

    @Test
    void anySinglePixelCanBeCroppedByEachCrop() {
        for (Crop crop :
                List.of(Crop.Clamped.byol(), Crop.DistortedBox.simClr(), new Crop.RandomSquare())) {
            assertThat(crop.box(1, 1, new SplittableRandom(3))).isEqualTo(new Box(0, 0, 1, 1));
        }
    }

    @Test
    void theCentralCropIsTheMiddleSevenEighths() {
        Box box = Crop.Central.imageNet().box(320, 256, new SplittableRandom(3));
        assertThat(box).isEqualTo(new Box(48, 16, 224, 224));
    }

    @Test
    void aScaleOutOfRangeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Crop.RandomResized(0.5, 0.2, 1, 1))
                .withMessage(
                        "minScale is 0.5; write the least share of the image's area shown, above"
                                + " 0 and at most the greatest, 0.2");
    }

    @Test
    void aViewOfNoSizeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> View.mae(0))
                .withMessage("a view's size is 0; write its side in pixels, such as 224");
    }
}
