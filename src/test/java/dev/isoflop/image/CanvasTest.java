package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;

import dev.isoflop.image.Colour.Arithmetic;
import dev.isoflop.image.Colour.Brightness;
import dev.isoflop.image.PillowResize.Filter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class CanvasTest {

    private static final int SIZE = 48;
    private static final Raster PICTURE = noise(70, 60);

    private static Raster noise(int width, int height) {
        var random = new SplittableRandom(5);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) random.nextInt(256);
        }
        return new Raster(width, height, rgb);
    }

    private static Raster grey() {
        Raster colours = noise(70, 60);
        byte[] rgb = colours.rgb().clone();
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = rgb[i - i % 3];
        }
        return new Raster(70, 60, rgb);
    }

    private static Colour everything(Arithmetic arithmetic, Colour.Kernel kernel) {
        return new Colour(
                arithmetic,
                new Colour.Jitter(1, Brightness.MULTIPLICATIVE, 0.4, 0.4, 0.4, 0.2),
                0,
                new Colour.Blur(1, kernel, 0.5, 1.5),
                new Colour.Solarise(1, 0.5));
    }

    private static View view(Colour colour) {
        return new View(SIZE, new Crop.Central(1), Resampling.PILLOW_BICUBIC, 0, colour);
    }

    private static float[] cut(Raster picture, View view, long seed, Canvas canvas) {
        try (Pixels pixels = Pixels.of("a picture", picture);
                Arena arena = Arena.ofConfined()) {
            int n = 3 * view.size() * view.size();
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, n);
            pixels.cut(view, new SplittableRandom(seed), canvas, planes);
            return planes.toArray(ValueLayout.JAVA_FLOAT);
        } catch (BrokenImageException e) {
            throw new AssertionError(e);
        }
    }

    private static Canvas holding(Raster picture) {
        var canvas = new Canvas();
        try (Pixels pixels = Pixels.of("a picture", picture)) {
            Box whole = new Box(0, 0, picture.width(), picture.height());
            pixels.resize(whole, Filter.BICUBIC, false, picture.width(), picture.height(), canvas);
        } catch (BrokenImageException e) {
            throw new AssertionError(e);
        }
        return canvas;
    }

    private static Raster painted(List<Step> steps, Arithmetic arithmetic) {
        Raster square = noise(SIZE, SIZE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * SIZE * SIZE);
            holding(square).paint(steps, arithmetic, planes);
            return Normalisation.restore(planes, SIZE);
        }
    }

    @Test
    void oneGeneratorGivesTheSameViewOnAnyCanvas() {
        var used = new Canvas();
        cut(noise(300, 200), View.dinoGlobalSecond(64), 3, used);
        cut(noise(300, 200), View.byolFirst(32), 4, used);
        for (View view : List.of(View.simClr(SIZE), View.dinoLocal(SIZE), View.clip(SIZE))) {
            float[] fresh = cut(PICTURE, view, 9, new Canvas());
            assertThat(cut(PICTURE, view, 9, used)).isEqualTo(fresh);
            assertThat(cut(PICTURE, view, 10, used)).isNotEqualTo(fresh);
        }
    }

    @Test
    void threadsWithCanvasesOfTheirOwnDoNotDisturbEachOther() throws Exception {
        List<float[]> alone = new ArrayList<>();
        var canvas = new Canvas();
        for (int seed = 0; seed < 40; seed++) {
            alone.add(cut(PICTURE, View.simClr(SIZE), seed, canvas));
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            List<Future<List<float[]>>> futures = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                futures.add(
                        pool.submit(() -> {
                            var own = new Canvas();
                            List<float[]> views = new ArrayList<>();
                            for (int seed = 0; seed < 40; seed++) {
                                views.add(cut(PICTURE, View.simClr(SIZE), seed, own));
                            }
                            return views;
                        }));
            }
            for (Future<List<float[]>> future : futures) {
                for (int seed = 0; seed < 40; seed++) {
                    assertThat(future.get().get(seed)).isEqualTo(alone.get(seed));
                }
            }
        }
    }

    @Test
    void aViewOfMaeIsTheResizedPartMirroredOrNotAndNormalised() throws BrokenImageException {
        View mae = View.mae(SIZE);
        for (long seed = 0; seed < 8; seed++) {
            var random = new SplittableRandom(seed);
            Box box = mae.crop().box(PICTURE.width(), PICTURE.height(), random);
            boolean mirrored = random.nextDouble() < 0.5;
            try (Pixels pixels = Pixels.of("a picture", PICTURE);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * SIZE * SIZE);
                MemorySegment rgb = MemorySegment.ofArray(pixels.square(box, SIZE).rgb());
                Normalisation.write(rgb, SIZE, mirrored, planes);
                assertThat(cut(PICTURE, mae, seed, new Canvas()))
                        .isEqualTo(planes.toArray(ValueLayout.JAVA_FLOAT));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsGreyStaysGreyThroughEveryStep(Arithmetic arithmetic) {
        for (Colour.Kernel kernel : Colour.Kernel.values()) {
            float[] planes = cut(grey(), view(everything(arithmetic, kernel)), 2, new Canvas());
            int n = SIZE * SIZE;
            for (int i = 0; i < n; i++) {
                double red = planes[i] * Normalisation.deviation(0) + Normalisation.mean(0);
                double blue =
                        planes[2 * n + i] * Normalisation.deviation(2) + Normalisation.mean(2);
                assertThat(red).isCloseTo(blue, within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutColourAllChannelsAreOne(Arithmetic arithmetic) {
        Raster shown = painted(List.of(new Step.Grayscale()), arithmetic);
        for (int i = 0; i < SIZE; i++) {
            assertThat(shown.at(i, i, 0)).isEqualTo(shown.at(i, i, 1)).isEqualTo(shown.at(i, i, 2));
        }
    }

    @ParameterizedTest
    @EnumSource
    void invertingEverythingTwiceGivesThePictureBack(Arithmetic arithmetic) {
        Step invert = new Step.Solarise(0);
        assertThat(painted(List.of(invert, invert), arithmetic)).isEqualTo(noise(SIZE, SIZE));
    }

    @ParameterizedTest
    @EnumSource
    void solarisingTwiceAtTheMiddleIsSolarisingOnce(Arithmetic arithmetic) {
        Step solarise = new Step.Solarise(0.5);
        assertThat(painted(List.of(solarise, solarise), arithmetic))
                .isEqualTo(painted(List.of(solarise), arithmetic))
                .isNotEqualTo(noise(SIZE, SIZE));
    }

    @ParameterizedTest
    @EnumSource
    void stepsThatChangeNothingLeaveThePictureAsItWas(Arithmetic arithmetic) {
        List<Step> steps =
                List.of(
                        new Step.Lighter(0),
                        new Step.Brightness(1),
                        new Step.Contrast(1),
                        new Step.Saturation(1),
                        new Step.Solarise(1.01),
                        new Step.GaussianBlur(1, 0),
                        new Step.BoxBlur(1e-6));
        assertThat(painted(steps, arithmetic)).isEqualTo(noise(SIZE, SIZE));
    }

    @Test
    void aTurnAndTheTurnBackGiveThePictureBackInFloats() {
        List<Step> steps = List.of(new Step.Hue(0.3), new Step.Hue(-0.3));
        assertThat(painted(steps, Arithmetic.FLOAT)).isEqualTo(noise(SIZE, SIZE));
    }

    @ParameterizedTest
    @EnumSource
    void brightnessIsAddedInEitherArithmetic(Arithmetic arithmetic) {
        Raster before = noise(SIZE, SIZE);
        Raster after = painted(List.of(new Step.Lighter(20.0 / 255)), arithmetic);
        for (int x = 0; x < SIZE; x++) {
            assertThat(after.at(x, 1, 2)).isEqualTo(Math.min(255, before.at(x, 1, 2) + 20));
        }
    }

    @Test
    void aGaussianDarkensTheBorderAndBoxesDoNot() {
        var bright = new Raster(SIZE, SIZE, new byte[3 * SIZE * SIZE]);
        java.util.Arrays.fill(bright.rgb(), (byte) 200);
        Canvas canvas = holding(bright);
        canvas.levels().take(new Step.BoxBlur(2));
        assertThat(canvas.levels().raster()).isEqualTo(bright);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * SIZE * SIZE);
            canvas.paint(List.of(new Step.GaussianBlur(2, 6)), Arithmetic.EIGHT_BIT, planes);
            Raster blurred = Normalisation.restore(planes, SIZE);
            assertThat(blurred.at(0, 0, 0)).isLessThan(80); // a corner keeps over a quarter
            assertThat(blurred.at(SIZE / 2, SIZE / 2, 0)).isEqualTo(200);
        }
    }

    @Test
    void tallPicturesAreResizedInBandsThatDoNotShow() throws BrokenImageException {
        Raster tall = noise(20, 1000);
        byte[] turned = new byte[tall.rgb().length];
        for (int y = 0; y < 1000; y++) {
            for (int x = 0; x < 20; x++) {
                for (int c = 0; c < 3; c++) {
                    turned[3 * (x * 1000 + y) + c] = (byte) tall.at(x, y, c);
                }
            }
        }
        Raster down = shrunk(tall, 20, 1000);
        Raster across = shrunk(new Raster(1000, 20, turned), 1000, 20);
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) { // the passes round in another order
                assertThat(down.at(x, y, 1)).isCloseTo(across.at(y, x, 1), within(2));
            }
        }
    }

    private static Raster shrunk(Raster picture, int width, int height)
            throws BrokenImageException {
        var canvas = new Canvas();
        try (Pixels pixels = Pixels.of("a picture", picture)) {
            pixels.resize(new Box(0, 0, width, height), Filter.BICUBIC, false, SIZE, SIZE, canvas);
        }
        return canvas.levels().raster();
    }

    @Test
    void libtorchsFilterIsPillowsUpToHundredthsOfALevel() throws BrokenImageException {
        Box whole = new Box(0, 0, PICTURE.width(), PICTURE.height());
        var canvas = new Canvas();
        double difference = 0;
        try (Pixels pixels = Pixels.of("a picture", PICTURE)) {
            pixels.resize(whole, Filter.BICUBIC, false, SIZE, SIZE, canvas);
            Raster exact = canvas.levels().raster();
            Raster fast = pixels.square(whole, SIZE);
            for (int i = 0; i < exact.rgb().length; i++) {
                difference += Math.abs((exact.rgb()[i] & 0xff) - (fast.rgb()[i] & 0xff));
            }
        }
        assertThat(difference / (3 * SIZE * SIZE)).isLessThan(0.1);
    }

    @Test
    void onceItHasGrownACanvasAllocatesNothingAPixel() throws BrokenImageException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var canvas = new Canvas();
        View view = View.simClr(224);
        long plane = 224 * 224 * (long) Double.BYTES;
        try (Pixels pixels = Pixels.of("a picture", noise(500, 375));
                Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 224 * 224);
            for (int seed = 0; seed < 20; seed++) {
                pixels.cut(view, new SplittableRandom(seed), canvas, planes);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int seed = 0; seed < 20; seed++) {
                pixels.cut(view, new SplittableRandom(seed), canvas, planes);
            }
            long each = (threads.getCurrentThreadAllocatedBytes() - before) / 20;
            assertThat(each).isLessThan(plane / 2);
        }
    }
}
