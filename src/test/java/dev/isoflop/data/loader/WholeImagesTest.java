package dev.isoflop.data.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.World;
import dev.isoflop.image.Frame;
import dev.isoflop.image.Resampling;

import org.junit.jupiter.api.Test;

import java.util.Optional;

class WholeImagesTest {

    @Test
    void wholePicturesComeInOrderWithTheirOwnLabels() {
        World world = new World.Config(7, 40, 3).open();
        MaskLabels masks = MaskLabels.of(world);
        var settings = new WholeImages.Settings(20, 16, Resampling.PILLOW_BILINEAR, 2);
        try (var images = new WholeImages(world, masks, settings)) {
            for (int i = 0; i < 7; i++) {
                WholeImages.Image image = images.next().orElseThrow();
                assertThat(image.index()).isEqualTo(i);
                assertThat(image.name()).isEqualTo(world.nameOf(i));
                assertThat(image.width()).isEqualTo(40);
                Frame frame = image.whole().frame();
                assertThat(frame.width()).isEqualTo(20);
                assertThat(image.whole().width()).isEqualTo(32);
                assertThat(image.labels()).isEqualTo(masks.of(world.read(i).mask().orElseThrow()));
            }
            assertThat(images.next()).isEqualTo(Optional.empty());
            assertThat(images.broken()).isEmpty();
        }
    }

    @Test
    void someOfThemComeAlone() {
        World world = new World.Config(7, 40, 3).open();
        var settings = new WholeImages.Settings(0, 8, Resampling.PILLOW_BILINEAR, 2);
        try (var images = new WholeImages(world, MaskLabels.of(world), settings, 2, 4)) {
            assertThat(images.next()).map(WholeImages.Image::index).contains(2);
            WholeImages.Image last = images.next().orElseThrow();
            assertThat(last.index()).isEqualTo(3);
            assertThat(last.picture().rgb()).hasSize(3 * 40 * 40);
            assertThat(images.next()).isEmpty();
        }
    }
}
