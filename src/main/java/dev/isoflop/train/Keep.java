package dev.isoflop.train;

/// Which checkpoints stay when a new one is safe: the latest few, and one every so many steps.
///
/// @param last how many of the latest; at least 1
/// @param every those whose step is a multiple of this stay for good; 0 for none
public record Keep(int last, long every) {

    public Keep {
        if (last < 1) {
            throw new IllegalArgumentException(
                    "keepLast is " + last + "; at least the newest checkpoint must be kept");
        }
        if (every < 0) {
            throw new IllegalArgumentException(
                    "keepEvery is " + every + "; write a number of steps, or 0 for none");
        }
    }

    boolean forGood(long step) {
        return every > 0 && step % every == 0;
    }
}
