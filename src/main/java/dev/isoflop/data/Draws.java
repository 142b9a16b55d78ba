package dev.isoflop.data;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Random numbers that depend on what they are for, never on when or where they are drawn.
public final class Draws {

    private static final long GOLDEN = 0x9e3779b97f4a7c15L; // 2^64 / golden ratio: SplitMix64's

    private Draws() {}

    /// The numbers that decide one view of one image.
    ///
    /// @param number the image's global number
    public static RandomGenerator of(long seed, long number, int view) {
        return new SplittableRandom(mix(mix(seed, number), view));
    }

    /// A well-mixed function of two numbers (SplitMix64's finaliser, after each).
    public static long mix(long a, long b) {
        return finished(finished(a + GOLDEN) + b * GOLDEN + GOLDEN);
    }

    private static long finished(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
