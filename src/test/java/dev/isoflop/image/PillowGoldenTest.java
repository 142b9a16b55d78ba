package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.golden.Golden;
import dev.isoflop.image.PillowResize.Filter;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/// Resizing and the steps in 8 bits against Pillow and torchvision, byte for byte: the canvas is
/// the one that the loader's workers paint on.
class PillowGoldenTest {

    private static final Pattern IMAGE =
            Pattern.compile("256\\*U\\(seed,(\\d+),i\\)\\), HWC (\\d+)x(\\d+)x3");
    private static final Pattern BOX =
            Pattern.compile("top (\\d+) left (\\d+) height (\\d+) width (\\d+)");

    private final JsonNode golden = Golden.of("pil_ops");
    private final Raster picture = picture();
    private final Canvas canvas = new Canvas();

    private Raster picture() {
        MatchResult image =
                IMAGE.matcher(golden.get("image").asString()).results().findFirst().orElseThrow();
        int tensor = Integer.parseInt(image.group(1));
        int height = Integer.parseInt(image.group(2));
        int width = Integer.parseInt(image.group(3));
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.floor(256 * Golden.u(Golden.seed(golden), tensor, i));
        }
        return new Raster(width, height, rgb);
    }

    private Box whole() {
        return new Box(0, 0, picture.width(), picture.height());
    }

    private static void assertIs(String what, byte[] bytes, JsonNode expected) {
        int[] first = IntStream.range(0, 16).map(i -> bytes[i] & 0xff).toArray();
        int[] wanted =
                Arrays.stream(Golden.longs(expected.get("first16")))
                        .mapToInt(i -> (int) i)
                        .toArray();
        assertThat(first).as("first bytes of %s", what).isEqualTo(wanted);
        var crc = new CRC32();
        crc.update(bytes);
        assertThat(crc.getValue())
                .as("checksum of %s", what)
                .isEqualTo(expected.get("crc32").asLong());
    }

    private Raster resized(Box box, Filter filter, boolean mirrored, JsonNode expected) {
        int height = expected.get("shape").get(0).asInt();
        int width = expected.get("shape").get(1).asInt();
        try (Pixels pixels = Pixels.of("noise", picture)) {
            pixels.resize(box, filter, mirrored, width, height, canvas);
            return canvas.levels().raster();
        } catch (BrokenImageException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] after(Step step) {
        JsonNode shape = golden.get("hflip"); // whose shape is the picture's
        resized(whole(), Filter.BICUBIC, false, shape);
        canvas.levels().take(step);
        return canvas.levels().raster().rgb();
    }

    /// What a key ends in: 1.3 of `brightness1_3`.
    private static double figure(String key, String name) {
        return Double.parseDouble(key.substring(name.length()).replace('_', '.'));
    }

    private List<String> keys(String name) {
        List<String> keys =
                golden.propertyNames().stream().filter(key -> key.startsWith(name)).toList();
        assertThat(keys).isNotEmpty();
        return keys;
    }

    @Test
    void bicubicResizingIsPillows() {
        golden.get("bicubic")
                .properties()
                .forEach(size -> {
                    Raster resized = resized(whole(), Filter.BICUBIC, false, size.getValue());
                    assertIs("bicubic " + size.getKey(), resized.rgb(), size.getValue());
                });
    }

    @Test
    void bilinearResizingIsPillows() {
        golden.get("bilinear")
                .properties()
                .forEach(size -> {
                    Raster resized = resized(whole(), Filter.BILINEAR, false, size.getValue());
                    assertIs("bilinear " + size.getKey(), resized.rgb(), size.getValue());
                });
    }

    @Test
    void aPartIsResizedWithoutItsSurroundings() {
        MatchResult box =
                BOX.matcher(golden.get("crop_box_args").asString())
                        .results()
                        .findFirst()
                        .orElseThrow();
        int[] args = IntStream.rangeClosed(1, 4).map(i -> Integer.parseInt(box.group(i))).toArray();
        JsonNode expected = golden.get("crop_box_bicubic");
        Box part = new Box(args[1], args[0], args[3], args[2]);
        assertIs("the part", resized(part, Filter.BICUBIC, false, expected).rgb(), expected);
    }

    @Test
    void mirroringIsPillows() {
        JsonNode expected = golden.get("hflip");
        assertIs("hflip", resized(whole(), Filter.BICUBIC, true, expected).rgb(), expected);
    }

    @Test
    void brightnessIsPillows() {
        for (String key : keys("brightness")) {
            assertIs(key, after(new Step.Brightness(figure(key, "brightness"))), golden.get(key));
        }
    }

    @Test
    void contrastIsPillows() {
        for (String key : keys("contrast")) {
            assertIs(key, after(new Step.Contrast(figure(key, "contrast"))), golden.get(key));
        }
    }

    @Test
    void saturationIsPillows() {
        for (String key : keys("saturation")) {
            assertIs(key, after(new Step.Saturation(figure(key, "saturation"))), golden.get(key));
        }
    }

    @Test
    void hueIsTorchvisions() {
        for (String key : keys("hue")) {
            assertIs(key, after(new Step.Hue(figure(key, "hue"))), golden.get(key));
        }
    }

    @Test
    void solarisationIsPillows() {
        for (String key : keys("solarize")) {
            double threshold = figure(key, "solarize") / 255;
            assertIs(key, after(new Step.Solarise(threshold)), golden.get(key));
        }
    }

    @Test
    void greyIsPillows() {
        byte[] rgb = after(new Step.Grayscale());
        byte[] grey = new byte[rgb.length / 3];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = rgb[3 * i];
            assertThat(rgb[3 * i + 1]).isEqualTo(grey[i]);
            assertThat(rgb[3 * i + 2]).isEqualTo(grey[i]);
        }
        assertIs("grey", grey, golden.get("gray"));
    }

    @Test
    void blurIsPillowsThreeBoxes() {
        golden.get("gaussian_blur")
                .properties()
                .forEach(blur -> {
                    double sigma = Double.parseDouble(blur.getKey());
                    byte[] blurred = after(new Step.BoxBlur(sigma));
                    assertIs("blur " + blur.getKey(), blurred, blur.getValue());
                });
    }
}
