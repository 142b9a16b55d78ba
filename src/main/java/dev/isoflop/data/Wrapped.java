package dev.isoflop.data;

import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.image.BrokenImageException;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// A dataset made of another: what it does not say itself, the other says.
///
/// It owns the other and closes it.
interface Wrapped extends Dataset {

    /// The other.
    Dataset whole();

    /// Where the other has the picture of this index.
    default int at(int index) {
        return index;
    }

    @Override
    default String name() {
        return whole().name();
    }

    @Override
    default int size() {
        return whole().size();
    }

    @Override
    default Set<Field> fields() {
        return whole().fields();
    }

    @Override
    default List<String> classNames() {
        return whole().classNames();
    }

    @Override
    default List<String> classIds() {
        return whole().classIds();
    }

    @Override
    default String nameOf(int index) {
        return whole().nameOf(at(index));
    }

    @Override
    default Sample read(int index) throws IOException {
        return whole().read(at(index));
    }

    @Override
    default Sample readWithMask(int index) throws IOException, BrokenImageException {
        return whole().readWithMask(at(index));
    }

    @Override
    default List<String> maskClassNames() {
        return whole().maskClassNames();
    }

    @Override
    default Background background() {
        return whole().background();
    }

    @Override
    default List<Integer> labels(int index) throws IOException {
        return whole().labels(at(index));
    }

    @Override
    default List<String> captions(int index) throws IOException {
        return whole().captions(at(index));
    }

    @Override
    default Optional<String> lacks(Field field, int index) {
        return whole().lacks(field, at(index));
    }

    @Override
    default List<LeftOut> leftOut() {
        return whole().leftOut();
    }

    @Override
    default Traits traits() {
        return whole().traits().at(this::at);
    }

    @Override
    default void close() {
        whole().close();
    }

    /// Makes a dataset of another, which is closed if that fails.
    static <D extends Dataset> D around(Dataset whole, Function<Dataset, D> making) {
        try {
            return making.apply(whole);
        } catch (RuntimeException e) {
            whole.close();
            throw e;
        }
    }
}
