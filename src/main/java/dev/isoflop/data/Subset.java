package dev.isoflop.data;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/// Some pictures of a dataset, in an order of one's own. Does not close the dataset.
public final class Subset implements Dataset {

    private final Dataset whole;
    private final int[] indices;

    /// Keeps these pictures.
    ///
    /// @param indices of the dataset, at least one; not copied
    public Subset(Dataset whole, int[] indices) {
        if (indices.length == 0) {
            throw new IllegalArgumentException("a part of " + whole.name() + " without pictures");
        }
        this.whole = whole;
        this.indices = indices;
    }

    @Override
    public String name() {
        return whole.name();
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public Set<Field> fields() {
        return whole.fields();
    }

    @Override
    public List<String> classNames() {
        return whole.classNames();
    }

    @Override
    public List<String> classIds() {
        return whole.classIds();
    }

    @Override
    public String nameOf(int index) {
        return whole.nameOf(indices[index]);
    }

    @Override
    public Sample read(int index) throws IOException {
        return whole.read(indices[index]);
    }

    @Override
    public List<Integer> labels(int index) throws IOException {
        return whole.labels(indices[index]);
    }

    @Override
    public List<String> captions(int index) throws IOException {
        return whole.captions(indices[index]);
    }

    @Override
    public void close() {}
}
