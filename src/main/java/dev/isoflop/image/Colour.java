package dev.isoflop.image;

import dev.isoflop.fault.Check;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// What chance does to a view's colours: jitter, grey, blur, solarise, in this order.
///
/// It is data, and drawing from it is pure: {@link #draw} says which {@link Step}s a view takes,
/// {@link Canvas} takes them.
///
/// @param arithmetic in which values the steps reckon
/// @param jitter random brightness, contrast, saturation and hue
/// @param grayscale how often colour is taken away, as a share
/// @param blur random blur
/// @param solarise random inversion of bright values
/// @param apply how often jitter and grey may happen at all, as a share: BYOL's `apply_prob`, one
///   throw for both
public record Colour(
        Arithmetic arithmetic,
        Jitter jitter,
        double grayscale,
        Blur blur,
        Solarise solarise,
        double apply) {

    /// Colours as they are.
    public static final Colour NONE =
            new Colour(
                    Arithmetic.FLOAT,
                    new Jitter(0, Brightness.MULTIPLICATIVE, 0, 0, 0, 0),
                    0,
                    new Blur(0, Kernel.GAUSSIAN, 0.1, 2),
                    new Solarise(0, 0.5));

    /// In which values the steps reckon; in a recipe `float` or `eight-bit`.
    public enum Arithmetic {
        /// Values from 0 to 1, clipped after each step: TensorFlow's and JAX's image operators.
        FLOAT,
        /// Levels from 0 to 255, cut to whole numbers after each step: Pillow's and torchvision's.
        EIGHT_BIT
    }

    /// What jitter does to brightness.
    public enum Brightness {
        /// All values times `1 - b` to `1 + b`.
        MULTIPLICATIVE,
        /// `-b` to `b` added to all values.
        ADDITIVE
    }

    /// What a blur averages with.
    public enum Kernel {
        /// A Gaussian, cut off at a twentieth of the view's side (23 pixels wide at 224), with
        /// black around the view: SimCLR's and BYOL's. Always in floats.
        GAUSSIAN,
        /// Three boxes of fractional width in turn: Pillow's approximation. Always in 8 bits.
        BOXES
    }

    /// Random brightness, contrast, saturation and hue, in random order.
    ///
    /// @param share of views that are jittered
    /// @param kind what brightness does
    /// @param brightness how far from unchanged
    /// @param contrast its factor is drawn from `1 - contrast` (at least 0) to `1 + contrast`
    /// @param saturation its factor is drawn likewise
    /// @param hue the turn is drawn from `-hue` to `hue` of the circle
    public record Jitter(
            double share,
            Brightness kind,
            double brightness,
            double contrast,
            double saturation,
            double hue) {

        private static final int KINDS = 4;

        public Jitter {
            Range.share("jitter", share);
            Range.strength("brightness", brightness);
            Range.strength("contrast", contrast);
            Range.strength("saturation", saturation);
            Check.that(
                    hue >= 0 && hue <= 0.5,
                    "hue is %s; write how far hues turn, as a share of the circle from 0 to 0.5",
                    hue);
        }

        /// Whether, the order, then the factors in the order of the components: always all, so that
        /// a change of one setting leaves the other draws as they were.
        private void draw(RandomGenerator random, List<Step> steps) {
            boolean jittered = random.nextDouble() < share;
            int[] order = new int[KINDS];
            for (int i = 1; i < KINDS; i++) { // Fisher and Yates, from the inside out
                int j = random.nextInt(i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            Step[] kinds = {
                switch (kind) {
                    case MULTIPLICATIVE -> new Step.Brightness(factor(random, brightness));
                    case ADDITIVE ->
                            new Step.Lighter(Range.between(random, -brightness, brightness));
                },
                new Step.Contrast(factor(random, contrast)),
                new Step.Saturation(factor(random, saturation)),
                new Step.Hue(Range.between(random, -hue, hue))
            };
            double[] strengths = {brightness, contrast, saturation, hue};
            for (int next : order) {
                if (jittered && strengths[next] > 0) {
                    steps.add(kinds[next]);
                }
            }
        }

        private static double factor(RandomGenerator random, double strength) {
            return Range.between(random, Math.max(0, 1 - strength), 1 + strength);
        }
    }

    /// Random blur.
    ///
    /// @param share of views that are blurred
    /// @param kernel what is averaged with
    /// @param leastSigma in pixels; the width is uniform from this
    /// @param mostSigma in pixels; to this
    public record Blur(double share, Kernel kernel, double leastSigma, double mostSigma) {

        private static final int SIDES_A_WIDTH = 10; // the official kernel: a tenth of the side

        public Blur {
            Range.share("blur", share);
            Check.that(
                    leastSigma > 0 && leastSigma < Double.POSITIVE_INFINITY,
                    "blurMin is %s; write the least width of the blur in pixels, above 0",
                    leastSigma);
            Check.that(
                    mostSigma >= leastSigma && mostSigma < Double.POSITIVE_INFINITY,
                    "blurMax is %s; write the greatest width of the blur in pixels, at least"
                            + " blur-min, %s",
                    mostSigma,
                    leastSigma);
        }

        /// Whether, then how wide; always both.
        private void draw(RandomGenerator random, int size, List<Step> steps) {
            boolean blurred = random.nextDouble() < share;
            double sigma = Range.between(random, leastSigma, mostSigma);
            if (blurred) {
                steps.add(
                        switch (kernel) {
                            case GAUSSIAN -> new Step.GaussianBlur(sigma, size / SIDES_A_WIDTH / 2);
                            case BOXES -> new Step.BoxBlur(sigma);
                        });
            }
        }
    }

    /// Random inversion of bright values.
    ///
    /// @param share of views that are solarised
    /// @param threshold values from here on are inverted; 0 black to 1 white, 0.5 for Pillow's 128
    public record Solarise(double share, double threshold) {

        public Solarise {
            Range.share("solarise", share);
            Check.that(
                    threshold >= 0 && threshold <= 1,
                    "solariseThreshold is %s; write a value from 0, black, to 1, white",
                    threshold);
        }

        private void draw(RandomGenerator random, List<Step> steps) {
            if (random.nextDouble() < share) {
                steps.add(new Step.Solarise(threshold));
            }
        }
    }

    public Colour {
        Range.share("grayscale", grayscale);
        Range.share("apply", apply);
    }

    /// Jitter and grey that each have their own share and no other.
    public Colour(
            Arithmetic arithmetic, Jitter jitter, double grayscale, Blur blur, Solarise solarise) {
        this(arithmetic, jitter, grayscale, blur, solarise, 1);
    }

    /// SimCLR's at strength 1, for both views, of the authors' `data_util.py`: brightness
    /// multiplies, as their version 2 has it.
    public static Colour simClr() {
        return new Colour(
                Arithmetic.FLOAT,
                new Jitter(0.8, Brightness.MULTIPLICATIVE, 0.8, 0.8, 0.8, 0.2),
                0.2,
                new Blur(0.5, Kernel.GAUSSIAN, 0.1, 2),
                new Solarise(0, 0.5));
    }

    /// BYOL's, of the authors' `augmentations.py`: brightness is added, and the views differ in
    /// blur and solarisation.
    ///
    /// @param blur share of views blurred: 1 of the first, 0.1 of the second
    /// @param solarise share of views solarised: 0 of the first, 0.2 of the second
    public static Colour byol(double blur, double solarise) {
        return new Colour(
                Arithmetic.FLOAT,
                new Jitter(0.8, Brightness.ADDITIVE, 0.4, 0.4, 0.2, 0.1),
                0.2,
                new Blur(blur, Kernel.GAUSSIAN, 0.1, 2),
                new Solarise(solarise, 0.5));
    }

    /// BYOL's function with the settings of Koppula et al. 2022 (A.4) for segmentation: brightness,
    /// contrast, saturation and hue 0.1, `apply_prob` 0.5. The function's other defaults stay: of
    /// those views, 0.8 are jittered and 0.2 turned grey, so 0.4 and 0.1 of all.
    public static Colour segmentation() {
        return new Colour(
                Arithmetic.FLOAT,
                new Jitter(0.8, Brightness.ADDITIVE, 0.1, 0.1, 0.1, 0.1),
                0.2,
                new Blur(0, Kernel.GAUSSIAN, 0.1, 2),
                new Solarise(0, 0.5),
                0.5);
    }

    /// DINO's, of the authors' `main_dino.py`, in torchvision's and Pillow's arithmetic.
    ///
    /// @param blur share of views blurred: 1 of the first global, 0.1 of the second, 0.5 of local
    /// @param solarise share of views solarised: 0.2 of the second global, else 0
    public static Colour dino(double blur, double solarise) {
        return new Colour(
                Arithmetic.EIGHT_BIT,
                new Jitter(0.8, Brightness.MULTIPLICATIVE, 0.4, 0.4, 0.2, 0.1),
                0.2,
                new Blur(blur, Kernel.BOXES, 0.1, 2),
                new Solarise(solarise, 0.5));
    }

    /// The steps that a view takes: draws for jitter, grey, blur, solarisation and whether jitter
    /// and grey apply, in this order, whether or not they are taken. Where no share is above 0
    /// nothing is drawn, and the last not where jitter and grey always apply.
    ///
    /// @param size side of the view in pixels, which bounds the Gaussian's kernel
    List<Step> draw(RandomGenerator random, int size) {
        List<Step> steps = new ArrayList<>();
        if (jitter.share == 0 && grayscale == 0 && blur.share == 0 && solarise.share == 0) {
            return steps;
        }
        jitter.draw(random, steps);
        if (random.nextDouble() < grayscale) {
            steps.add(new Step.Grayscale());
        }
        int coloured = steps.size();
        blur.draw(random, size, steps);
        solarise.draw(random, steps);
        if (apply < 1 && random.nextDouble() >= apply) {
            steps.subList(0, coloured).clear();
        }
        return steps;
    }
}
