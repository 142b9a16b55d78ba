package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

class PixelsTest {

    private static final Raster GRADIENT = SampleFiles.gradient(40, 30);

    private static View central(int size, double flip) {
        return new View(size, new Crop.Central(1), Resampling.LIBTORCH_BICUBIC, flip, Colour.NONE);
    }

    private static Raster decoded(byte[] file) {
        try (Pixels pixels = Pixels.of("a file", new Encoded(file))) {
            return pixels.raster();
        } catch (BrokenImageException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertShows(Raster image, Raster expected, int tolerance) {
        assertThat(image.width()).isEqualTo(expected.width());
        assertThat(image.height()).isEqualTo(expected.height());
        for (int i = 0; i < image.rgb().length; i++) {
            assertThat(image.rgb()[i] & 0xff)
                    .as("byte %d", i)
                    .isCloseTo(expected.rgb()[i] & 0xff, within(tolerance));
        }
    }

    @Test
    void aJpegShowsItsPicture() {
        assertShows(decoded(SampleFiles.jpeg(GRADIENT)), GRADIENT, 12);
    }

    @Test
    void aPngIsExact() {
        byte[] file = SampleFiles.written("png", SampleFiles.buffered(GRADIENT));
        assertThat(decoded(file)).isEqualTo(GRADIENT);
    }

    @Test
    void aPngOfOursIsExact() {
        assertThat(decoded(Png.encode(GRADIENT))).isEqualTo(GRADIENT);
    }

    @Test
    void aWebpShowsItsPicture() {
        assertShows(decoded(SampleFiles.webp(GRADIENT)), GRADIENT, 20);
    }

    @Test
    void greyIsRepeatedInAllChannels() {
        var grey = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(1, 0, 0, 200);
        Raster image = decoded(SampleFiles.written("png", grey));
        assertThat(image.rgb()).startsWith(0, 0, 0, 200, 200, 200, 0, 0, 0);
    }

    @Test
    void sixteenBitsAreCutToEight() {
        var deep = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        deep.getRaster().setSample(1, 0, 0, 0xabcd);
        Raster image = decoded(SampleFiles.written("png", deep));
        assertThat(image.rgb()).containsExactly(0, 0, 0, 0xab, 0xab, 0xab);
    }

    @Test
    void paletteColoursAreLookedUp() {
        byte[] red = {10, (byte) 250};
        byte[] green = {20, 30};
        byte[] blue = {40, 50};
        var palette = new IndexColorModel(1, 2, red, green, blue);
        var image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
        image.getRaster().setSample(1, 0, 0, 1);
        Raster shown = decoded(SampleFiles.written("png", image));
        assertThat(shown.rgb()).containsExactly(10, 20, 40, 250, 30, 50);
    }

    @Test
    void transparencyIsDropped() {
        var image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x40c86432);
        Raster shown = decoded(SampleFiles.written("png", image));
        assertThat(shown.rgb()).containsExactly(200, 100, 50);
    }

    @Test
    void aCmykJpegShowsItsColours() throws IOException {
        byte[] file;
        try (InputStream in = PixelsTest.class.getResourceAsStream("cmyk.jpg")) {
            file = in.readAllBytes();
        }
        Raster image = decoded(file);
        int[] pillow = {235, 51, 69, 50, 172, 195}; // Pillow's, at (3, 3) and (12, 12)
        for (int c = 0; c < 3; c++) {
            assertThat(image.at(3, 3, c)).isCloseTo(pillow[c], within(2));
            assertThat(image.at(12, 12, c)).isCloseTo(pillow[3 + c], within(2));
        }
    }

    @Test
    void theRotationOfTheExifHeaderIsApplied() {
        byte[] upright = SampleFiles.jpeg(GRADIENT);
        Raster turned = decoded(SampleFiles.rotated(upright, 6)); // 90 degrees clockwise
        Raster expected = decoded(upright);
        assertThat(turned.width()).isEqualTo(30);
        assertThat(turned.height()).isEqualTo(40);
        for (int c = 0; c < 3; c++) {
            assertThat(turned.at(29, 0, c)).isEqualTo(expected.at(0, 0, c));
            assertThat(turned.at(29, 39, c)).isEqualTo(expected.at(39, 0, c));
            assertThat(turned.at(0, 0, c)).isEqualTo(expected.at(0, 29, c));
        }
    }

    @Test
    void aViewOfTheWholeIsTheNormalisedPicture() throws BrokenImageException {
        Raster square = SampleFiles.gradient(16, 16);
        View whole = central(16, 0);
        try (Pixels pixels = Pixels.of("a picture", square);
                Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 16 * 16);
            pixels.cut(whole, new SplittableRandom(1), new Canvas(), planes);
            for (int c = 0; c < 3; c++) {
                double expected =
                        (square.at(5, 9, c) / 255.0 - Normalisation.mean(c))
                                / Normalisation.deviation(c);
                float value = planes.getAtIndex(ValueLayout.JAVA_FLOAT, c * 256 + 9 * 16 + 5);
                assertThat(value).isCloseTo((float) expected, within(1e-6f));
            }
            assertThat(Normalisation.restore(planes, 16)).isEqualTo(square);
        }
    }

