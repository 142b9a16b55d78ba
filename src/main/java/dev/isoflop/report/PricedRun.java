package dev.isoflop.report;

import dev.isoflop.budget.Plan;
import dev.isoflop.carbon.Footprint;

import java.util.List;
import java.util.Optional;

/// A run that was not run: what it would do and cost.
///
/// @param name of the run
/// @param method its name
/// @param encoder its size, such as `ViT-B/16`
/// @param data where images come from, in a word
/// @param figures of its study that show it
/// @param plan steps and FLOPs
/// @param cost hours, energy, carbon and money, where a device is named
public record PricedRun(
        String name,
        String method,
        String encoder,
        String data,
        List<String> figures,
        Plan plan,
        Optional<Footprint> cost) {

    public PricedRun {
        figures = List.copyOf(figures);
    }
}
