package dev.isoflop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.isoflop.image.Colour.Arithmetic;
import dev.isoflop.image.Colour.Blur;
import dev.isoflop.image.Colour.Brightness;
import dev.isoflop.image.Colour.Jitter;
import dev.isoflop.image.Colour.Kernel;
import dev.isoflop.image.Colour.Solarise;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

class ColourTest {

    private static final int SEEDS = 4_000;

    private static Colour always() {
        return new Colour(
                Arithmetic.FLOAT,
                new Jitter(1, Brightness.MULTIPLICATIVE, 0.4, 0.3, 0.2, 0.1),
                1,
                new Blur(1, Kernel.GAUSSIAN, 0.5, 1.5),
                new Solarise(1, 0.7));
    }

    private static List<Step> drawn(Colour colour, long seed) {
        return colour.draw(new SplittableRandom(seed), 224);
    }

    private static double share(Colour colour, Predicate<Step> taken) {
        int count = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            if (drawn(colour, seed).stream().anyMatch(taken)) {
                count++;
            }
        }
        return (double) count / SEEDS;
    }

    private static void assertShare(View view, Class<? extends Step> kind, double expected) {
        double share = share(view.colour(), kind::isInstance);
        if (expected == 0 || expected == 1) {
            assertThat(share).isEqualTo(expected);
        } else {
            assertThat(share).isBetween(expected - 0.03, expected + 0.03);
        }
    }

    @Test
    void withSharesOfZeroNothingIsTaken() {
        assertThat(drawn(Colour.NONE, 1)).isEmpty();
    }

    @Test
    void withSharesOfOneEveryStepIsTakenJitterFirstThenGreyBlurAndSolarisation() {
        for (int seed = 0; seed < 100; seed++) {
            List<Step> steps = drawn(always(), seed);
            assertThat(steps).hasSize(7);
            assertThat(steps.subList(0, 4))
                    .extracting(Step::getClass)
                    .extracting(Class::getSimpleName)
                    .containsExactlyInAnyOrder("Brightness", "Contrast", "Saturation", "Hue");
            assertThat(steps.get(4)).isEqualTo(new Step.Grayscale());
            assertThat(steps.get(5)).isInstanceOf(Step.GaussianBlur.class);
            assertThat(steps.get(6)).isEqualTo(new Step.Solarise(0.7));
        }
    }

    @Test
    void jitterComesInAllOrders() {
        Set<List<String>> orders = new HashSet<>();
        for (int seed = 0; seed < 500; seed++) {
            orders.add(
                    drawn(always(), seed).subList(0, 4).stream()
                            .map(step -> step.getClass().getSimpleName())
                            .toList());
        }
        assertThat(orders).hasSize(24);
    }

    @Test
    void factorsLieAroundOneAndTurnsAroundZeroAsFarAsTheyMay() {
        for (int seed = 0; seed < 1_000; seed++) {
            for (Step step : drawn(always(), seed)) {
                switch (step) {
                    case Step.Brightness(double factor) -> assertThat(factor).isBetween(0.6, 1.4);
                    case Step.Contrast(double factor) -> assertThat(factor).isBetween(0.7, 1.3);
                    case Step.Saturation(double factor) -> assertThat(factor).isBetween(0.8, 1.2);
                    case Step.Hue(double turn) -> assertThat(turn).isBetween(-0.1, 0.1);
                    case Step.GaussianBlur(double sigma, int radius) -> {
                        assertThat(sigma).isBetween(0.5, 1.5);
                        assertThat(radius).isEqualTo(11); // 23 pixels at 224
                    }
                    case Step.Lighter _, Step.BoxBlur _ -> throw new AssertionError(step);
                    case Step.Grayscale _, Step.Solarise _ -> {}
                }
            }
        }
    }

    @Test
    void aFactorIsNeverNegativeHoweverStrongTheJitter() {
        var strong = new Jitter(1, Brightness.MULTIPLICATIVE, 3, 0, 0, 0);
        Colour colour =
                new Colour(Arithmetic.FLOAT, strong, 0, Colour.NONE.blur(), Colour.NONE.solarise());
        for (int seed = 0; seed < 200; seed++) {
            Step only = drawn(colour, seed).getFirst();
            assertThat(((Step.Brightness) only).factor()).isBetween(0.0, 4.0);
        }
    }

    @Test
    void oneGeneratorDrawsTheSameStepsAgain() {
        assertThat(drawn(Colour.simClr(), 7)).isEqualTo(drawn(Colour.simClr(), 7));
        assertThat(drawn(always(), 7)).isNotEqualTo(drawn(always(), 8));
    }

    @Test
    void whatIsNotTakenLeavesTheOtherDrawsAsTheyWere() {
        Colour unjittered =
                new Colour(
                        Arithmetic.FLOAT,
                        new Jitter(0, Brightness.MULTIPLICATIVE, 0.4, 0.3, 0, 0.1),
                        0,
                        always().blur(),
                        always().solarise());
        List<Step> all = drawn(always(), 3);
        assertThat(drawn(unjittered, 3)).isEqualTo(all.subList(5, 7));
    }

    @Test
    void simClrsViewsTakeTheStepsOfItsPaper() {
        View view = View.simClr(224);
        assertShare(view, Step.Hue.class, 0.8);
        assertShare(view, Step.Brightness.class, 0.8);
        assertShare(view, Step.Grayscale.class, 0.2);
        assertShare(view, Step.GaussianBlur.class, 0.5);
        assertShare(view, Step.Solarise.class, 0);
    }

    @Test
    void byolsViewsDifferInBlurAndSolarisation() {
        assertShare(View.byolFirst(224), Step.GaussianBlur.class, 1);
        assertShare(View.byolFirst(224), Step.Solarise.class, 0);
        assertShare(View.byolSecond(224), Step.GaussianBlur.class, 0.1);
        assertShare(View.byolSecond(224), Step.Solarise.class, 0.2);
        assertShare(View.byolSecond(224), Step.Lighter.class, 0.8); // brightness is added
        assertShare(View.byolSecond(224), Step.Brightness.class, 0);
    }

    @Test
    void dinosViewsDifferInBlurSolarisationAndCrop() {
        assertShare(View.dinoGlobalFirst(224), Step.BoxBlur.class, 1);
        assertShare(View.dinoGlobalFirst(224), Step.Solarise.class, 0);
        assertShare(View.dinoGlobalSecond(224), Step.BoxBlur.class, 0.1);
        assertShare(View.dinoGlobalSecond(224), Step.Solarise.class, 0.2);
        assertShare(View.dinoLocal(96), Step.BoxBlur.class, 0.5);
        assertShare(View.dinoLocal(96), Step.Solarise.class, 0);
        assertThat(View.dinoLocal(96).crop()).isEqualTo(Crop.RandomResized.of(0.05, 0.4));
        assertThat(View.dinoGlobalSecond(224).crop()).isEqualTo(Crop.RandomResized.of(0.4, 1));
    }

    @Test
    void maeClipAndSupervisedTrainingKeepColoursAsTheyAre() {
        for (View view : List.of(View.mae(8), View.clip(8), View.supervised(8), View.central(8))) {
            assertThat(view.colour()).isEqualTo(Colour.NONE);
        }
    }

    @Test
    void whatCannotBeDrawnFromIsRefusedByName() {
        Colour none = Colour.NONE;
        List<String> texts = new ArrayList<>();
        List<Runnable> bad =
                List.of(
                        () -> new Jitter(1.5, Brightness.ADDITIVE, 0, 0, 0, 0),
                        () -> new Jitter(1, Brightness.ADDITIVE, -1, 0, 0, 0),
                        () -> new Jitter(1, Brightness.ADDITIVE, 0, Double.NaN, 0, 0),
                        () -> new Jitter(1, Brightness.ADDITIVE, 0, 0, -0.1, 0),
                        () -> new Jitter(1, Brightness.ADDITIVE, 0, 0, 0, 0.6),
                        () ->
                                new Colour(
                                        Arithmetic.FLOAT,
                                        none.jitter(),
                                        -1,
                                        none.blur(),
                                        none.solarise()),
                        () -> new Blur(2, Kernel.BOXES, 1, 1),
                        () -> new Blur(1, Kernel.BOXES, 0, 1),
                        () -> new Blur(1, Kernel.BOXES, 1, 0.5),
                        () -> new Solarise(-0.5, 0.5),
                        () -> new Solarise(0.5, 128));
        for (Runnable made : bad) {
            assertThatIllegalArgumentException()
                    .isThrownBy(made::run)
                    .satisfies(e -> texts.add(e.getMessage()));
        }
        assertThat(texts)
                .containsExactly(
                        "jitter is 1.5; write a share from 0 to 1",
                        "brightness is -1.0; write how far it strays from unchanged, 0 or more,"
                                + " such as 0.4",
                        "contrast is NaN; write how far it strays from unchanged, 0 or more, such"
                                + " as 0.4",
                        "saturation is -0.1; write how far it strays from unchanged, 0 or more,"
                                + " such as 0.4",
                        "hue is 0.6; write how far hues turn, as a share of the circle from 0 to"
                                + " 0.5",
                        "grayscale is -1.0; write a share from 0 to 1",
                        "blur is 2.0; write a share from 0 to 1",
                        "blurMin is 0.0; write the least width of the blur in pixels, above 0",
                        "blurMax is 0.5; write the greatest width of the blur in pixels, at least"
                                + " blur-min, 1.0",
                        "solarise is -0.5; write a share from 0 to 1",
                        "solariseThreshold is 128.0; write a value from 0, black, to 1, white");
    }
}
