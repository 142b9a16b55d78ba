package dev.isoflop.data;

import java.util.LinkedHashMap;
import java.util.Map;

/// Datasets that are open together: each source is opened once, however many ask for it, and also
/// if it is only part of another, as both parts of what is held out are made of one whole.
///
/// Closing what {@link #open} gives does nothing; all are closed with this. For one thread; what is
/// open is safe for concurrent reading, as every dataset.
public final class Datasets implements AutoCloseable {

    private final Map<Source, Dataset> open = new LinkedHashMap<>();

    /// A dataset that others may close; it stays open.
    private record Lent(Dataset whole) implements Wrapped {
        @Override
        public void close() {}
    }

    /// The pictures of a source.
    ///
    /// @throws dev.isoflop.fault.InputException if there are none, saying what was found instead
    public Dataset open(Source source) {
        Dataset known = open.get(source);
        if (known == null) {
            known = source.open(this::open);
            open.put(source, known);
        }
        return new Lent(known);
    }

    @Override
    public void close() {
        open.values().forEach(Dataset::close);
        open.clear();
    }
}
