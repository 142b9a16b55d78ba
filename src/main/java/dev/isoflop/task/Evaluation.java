package dev.isoflop.task;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Dataset;
import dev.isoflop.report.Figure;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Score;
import dev.isoflop.run.Stop;

import org.bytedeco.pytorch.Device;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// Says what a learner is worth on data that it did not learn from, when its budget is spent.
///
/// Its forward passes are no part of any bill.
public interface Evaluation {

    /// Evaluates the learner.
    ///
    /// @param on where the learner is
    /// @return nothing if it was stopped before the end
    Optional<Evaluated> run(Device on, RunListener to, Stop stop);

    /// What a learner is evaluated on.
    ///
    /// @param images that it did not learn from
    /// @param learned images that it did learn from
    /// @param holdOut share of the training data that these images are; 0 for data of their own
    /// @param precision of matrix products
    /// @param workers threads that decode and crop
    /// @param brokenShare share of the images that may be broken
    record Data(
            Dataset images,
            Dataset learned,
            double holdOut,
            Precision precision,
            int workers,
            double brokenShare) {

        /// What they are, for readers of a figure.
        String name() {
            return holdOut > 0
                    ? String.format(Locale.ROOT, "%s, %s of it held out", images.name(), holdOut)
                    : images.name();
        }
    }

    /// What came of it.
    ///
    /// @param score its figures
    /// @param figures draws what to show beside them; asked once, while the data are open
    record Evaluated(Score score, Supplier<List<Figure>> figures) {}
}
