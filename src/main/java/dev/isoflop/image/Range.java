package dev.isoflop.image;

import dev.isoflop.fault.Check;

import java.util.random.RandomGenerator;

/// What crops and colours are drawn from.
final class Range {

    private Range() {}

    /// Refuses shares of an image's area that are none.
    static void scales(double minScale, double maxScale) {
        Check.that(
                maxScale > 0 && maxScale <= 1,
                "maxScale is %s; write the greatest share of the image's area shown, above 0 and"
                        + " at most 1",
                maxScale);
        Check.that(
                minScale > 0 && minScale <= maxScale,
                "minScale is %s; write the least share of the image's area shown, above 0 and at"
                        + " most the greatest, %s",
                minScale,
                maxScale);
    }

    /// Refuses ratios of width to height that are none.
    static void ratios(double minRatio, double maxRatio) {
        Check.that(
                minRatio > 0 && minRatio <= maxRatio && maxRatio < Double.POSITIVE_INFINITY,
                "the crop's ratio is %s to %s; write two positive ratios of width to height, the"
                        + " smaller first",
                minRatio,
                maxRatio);
    }

    /// Refuses what is no share.
    ///
    /// @param name of the setting
    static void share(String name, double share) {
        Check.that(share >= 0 && share <= 1, "%s is %s; write a share from 0 to 1", name, share);
    }

    /// Refuses what is no strength of a jitter.
    ///
    /// @param name of the setting
    static void strength(String name, double strength) {
        Check.that(
                strength >= 0 && strength < Double.POSITIVE_INFINITY,
                "%s is %s; write how far it strays from unchanged, 0 or more, such as 0.4",
                name,
                strength);
    }

    /// Uniform from the first up to the second.
    static double between(RandomGenerator random, double from, double to) {
        return from + (to - from) * random.nextDouble();
    }
}
