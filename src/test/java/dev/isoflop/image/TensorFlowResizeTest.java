package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// `tf-bicubic` against the definition of TensorFlow's `ResizeBicubic` with half-pixel centres.
class TensorFlowResizeTest {

    private static final double EXACT = 1e-12;

    private final Canvas canvas = new Canvas();

    private static Raster grey(int width, int... levels) {
        byte[] rgb = new byte[3 * levels.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) levels[i / 3];
        }
        return new Raster(width, levels.length / width, rgb);
    }

    private static Raster noise(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        new SplittableRandom(11).nextBytes(rgb);
        return new Raster(width, height, rgb);
    }

    private static Box whole(Raster picture) {
        return new Box(0, 0, picture.width(), picture.height());
    }

    /// A plane of the part, from 0 to 1.
    private double[] resized(
            Raster picture, Box box, boolean mirrored, int width, int height, int channel) {
        MemorySegment bytes = MemorySegment.ofArray(picture.rgb());
        canvas.resize(bytes, 3L * picture.width(), box, mirrored, width, height);
        return canvas.values().planes()[channel].clone();
    }

    /// Keys's cubic of a = -0.5.
    private static double cubic(double distance) {
        double x = Math.abs(distance);
        if (x >= 2) {
            return 0;
        }
        return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : -0.5 * (x * x * x - 5 * x * x + 8 * x - 4);
    }

    /// A value by the definition: all pixels of the part within two of the place, whose weights are
    /// divided by their sum.
    private static double defined(
            Raster picture, Box box, int width, int height, int x, int y, int channel) {
        double atX = onTable((x + 0.5) * box.width() / width - 0.5);
        double atY = onTable((y + 0.5) * box.height() / height - 0.5);
        double sum = 0;
        double weights = 0;
        for (int j = 0; j < box.height(); j++) {
            for (int i = 0; i < box.width(); i++) {
                double weight = cubic(i - atX) * cubic(j - atY);
                sum += weight * picture.at(box.x() + i, box.y() + j, channel) / 255;
                weights += weight;
            }
        }
        return Math.clamp(sum / weights, 0, 1);
    }

    /// Places are rounded to the steps of TensorFlow's table.
    private static double onTable(double place) {
        return Math.rint(place * 1024) / 1024;
    }

    @Test
    void aRowIsTensorFlows() {
        Raster row = grey(10, 0, 10, 40, 90, 160, 250, 200, 120, 60, 20);
        double[] expected = {5.725191, 105.625, 217.890625, 47.022901};
        double[] values = resized(row, whole(row), false, 4, 1, 0);
        for (int i = 0; i < expected.length; i++) {
            assertThat(values[i] * 255).isCloseTo(expected[i], within(5e-7));
        }
    }

    @Test
    void aColumnIsAsARow() {
        Raster column = grey(1, 0, 10, 40, 90, 160, 250, 200, 120, 60, 20);
        double[] values = resized(column, whole(column), false, 1, 4, 2);
        assertThat(values[0] * 255).isCloseTo(5.725191, within(5e-7));
        assertThat(values[3] * 255).isCloseTo(47.022901, within(5e-7));
    }

    /// Sides that divide 1024 keep places off the middle between two steps of the table.
    @Test
    void aPartIsResizedByTheDefinitionWithoutItsSurroundings() {
        Raster picture = noise(60, 50);
        for (Box box : List.of(whole(picture), new Box(5, 7, 41, 23), new Box(3, 2, 3, 1))) {
            for (int channel = 0; channel < 3; channel++) {
                double[] values = resized(picture, box, false, 16, 32, channel);
                for (int y = 0; y < 32; y++) {
                    for (int x = 0; x < 16; x++) {
                        assertThat(values[16 * y + x])
                                .as("%s, channel %d, (%d, %d)", box, channel, x, y)
                                .isCloseTo(
                                        defined(picture, box, 16, 32, x, y, channel),
                                        within(EXACT));
                    }
                }
            }
        }
    }

    @Test
    void theSameSizeIsThePictureItself() {
        Raster picture = noise(20, 10);
        double[] values = resized(picture, whole(picture), false, 20, 10, 1);
        for (int i = 0; i < 200; i++) {
            assertThat(values[i])
                    .isCloseTo((picture.rgb()[3 * i + 1] & 0xff) / 255.0, within(EXACT));
        }
    }

    @Test
    void mirroringReadsRowsBackwards() {
        Raster picture = noise(30, 20);
        double[] straight = resized(picture, whole(picture), false, 8, 6, 0);
        double[] mirrored = resized(picture, whole(picture), true, 8, 6, 0);
        for (int i = 0; i < 48; i++) {
            assertThat(mirrored[i]).isEqualTo(straight[i - i % 8 + 7 - i % 8]);
        }
    }

    /// Stripes of one pixel, shrunk to a third: each place falls on a pixel, black or white. An
    /// antialiased filter makes grey of them.
    @Test
    void shrinkingIsNotAntialiased() {
        int[] stripes = new int[18];
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = i % 2 == 0 ? 0 : 255;
        }
        Raster picture = grey(18, stripes);
        assertThat(resized(picture, whole(picture), false, 6, 1, 0)).startsWith(1, 0, 1, 0, 1, 0);
    }

    @Test
    void whatOvershootsIsClipped() {
        Raster edge = grey(4, 0, 0, 255, 255);
        double[] values = resized(edge, whole(edge), false, 16, 1, 0);
        for (int i = 0; i < 16; i++) {
            assertThat(values[i]).isBetween(0.0, 1.0);
        }
        assertThat(values[2]).as("below black").isZero();
        assertThat(values[13]).as("above white").isEqualTo(1);
    }

    @Test
    void anAreaOfOneColourStaysSo() {
        Raster picture = grey(7, new int[49]);
        Arrays.fill(picture.rgb(), (byte) 77);
        double[] values = resized(picture, whole(picture), false, 24, 24, 0);
        for (int i = 0; i < 24 * 24; i++) {
            assertThat(values[i]).isCloseTo(77 / 255.0, within(EXACT));
        }
    }

    /// From the decoded bytes to the network's floats, values are rounded nowhere.
    @Test
    void aViewIsOneChainOfFloats() throws BrokenImageException {
        Raster picture = noise(50, 40);
        View view = new View(16, new Crop.Central(1), Resampling.TF_BICUBIC, 0, Colour.NONE);
        Box box = new Box(5, 0, 40, 40);
        try (Pixels pixels = Pixels.of("noise", picture);
                Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 16 * 16);
            pixels.cut(view, new SplittableRandom(1), canvas, planes);
            for (int c = 0; c < 3; c++) {
                for (int i = 0; i < 256; i++) {
                    double value = defined(picture, box, 16, 16, i % 16, i / 16, c);
                    double expected = (value - Normalisation.mean(c)) / Normalisation.deviation(c);
                    assertThat(planes.getAtIndex(ValueLayout.JAVA_FLOAT, 256 * c + i))
                            .isCloseTo((float) expected, within(1e-6f));
                }
            }
        }
    }

    @Test
    void coloursGoOnFromTheResizedFloats() throws BrokenImageException {
        Raster picture = noise(50, 40);
        Box box = new Box(5, 0, 40, 40);
        canvas.resize(MemorySegment.ofArray(picture.rgb()), 150, box, false, 16, 16);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 16 * 16);
            canvas.paint(List.of(new Step.Brightness(0.5)), Colour.Arithmetic.FLOAT, planes);
            double value = defined(picture, box, 16, 16, 3, 9, 1) / 2;
            double expected = (value - Normalisation.mean(1)) / Normalisation.deviation(1);
            assertThat(planes.getAtIndex(ValueLayout.JAVA_FLOAT, 256 + 9 * 16 + 3))
                    .isCloseTo((float) expected, within(1e-6f));
        }
    }

    @Test
    void stepsOfEightBitsRoundTheResizedFloatsFirst() {
        Raster picture = noise(50, 40);
        Box box = whole(picture);
        canvas.resize(MemorySegment.ofArray(picture.rgb()), 150, box, false, 16, 16);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 16 * 16);
            canvas.paint(List.of(new Step.Solarise(2)), Colour.Arithmetic.EIGHT_BIT, planes);
            long level = Math.round(255 * defined(picture, box, 16, 16, 3, 9, 1));
            double expected = (level / 255.0 - Normalisation.mean(1)) / Normalisation.deviation(1);
            assertThat(planes.getAtIndex(ValueLayout.JAVA_FLOAT, 256 + 9 * 16 + 3))
                    .isCloseTo((float) expected, within(1e-6f));
        }
    }
}
