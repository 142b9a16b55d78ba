package dev.isoflop.task;

import dev.isoflop.report.Figure;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.Stop;

import org.bytedeco.pytorch.Device;

import java.util.List;
import java.util.Optional;

/// Says what a learner is worth on data that it did not learn from, when its budget is spent.
///
/// Its forward passes are no part of any bill.
public interface Evaluation {

    /// Evaluates the learner.
    ///
    /// @param on where the learner is
    /// @return nothing if it was stopped before the end
    Optional<Evaluated> run(Device on, RunListener to, Stop stop);

    /// What came of it.
    ///
    /// @param score its figures
    /// @param figures to show beside them
    record Evaluated(Score score, List<Figure> figures) {

        public Evaluated {
            figures = List.copyOf(figures);
        }
    }
}
