package dev.isoflop.data;

/// Some pictures of a dataset, in an order of one's own. Does not close the dataset.
public final class Subset implements Wrapped {

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
    public Dataset whole() {
        return whole;
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public int at(int index) {
        return indices[index];
    }

    @Override
    public void close() {}
}
