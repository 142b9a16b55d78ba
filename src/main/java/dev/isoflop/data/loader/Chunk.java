package dev.isoflop.data.loader;

import dev.isoflop.data.MaskLabels;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Consecutive images, ready for the network: normalised floats in native memory, and what is known
/// of each image.
///
/// The memory belongs to the loader and is used again after {@link #close}; a tensor laid over it
/// must be done with by then.
public final class Chunk implements AutoCloseable {

    private final Loader loader;
    private final Buffers buffers;
    private final List<Item> items;
    private boolean closed;

    Chunk(Loader loader, Buffers buffers, List<Item> items) {
        this.loader = loader;
        this.buffers = buffers;
        this.items = items;
    }

    /// How many images it holds.
    public int size() {
        return items.size();
    }

    /// The global number of its first image.
    long firstImage() {
        return items.getFirst().number();
    }

    /// What is known of its images, in order.
    public List<Item> items() {
        return items;
    }

    /// The pixels of one view of every image: `size x 3 x side x side` floats in the machine's byte
    /// order, at an address that is a multiple of 64.
    ///
    /// @param view its place in the loader's list
    public MemorySegment pixels(int view) {
        checkOpen();
        return buffers.view(view, items.size());
    }

    /// The labels of one view of every image, as {@link MaskLabels} numbers them: `size x side x
    /// side` bytes, at an address that is a multiple of 64. A pixel's label stands where its values
    /// stand in {@link #pixels}.
    ///
    /// @param view its place in the loader's list
    /// @throws IllegalStateException if the loader was not asked for masks
    public MemorySegment labels(int view) {
        checkOpen();
        if (!loader.masked()) {
            throw new IllegalStateException("this loader was not asked for masks");
        }
        return buffers.labels(view, items.size());
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this chunk was given back; its memory is used again");
        }
    }

    /// Gives its memory back to the loader.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            loader.takeBack(buffers);
        }
    }
}
