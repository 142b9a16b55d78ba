package dev.isoflop.trainer;

import dev.isoflop.data.Dataset;
import dev.isoflop.report.Figure;

import org.bytedeco.pytorch.Device;

import java.util.List;
import java.util.stream.Stream;

/// What can be shown of a learner at the end of its run.
public interface Pictures {

    /// Nothing to show.
    Pictures NONE = (_, _) -> List.of();

    /// Draws it.
    ///
    /// @param data what it learned from
    /// @param device where the learner is
    List<Figure> draw(Dataset data, Device device);

    /// These pictures, and then others.
    default Pictures and(Pictures others) {
        return (data, device) ->
                Stream.concat(draw(data, device).stream(), others.draw(data, device).stream())
                        .toList();
    }
}