    @Test
    void aMirroredViewIsTheOtherReadBackwards() throws BrokenImageException {
        try (Pixels pixels = Pixels.of("a picture", GRADIENT);
                Arena arena = Arena.ofConfined()) {
            MemorySegment straight = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 8 * 8);
            MemorySegment mirrored = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 8 * 8);
            var random = new SplittableRandom(1);
            pixels.cut(central(8, 0), random, new Canvas(), straight);
            pixels.cut(central(8, 1), random, new Canvas(), mirrored);
            Raster a = Normalisation.restore(straight, 8);
            Raster b = Normalisation.restore(mirrored, 8);
            for (int x = 0; x < 8; x++) {
                assertThat(b.at(7 - x, 3, 0)).isEqualTo(a.at(x, 3, 0));
            }
        }
    }

    /// Pillow's filter, written as its definition says: weights of a = -0.5 whose support grows
    /// with the shrinking, normalised, rows first.
    @Test
    void resizingIsPillowsAntialiasedBicubic() throws BrokenImageException {
        var random = new SplittableRandom(7);
        byte[] rgb = new byte[3 * 61 * 47];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) random.nextInt(256);
        }
        var box = new Box(4, 3, 50, 41);
        var noise = new Raster(61, 47, rgb);
        Raster resized;
        try (Pixels pixels = Pixels.of("noise", noise)) {
            resized = pixels.square(box, 19);
        }
        double difference = 0;
        for (int y = 0; y < 19; y++) {
            for (int x = 0; x < 19; x++) {
                for (int c = 0; c < 3; c++) {
                    double exact = bicubic(noise, box, 19, x, y, c);
                    assertThat((double) resized.at(x, y, c)).isCloseTo(exact, within(1.5));
                    difference += Math.abs(resized.at(x, y, c) - exact);
                }
            }
        }
        assertThat(difference / (19 * 19 * 3)).isLessThan(0.5); // rounding alone is 0.25 to 0.4
    }

    private static double bicubic(Raster image, Box box, int side, int x, int y, int channel) {
        double[] across = weights(box.width(), side, x);
        double[] down = weights(box.height(), side, y);
        double sum = 0;
        for (int j = 0; j < box.height(); j++) {
            for (int i = 0; i < box.width(); i++) {
                if (across[i] != 0 && down[j] != 0) {
                    sum += across[i] * down[j] * image.at(box.x() + i, box.y() + j, channel);
                }
            }
        }
        return Math.clamp(sum, 0, 255);
    }

    private static double[] weights(int from, int to, int at) {
        double scale = (double) from / to;
        double stretch = Math.max(1, scale);
        double centre = (at + 0.5) * scale;
        double[] weights = new double[from];
        double sum = 0;
        for (int i = 0; i < from; i++) {
            double t = Math.abs((i + 0.5 - centre) / stretch);
            if (t < 1) {
                weights[i] = (1.5 * t - 2.5) * t * t + 1;
            } else if (t < 2) {
                weights[i] = ((-0.5 * t + 2.5) * t - 4) * t + 2;
            }
            sum += weights[i];
        }
        for (int i = 0; i < from; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    @Test
    void nativeMemoryDoesNotGrowFromImageToImage() throws BrokenImageException {
        byte[] file = SampleFiles.jpeg(GRADIENT);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 32 * 32);
            long before = 0;
            for (int i = 0; i < 50; i++) {
                try (Pixels pixels = Pixels.of("a file", new Encoded(file))) {
                    pixels.cut(View.mae(32), new SplittableRandom(i), new Canvas(), planes);
                }
                if (i == 10) {
                    before = Pointer.totalCount();
                }
            }
            assertThat(Pointer.totalCount()).isEqualTo(before);
        }
    }

    /// Threads that native code starts bear the name of the thread that caused them.
    @Test
    void cuttingStartsNoThreadsOfItsOwn() throws InterruptedException {
        Path tasks = Path.of("/proc/self/task");
        assumeTrue(Files.isDirectory(tasks), "this system does not list its threads in /proc");
        int threads = torch.get_num_threads(); // 1 where a test of small steps came first
        torch.set_num_threads(2);
        byte[] file = SampleFiles.jpeg(SampleFiles.gradient(1200, 900));
        var failure = new AtomicReference<Throwable>();
        Thread worker =
                Thread.ofPlatform()
                        .name("cutter")
                        .start(() -> {
                            try (Pixels pixels = Pixels.of("file", new Encoded(file));
                                    Arena arena = Arena.ofConfined()) {
                                MemorySegment planes = arena.allocate(3 * 384 * 384 * 4, 4);
                                for (View view : everyMethodsViews(384)) {
                                    pixels.cut(view, new SplittableRandom(1), new Canvas(), planes);
                                }
                                assertThat(named(tasks, "cutter")).isEqualTo(1);
                                torch.ones(1_000_000).add_(torch.ones(1_000_000));
                                assertThat(named(tasks, "cutter"))
                                        .as("another operator, to see that one would show")
                                        .isGreaterThan(1);
                            } catch (Throwable t) {
                                failure.set(t);
                            }
                        });
        worker.join();
        torch.set_num_threads(threads);
        assertThat(failure.get()).isNull();
    }

    private static List<View> everyMethodsViews(int size) {
        return List.of(
                View.mae(size),
                View.simClr(size),
                View.byolFirst(size),
                View.byolSecond(size),
                View.dinoGlobalFirst(size),
                View.dinoGlobalSecond(size),
                View.clip(size),
                View.supervised(size));
    }

    private static long named(Path tasks, String name) throws IOException {
        try (Stream<Path> threads = Files.list(tasks)) {
            long count = 0;
            for (Path thread : (Iterable<Path>) threads::iterator) {
                if (Files.readString(thread.resolve("comm")).strip().equals(name)) {
                    count++;
                }
            }
            return count;
        }
    }
}
