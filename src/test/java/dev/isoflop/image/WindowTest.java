package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

class WindowTest {

    private static final int DRAWS = 40_000; // a share of them strays by less than 0.01

    private static double share(long count) {
        return (double) count / DRAWS;
    }

    @Test
    void everyFactorIsDrawnAsOften() {
        var random = new SplittableRandom(7);
        Window window = new Window.Random(64, 0, 0.5, 2, 0.25);
        var widths = new TreeMap<Integer, Long>();
        for (int i = 0; i < DRAWS; i++) {
            Frame frame = window.frame(1000, 1000, 64, random);
            assertThat(frame.fills(64)).isTrue();
            widths.merge(frame.box().width(), 1L, Long::sum);
        }
        assertThat(widths.keySet())
                .as("64 pixels at 2, 1.75, 1.5, 1.25, 1, 0.75 and 0.5")
                .containsExactly(32, 37, 43, 51, 64, 85, 128);
        assertThat(widths.values())
                .allSatisfy(n -> assertThat(share(n)).isCloseTo(1.0 / 7, within(0.01)));
    }

    @Test
    void aWindowReachesEveryEdge() {
        var random = new SplittableRandom(7);
        Window window = new Window.Random(8, 0, 1, 1, 1);
        var seen = new TreeMap<String, Integer>();
        for (int i = 0; i < 1000; i++) {
            Box box = window.box(11, 9, random);
            seen.merge(box.x() + " " + box.y(), 1, Integer::sum);
        }
        assertThat(seen.keySet())
                .containsExactly("0 0", "0 1", "1 0", "1 1", "2 0", "2 1", "3 0", "3 1");
    }

    @Test
    void factorOneIsTheShorterSideOrAQuarterOfTheLonger() {
        var random = new SplittableRandom(7);
        assertThat(Window.Central.of(512).frame(683, 1024, 512, random))
                .as("683 pixels become 512")
                .isEqualTo(new Frame(new Box(0, 170, 683, 683), 512, 512));
        assertThat(Window.Central.of(512).frame(8192, 1024, 512, random))
                .as("8192 pixels become 2048, and 1024 become 256")
                .isEqualTo(new Frame(new Box(3072, 0, 2048, 1024), 512, 256));
        assertThat(new Window.Central(512, 0).frame(300, 700, 512, random))
                .as("as it is")
                .isEqualTo(new Frame(new Box(0, 94, 300, 512), 300, 512));
    }

    @Test
    void coloursHaveTheEffectiveSharesOfTheAuthorsFunction() {
        var random = new SplittableRandom(7);
        Colour colour = View.segmentation(64).colour();
        long jittered = 0;
        long grey = 0;
        long both = 0;
        for (int i = 0; i < DRAWS; i++) {
            List<Step> steps = colour.draw(random, 64);
            boolean isGrey = steps.stream().anyMatch(Step.Grayscale.class::isInstance);
            boolean isJittered = steps.stream().anyMatch(Step.Hue.class::isInstance);
            grey += isGrey ? 1 : 0;
            jittered += isJittered ? 1 : 0;
            both += isGrey && isJittered ? 1 : 0;
            assertThat(steps)
                    .noneMatch(Step.GaussianBlur.class::isInstance)
                    .noneMatch(Step.Solarise.class::isInstance);
            steps.forEach(step -> {
                if (step instanceof Step.Contrast(double factor)) {
                    assertThat(factor).isBetween(0.9, 1.1);
                }
                if (step instanceof Step.Lighter(double delta)) {
                    assertThat(delta).isBetween(-0.1, 0.1);
                }
            });
        }
        assertThat(share(jittered)).as("0.5 x 0.8").isCloseTo(0.4, within(0.01));
        assertThat(share(grey)).as("0.5 x 0.2").isCloseTo(0.1, within(0.01));
        assertThat(share(both)).as("0.5 x 0.8 x 0.2: one throw").isCloseTo(0.08, within(0.01));
    }

