package dev.isoflop.carbon;

import java.util.OptionalDouble;

/// A counter of energy that can be read while a run goes on.
///
/// Two meters of a machine never count the same energy, so that they may be added.
public sealed interface Meter extends AutoCloseable permits Rapl, Nvml {

    /// Its name in the ledger: "package-0", "package-0 dram", "gpu-0".
    String name();

    /// What its maker calls what it measures: "NVIDIA H100 80GB HBM3", or "processor".
    String product();

    /// What it counts, and whose: "the whole processor package 0, with what other programs use".
    String scope();

    /// How it counts, for people: "RAPL, energy_uj of powercap".
    String how();

    /// How far a count may be off, as a share of it, where its maker says so.
    OptionalDouble error();

    /// Whether it reports power instead of energy, so that it must be read many times a second.
    boolean sampled();

    /// Energy since the last reading, or since it was opened.
    ///
    /// @param nanos the time, as {@link System#nanoTime} counts it
    Reading read(long nanos);

    @Override
    void close();
}
