package dev.isoflop.data;

import java.io.IOException;
import java.util.List;

/// Pictures by index, with what is known about them. Safe for concurrent reading.
public interface Dataset extends AutoCloseable {

    /// Where it comes from, as a reader of a report should see it.
    String name();

    /// The number of pictures; at least one.
    int size();

    /// The names of the labels, by label; empty when nothing is labelled.
    List<String> classNames();

    /// The name of a picture, such as its path below the dataset's root.
    String nameOf(int index);

    /// A picture, not yet decoded.
    ///
    /// @param index from 0 to size - 1
    /// @throws IOException if its file cannot be read
    Sample read(int index) throws IOException;

    @Override
    void close();
}
