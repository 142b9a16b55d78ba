package dev.isoflop.data.loader;

import dev.isoflop.data.Draws;

/// The order of a dataset's images: every image once an epoch, each epoch in another order.
///
/// Nothing is stored and any position can be asked for: a keyed permutation of the numbers below
/// the next power of four (a Feistel network), walked until it falls below the size. A run is
/// resumed by asking for the next number.
///
/// @param seed another seed is another order
/// @param size the number of images
public record Shuffle(long seed, int size) {

    private static final int ROUNDS = 6;

    public Shuffle {
        if (size < 1) {
            throw new IllegalArgumentException("a dataset of " + size + " images has no order");
        }
    }

    /// The epoch, from 0, in which the image with this global number is seen.
    ///
    /// @param number images seen before it, from 0
    long epoch(long number) {
        return number / size;
    }

    /// The dataset's index of the image with this global number.
    ///
    /// @param number images seen before it, from 0
    public int index(long number) {
        int half = (Integer.SIZE - Integer.numberOfLeadingZeros(size - 1) + 1) / 2; // bits
        long key = Draws.mix(seed, epoch(number));
        long position = number % size;
        do {
            position = permuted(position, half, key);
        } while (position >= size);
        return (int) position;
    }

    private static long permuted(long position, int half, long key) {
        long mask = (1L << half) - 1;
        long left = position >>> half;
        long right = position & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long swapped = left ^ (Draws.mix(key + round, right) & mask);
            left = right;
            right = swapped;
        }
        return (left << half) | right;
    }
}
