package dev.isoflop.data;

import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.image.BrokenImageException;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/// A dataset of images and masks in files of their own: all but its name, its classes and what
/// becomes of pixels without one.
interface PairedMasks extends Dataset {

    /// Which image has which mask.
    MaskPairs pairs();

    @Override
    default int size() {
        return pairs().size();
    }

    @Override
    default Set<Field> fields() {
        return Set.of(Field.MASKS);
    }

    @Override
    default String nameOf(int index) {
        return pairs().nameOf(index);
    }

    @Override
    default Sample read(int index) throws IOException {
        return pairs().read(index);
    }

    @Override
    default Sample readWithMask(int index) throws IOException, BrokenImageException {
        return pairs().readWithMask(index);
    }

    @Override
    default List<Integer> labels(int index) {
        return List.of();
    }

    @Override
    default List<String> captions(int index) {
        return List.of();
    }

    @Override
    default List<LeftOut> leftOut() {
        return pairs().leftOut();
    }

    @Override
    default void close() {
        pairs().close();
    }
}
