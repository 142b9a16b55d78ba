package dev.isoflop.budget;

import java.util.Map;

/// Something that executes FLOPs.
///
/// @param name for people, for example the processor's own name
/// @param peak highest matrix-product rate by precision, in FLOP/s, per device
/// @param source where the rates come from: a measurement with its method, or a data sheet
public record Device(String name, Map<Precision, Double> peak, String source) {

    public Device {
        peak = Map.copyOf(peak);
    }

    /// The share of this device's peak that a rate reaches, between 0 and about 1; NaN when the
    /// peak at this precision is unknown.
    public double share(double flopsPerSecond, Precision precision) {
        return flopsPerSecond / peak.getOrDefault(precision, Double.NaN);
    }
}
