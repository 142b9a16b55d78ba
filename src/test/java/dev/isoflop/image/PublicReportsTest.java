package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files of public bug reports, which are not part of the project: skipped where they are not
/// beside it. Pictures are Pillow's (12.3, `exif_transpose`), at (3, 3).
class PublicReportsTest {

    private static final Path CASES = Path.of("../shared/cases");

    private static Encoded read(String file) throws IOException {
        assumeTrue(Files.isDirectory(CASES), CASES + " is not here");
        return new Encoded(Files.readAllBytes(CASES.resolve(file)));
    }

    @ParameterizedTest
    @CsvSource({
        "15-webp-exif-orientation/hopper_orientation_2.webp, 128, 128, 29, 24, 69",
        "15-webp-exif-orientation/hopper_orientation_3.webp, 128, 128, 29, 24, 65",
        "15-webp-exif-orientation/hopper_orientation_4.webp, 128, 128, 28, 24, 61",
        "16-png-orientation-xmp-rawprofile/exif_imagemagick_orientation.png, 512, 512, 255, 255,"
                + " 255",
        "16-png-orientation-xmp-rawprofile/xmp_tags_orientation.png, 326, 268, 216, 180, 126",
        "16-png-orientation-xmp-rawprofile/xmp_tags_orientation_exiftool.png, 10, 10, 255, 255,"
                + " 255",
        "18-jpeg-junk-between-segments-refused/junk-between.jpg, 256, 256, 172, 46, 117",
        "18-jpeg-junk-between-segments-refused/junk_jpeg_header.jpg, 1024, 768, 164, 203, 246",
        "18-jpeg-junk-between-segments-refused/photoshop-200dpi-broken.jpg, 200, 200, 187, 187,"
                + " 187",
        "18-jpeg-junk-between-segments-refused/truncated_app14.jpg, 100, 100, 231, 32, 25",
    })
    void theyAreShownAsByPillow(String file, int width, int height, int red, int green, int blue)
            throws IOException, BrokenImageException {
        try (Pixels pixels = Pixels.of(file, read(file))) {
            Raster shown = pixels.raster();
            assertThat(shown.width()).isEqualTo(width);
            assertThat(shown.height()).isEqualTo(height);
            assertThat(shown.at(3, 3, 0)).isCloseTo(red, within(2));
            assertThat(shown.at(3, 3, 1)).isCloseTo(green, within(2));
            assertThat(shown.at(3, 3, 2)).isCloseTo(blue, within(2));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "17-jpeg-mostly-grey-accepted/cut-then-eoi.jpg, 558",
        "17-jpeg-mostly-grey-accepted/hole.jpg, 1386",
    })
    void thoseThatAreGreyInPartAreDamaged(String file, long held) throws IOException {
        Encoded picture = read(file);
        assertThatExceptionOfType(BrokenImageException.class)
                .isThrownBy(() -> Pixels.of(file, picture))
                .satisfies(e ->
                        assertThat(e.reason())
                                .startsWith(
                                        "damaged: it holds %,d of its 1,536 blocks"
                                                .formatted(held)));
    }
}
