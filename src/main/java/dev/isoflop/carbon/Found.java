package dev.isoflop.carbon;

import java.util.List;
import java.util.stream.Stream;

/// The meters of a machine, and those it might have had.
///
/// @param meters that can be read; whoever asked for them closes them
/// @param absent that cannot, and why
public record Found(List<Meter> meters, List<Absent> absent) {

    public Found {
        meters = List.copyOf(meters);
        absent = List.copyOf(absent);
    }

    /// These and others.
    Found and(Found other) {
        return new Found(
                Stream.concat(meters.stream(), other.meters.stream()).toList(),
                Stream.concat(absent.stream(), other.absent.stream()).toList());
    }
}
