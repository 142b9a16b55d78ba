package dev.isoflop.trainer;

import dev.isoflop.data.Dataset;
import dev.isoflop.report.Figure;

import org.bytedeco.pytorch.Device;

import java.util.List;

/// What can be shown of a learner at the end of its run.
public interface Figures {

    /// Draws it.
    ///
    /// @param data what it learned from
    /// @param device where the learner is
    List<Figure> draw(Dataset data, Device device);
}
