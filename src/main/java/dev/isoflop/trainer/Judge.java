package dev.isoflop.trainer;

import dev.isoflop.report.Figure;
import dev.isoflop.run.Score;

import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.BooleanSupplier;

/// Says what a learner is worth when its budget is spent.
public interface Judge {

    /// For learners that are not judged.
    Judge NONE = (_, _) -> Verdict.NONE;

    /// Judges it.
    ///
    /// @param device where the learner is
    /// @param stop whether someone wants the process to end
    Verdict judge(Device device, BooleanSupplier stop);

    /// What came of it.
    ///
    /// @param complete whether it was not stopped
    /// @param score if there is one
    /// @param figures to show beside it
    record Verdict(boolean complete, @Nullable Score score, List<Figure> figures) {

        /// Nothing to judge.
        public static final Verdict NONE = new Verdict(true, null, List.of());

        /// Stopped before the end.
        public static final Verdict STOPPED = new Verdict(false, null, List.of());

        public Verdict {
            figures = List.copyOf(figures);
        }
    }
}
