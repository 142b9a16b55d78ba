package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.zip.Deflater;

/// Every format is turned by the same metadata, those that Pillow's `exif_transpose` reads.
class OrientationTest {

    private static final Raster IMAGE = SampleFiles.gradient(40, 30);
    private static final String XMP_OF_PNG = "XML:com.adobe.xmp";

    private static Raster shown(byte[] file) {
        try (Pixels pixels = Pixels.of("a file", new Encoded(file))) {
            return pixels.raster();
        } catch (BrokenImageException e) {
            throw new AssertionError(e);
        }
    }

    /// By the definition of EXIF: where the picture's first row and first column are to be.
    private static Raster turned(Raster stored, int orientation) {
        boolean isUpright = orientation < 5;
        int w = isUpright ? stored.width() : stored.height();
        int h = isUpright ? stored.height() : stored.width();
        byte[] rgb = new byte[3 * w * h];
        int lastX = stored.width() - 1;
        int lastY = stored.height() - 1;
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                int[] from =
                        switch (orientation) {
                            case 2 -> new int[] {lastX - x, y};
                            case 3 -> new int[] {lastX - x, lastY - y};
                            case 4 -> new int[] {x, lastY - y};
                            case 5 -> new int[] {y, x};
                            case 6 -> new int[] {y, lastY - x};
                            case 7 -> new int[] {lastX - y, lastY - x};
                            case 8 -> new int[] {lastX - y, x};
                            default -> new int[] {x, y};
                        };
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (y * w + x) + c] = (byte) stored.at(from[0], from[1], c);
                }
            }
        }
        return new Raster(w, h, rgb);
    }

    private static byte[] png(String type, String content) {
        return SampleFiles.withChunk(Png.encode(IMAGE), type, content.getBytes(ISO_8859_1));
    }

    private static String asText(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private static String deflated(String text) {
        var out = new ByteArrayOutputStream();
        try (var deflater = new Deflater()) {
            deflater.setInput(text.getBytes(ISO_8859_1));
            deflater.finish();
            byte[] buffer = new byte[4096];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
        }
        return asText(out.toByteArray());
    }

    private static String xmp(int orientation) {
        return "<rdf:Description tiff:Orientation=\"%d\"/>".formatted(orientation);
    }

    private static String rawProfile(int orientation) {
        String digits =
                HexFormat.of().formatHex("Exif\0\0".getBytes(ISO_8859_1))
                        + HexFormat.of().formatHex(SampleFiles.exif(orientation));
        return "\nexif\n      32\n" + digits.substring(0, 36) + "\n" + digits.substring(36) + "\n";
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void exifTurnsEveryFormat(int orientation) {
        byte[] jpeg = SampleFiles.jpeg(IMAGE);
        assertThat(shown(SampleFiles.rotated(jpeg, orientation)))
                .isEqualTo(turned(shown(jpeg), orientation));

        byte[] exif = SampleFiles.exif(orientation);
        assertThat(shown(png("eXIf", asText(exif)))).isEqualTo(turned(IMAGE, orientation));

        byte[] webp = SampleFiles.webp(IMAGE);
        assertThat(shown(SampleFiles.withWebpChunk(webp, IMAGE, "EXIF", exif)))
                .isEqualTo(turned(shown(webp), orientation));
    }

    @Test
    void aRawProfileOfImageMagickTurnsAPng() {
        String profile = "Raw profile type exif\0";
        assertThat(shown(png("tEXt", profile + rawProfile(6)))).isEqualTo(turned(IMAGE, 6));
        assertThat(shown(png("zTXt", profile + "\0" + deflated(rawProfile(6)))))
                .isEqualTo(turned(IMAGE, 6));
    }

    @Test
    void xmpTurnsEveryFormat() {
        byte[] jpeg = SampleFiles.jpeg(IMAGE);
        String ofJpeg = "http://ns.adobe.com/xap/1.0/\0" + xmp(5);
        assertThat(shown(SampleFiles.withSegment(jpeg, 0xe1, ofJpeg.getBytes(ISO_8859_1))))
                .isEqualTo(turned(shown(jpeg), 5));

        byte[] webp = SampleFiles.webp(IMAGE);
        assertThat(
                        shown(
                                SampleFiles.withWebpChunk(
                                        webp, IMAGE, "XMP ", xmp(5).getBytes(ISO_8859_1))))
                .isEqualTo(turned(shown(webp), 5));

        assertThat(shown(png("iTXt", XMP_OF_PNG + "\0\0\0\0\0" + xmp(5))))
                .isEqualTo(turned(IMAGE, 5));
        assertThat(shown(png("iTXt", XMP_OF_PNG + "\0\1\0en\0xmp\0" + deflated(xmp(5)))))
                .as("compressed, with a language and the keyword in it")
                .isEqualTo(turned(IMAGE, 5));
        assertThat(
                        shown(
                                png(
                                        "iTXt",
                                        XMP_OF_PNG
                                                + "\0\0\0\0\0<tiff:Orientation>8</tiff:Orientation>")))
                .as("as exiftool writes it")
                .isEqualTo(turned(IMAGE, 8));
    }

    @Test
    void exifGoesBeforeXmpAndBeforeARawProfile() {
        byte[] both = png("iTXt", XMP_OF_PNG + "\0\0\0\0\0" + xmp(3));
        assertThat(shown(SampleFiles.withChunk(both, "eXIf", SampleFiles.exif(6))))
                .isEqualTo(turned(IMAGE, 6));
        byte[] raw = png("tEXt", "Raw profile type exif\0" + rawProfile(3));
        assertThat(shown(SampleFiles.withChunk(raw, "eXIf", SampleFiles.exif(6))))
                .isEqualTo(turned(IMAGE, 6));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 274, 65535})
    void anOrientationThatDoesNotExistTurnsNothing(int orientation) {
        assertThat(shown(png("eXIf", asText(SampleFiles.exif(orientation))))).isEqualTo(IMAGE);
    }

    @Test
    void metadataThatCannotBeReadTurnNothing() {
        String exif = asText(SampleFiles.exif(6));
        for (int length = 0; length < 20; length++) {
            assertThat(shown(png("eXIf", exif.substring(0, length)))).isEqualTo(IMAGE);
        }
        assertThat(shown(png("tEXt", "Raw profile type exif\0\nexif\n  5\nxyz\n")))
                .isEqualTo(IMAGE);
        assertThat(shown(png("zTXt", "Raw profile type exif\0"))).isEqualTo(IMAGE);
        assertThat(shown(png("zTXt", "Raw profile type exif\0\0abc"))).isEqualTo(IMAGE);
        assertThat(shown(png("iTXt", XMP_OF_PNG))).isEqualTo(IMAGE);
        assertThat(shown(png("iTXt", XMP_OF_PNG + "\0\1"))).isEqualTo(IMAGE);
        assertThat(shown(png("iTXt", XMP_OF_PNG + "\0\0\0\0\0tiff:Orientation=3")))
                .isEqualTo(IMAGE);
    }
}
