package dev.isoflop.carbon;

import java.util.List;

/// NVIDIA's library for boards that a test makes up: by index, with a counter and a power each.
final class Board implements NvmlLibrary {

    /// A GPU of a test.
    static final class Gpu {

        final String name;
        final boolean counts;
        long millijoules;
        long milliwatts;
        int failure; // code of every later question; 0 is none

        Gpu(String name, boolean counts) {
            this.name = name;
            this.counts = counts;
        }
    }

    private final List<Gpu> gpus;

    Board(List<Gpu> gpus) {
        this.gpus = gpus;
    }

    @Override
    public int count() {
        return gpus.size();
    }

    @Override
    public long byIndex(int index) throws NvmlException {
        if (index >= gpus.size()) {
            throw new NvmlException(
                    2, "nvmlDeviceGetHandleByIndex_v2 answered 2, invalid argument");
        }
        return index;
    }

    @Override
    public long byIdentifier(String identifier) throws NvmlException {
        for (int i = 0; i < gpus.size(); i++) {
            if (identifier.equals("GPU-" + i)) {
                return i;
            }
        }
        throw new NvmlException(6, "nvmlDeviceGetHandleByUUID answered 6, not found");
    }

    @Override
    public String name(long gpu) {
        return gpus.get((int) gpu).name;
    }

    @Override
    public long millijoules(long gpu) throws NvmlException {
        Gpu asked = asked(gpu);
        if (!asked.counts) {
            throw new NvmlException(NOT_SUPPORTED, "not supported");
        }
        return asked.millijoules;
    }

    @Override
    public long milliwatts(long gpu) throws NvmlException {
        return asked(gpu).milliwatts;
    }

    private Gpu asked(long gpu) throws NvmlException {
        Gpu asked = gpus.get((int) gpu);
        if (asked.failure != 0) {
            throw new NvmlException(asked.failure, "answered " + asked.failure);
        }
        return asked;
    }

    @Override
    public void close() {}
}