    @Test
    void withoutAThrowForBothTheDrawsAreWhatTheyWere() {
        Colour byol = Colour.byol(0.1, 0.2);
        Colour rare =
                new Colour(
                        byol.arithmetic(),
                        byol.jitter(),
                        byol.grayscale(),
                        byol.blur(),
                        byol.solarise(),
                        0.5);
        int kept = 0;
        for (int seed = 0; seed < 200; seed++) {
            List<Step> always = byol.draw(new SplittableRandom(seed), 64);
            List<Step> seldom = rare.draw(new SplittableRandom(seed), 64);
            if (seldom.equals(always)) {
                kept++;
            } else {
                assertThat(always).endsWith(seldom.toArray(Step[]::new));
                assertThat(seldom)
                        .allMatch(
                                s -> s instanceof Step.GaussianBlur || s instanceof Step.Solarise);
            }
        }
        assertThat(kept).isBetween(60, 140);
    }

    @Test
    void whatAPictureDoesNotFillIsTheMean() throws BrokenImageException {
        View view = View.segmentationCentral(32);
        Raster picture = SampleFiles.gradient(160, 40);
        try (Arena arena = Arena.ofConfined();
                Pixels pixels = Pixels.of("p", picture)) {
            MemorySegment planes = arena.allocate(3L * 32 * 32 * Float.BYTES, 64);
            planes.fill((byte) 1);
            View wide = new View(32, new Window.Central(32, 16), view.resampling(), 0, Colour.NONE);
            Shown shown = pixels.cut(wide, new SplittableRandom(1), new Canvas(), planes);
            assertThat(shown.frame()).isEqualTo(new Frame(new Box(40, 0, 80, 40), 32, 16));
            for (int y = 0; y < 32; y++) {
                for (int x = 0; x < 32; x++) {
                    float blue = planes.getAtIndex(ValueLayout.JAVA_FLOAT, 2048L + 32L * y + x);
                    double picturesBlue = (90 / 255.0 - 0.406) / 0.225;
                    assertThat((double) blue).isCloseTo(y < 16 ? picturesBlue : 0, within(1e-6));
                }
            }
        }
    }

    @Test
    void aWholePictureIsPaddedToAMultipleOfThePatch() throws BrokenImageException {
        Raster picture = SampleFiles.gradient(50, 40);
        try (Pixels pixels = Pixels.of("p", picture)) {
            Whole plain = pixels.whole(0, 16, Resampling.PILLOW_BILINEAR, new Canvas());
            assertThat(plain.width()).isEqualTo(64);
            assertThat(plain.height()).isEqualTo(48);
            assertThat(plain.frame()).isEqualTo(new Frame(new Box(0, 0, 50, 40), 50, 40));
            assertThat(plain.pixels()).hasSize(3 * 64 * 48);
            for (int y = 0; y < 48; y++) {
                for (int x = 0; x < 64; x++) {
                    double green =
                            x < 50 && y < 40 ? (picture.at(x, y, 1) / 255.0 - 0.456) / 0.224 : 0;
                    assertThat((double) plain.pixels()[64 * 48 + y * 64 + x])
                            .isCloseTo(green, within(1e-5));
                }
            }
            for (Resampling resampling : Resampling.values()) {
                Whole twice = pixels.whole(80, 16, resampling, new Canvas());
                assertThat(twice.frame()).isEqualTo(new Frame(new Box(0, 0, 50, 40), 100, 80));
                assertThat((double) twice.pixels()[2 * 112 * 80 + 79 * 112 + 99])
                        .isCloseTo((90 / 255.0 - 0.406) / 0.225, within(1e-5));
                assertThat(twice.pixels()[2 * 112 * 80 + 79 * 112 + 100]).isZero();
            }
        }
    }

    @Test
    void aWindowThatCannotBeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Window.Random(64, 64, 0.5, 2, 0.4))
                .withMessage(
                        "factorStep is 0.4; write a step that leads from 0.5 to 2.0, such as 0.25");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Window.Random(64, 64, 1, 0.5, 0.5))
                .withMessage("mostFactor is 0.5; write a factor of at least least-factor, 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Window.Central(64, -1))
                .withMessageStartingWith("base is -1; write the shorter side");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new View(
                                32,
                                Window.Central.of(64),
                                Resampling.PILLOW_BILINEAR,
                                0,
                                Colour.NONE))
                .withMessage("a window of 64 pixels does not fit a view of 32");
    }
}
