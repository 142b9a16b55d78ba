package dev.isoflop.data.loader;

import dev.isoflop.fault.InputException;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// A chunk under way: which of its images workers took up, and which are done. Guarded by the
/// loader's lock.
final class Filling {

    final long first;
    final Buffers buffers;
    private final @Nullable Prepared[] images;
    private int claimed;
    private int done;
    private @Nullable Throwable failure;
    private long failedNumber;

    public Filling(long first, int images, Buffers buffers) {
        this.first = first;
        this.buffers = buffers;
        this.images = new @Nullable Prepared[images];
    }

    public boolean isClaimed() {
        return claimed == images.length;
    }

    public boolean isFilled() {
        return done == images.length;
    }

    /// The place in the chunk of an image to prepare.
    public int claim() {
        return claimed++;
    }

    public void finish(int slot, Prepared image) {
        images[slot] = image;
        done++;
    }

    public void fail(int slot, Throwable cause) {
        done++;
        if (failure == null || first + slot < failedNumber) {
            failure = cause;
            failedNumber = first + slot;
        }
    }

    /// The images, once all are done.
    ///
    /// @throws InputException if the data of one will not do, such as a mask of another size
    /// @throws IllegalStateException if preparing one failed for another reason than a broken file
    public List<Prepared> images() {
        if (failure instanceof InputException wrong) {
            throw wrong;
        }
        if (failure != null) {
            throw new IllegalStateException(
                    "image %,d could not be prepared: %s".formatted(failedNumber, failure),
                    failure);
        }
        return Arrays.stream(images).map(Objects::requireNonNull).toList();
    }
}
