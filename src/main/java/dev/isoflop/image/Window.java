package dev.isoflop.image;

import dev.isoflop.fault.Check;

import java.util.random.RandomGenerator;

/// Crops for pictures with masks: the picture is rescaled, and a view is a window of fixed size on
/// it. Proportions stay; what a picture does not fill is padding, to the right and below.
///
/// Only the part under the window is resized. Its edges are whole pixels of the picture, so that a
/// factor is exact to within half a pixel of the picture over the width of the window.
///
/// Koppula et al. 2022 (A.4) rescale by 0.5 to 2 and do not say of which size. With a `base`,
/// factor 1 is the picture whose shorter side has so many pixels, or whose longer side has four
/// times as many where that is less: mmsegmentation's `(2048, 512)` for a base of 512. With 0 it is
/// the picture as it is.
public sealed interface Window extends Crop {

    /// Side of the view in pixels.
    int side();

    /// Shorter side of the picture at factor 1, in pixels; 0 for the picture as it is.
    int base();

    @Override
    default Box box(int width, int height, RandomGenerator random) {
        return frame(width, height, side(), random).box();
    }

    /// A window anywhere on a picture that is rescaled by a random factor.
    ///
    /// Draws the factor, then the window's row, then its column.
    ///
    /// @param leastFactor the first factor
    /// @param mostFactor the last
    /// @param factorStep from one to the next; each is as likely
    record Random(int side, int base, double leastFactor, double mostFactor, double factorStep)
            implements Window {

        private static final double SLACK = 1e-9; // of a step, for what is no binary fraction

        public Random {
            checkSizes(side, base);
            Check.that(
                    leastFactor > 0 && leastFactor < Double.POSITIVE_INFINITY,
                    "leastFactor is %s; write a factor above 0, such as 0.5",
                    leastFactor);
            Check.that(
                    mostFactor >= leastFactor && mostFactor < Double.POSITIVE_INFINITY,
                    "mostFactor is %s; write a factor of at least least-factor, %s",
                    mostFactor,
                    leastFactor);
            double steps = (mostFactor - leastFactor) / factorStep;
            Check.that(
                    factorStep > 0 && Math.abs(steps - Math.rint(steps)) < SLACK,
                    "factorStep is %s; write a step that leads from %s to %s, such as 0.25",
                    factorStep,
                    leastFactor,
                    mostFactor);
        }

        /// Koppula et al. 2022: 0.5 to 2 in steps of 0.25, of a picture whose shorter side is that
        /// of the window.
        public static Random of(int side) {
            return new Random(side, side, 0.5, 2, 0.25);
        }

        @Override
        public Frame frame(int width, int height, int size, RandomGenerator random) {
            int factors = 1 + (int) Math.rint((mostFactor - leastFactor) / factorStep);
            double factor = leastFactor + factorStep * random.nextInt(factors);
            double scale = factor * scale(width, height, base);
            int h = length(height, size, scale);
            int w = length(width, size, scale);
            int y = random.nextInt(height - h + 1);
            int x = random.nextInt(width - w + 1);
            return new Frame(
                    new Box(x, y, w, h), shown(width, size, scale), shown(height, size, scale));
        }
    }

    /// The window in the middle of the picture at factor 1; nothing random.
    ///
    /// What the study evaluates on (A.4: "a center crop of the desired size"); it does not say at
    /// which size of the picture.
    record Central(int side, int base) implements Window {

        public Central {
            checkSizes(side, base);
        }

        /// Of a picture whose shorter side is that of the window.
        public static Central of(int side) {
            return new Central(side, side);
        }

        @Override
        public Frame frame(int width, int height, int size, RandomGenerator random) {
            double scale = scale(width, height, base);
            int w = length(width, size, scale);
            int h = length(height, size, scale);
            Box box = new Box((width - w) / 2, (height - h) / 2, w, h);
            return new Frame(box, shown(width, size, scale), shown(height, size, scale));
        }
    }

    /// The whole picture at factor 1.
    static Frame whole(int width, int height, int base) {
        double scale = scale(width, height, base);
        return new Frame(
                new Box(0, 0, width, height),
                shown(width, Integer.MAX_VALUE, scale),
                shown(height, Integer.MAX_VALUE, scale));
    }

    private static void checkSizes(int side, int base) {
        Check.that(side >= 1, "side is %s; write the window's side in pixels, such as 512", side);
        Check.that(
                base >= 0,
                "base is %s; write the shorter side of the image at factor 1 in pixels, or 0 for"
                        + " the image as it is",
                base);
    }

    /// Of factor 1.
    private static double scale(int width, int height, int base) {
        int longest = 4; // times the base: 2048 for 512
        return base == 0
                ? 1
                : Math.min(
                        (double) base / Math.min(width, height),
                        (double) longest * base / Math.max(width, height));
    }

    /// Pixels of the picture under the window, along one side.
    private static int length(int picture, int window, double scale) {
        if (scaled(picture, scale) <= window) {
            return picture;
        }
        return Math.clamp((long) Math.rint(window / scale), 1, picture);
    }

    /// Pixels of the window that show the picture, along one side.
    private static int shown(int picture, int window, double scale) {
        return Math.min(scaled(picture, scale), window);
    }

    private static int scaled(int picture, double scale) {
        return (int) Math.max(1, Math.rint(picture * scale));
    }
}
