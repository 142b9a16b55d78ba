package dev.isoflop.run;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.List;
import java.util.Objects;

/// What a probe of the encoder showed while the run went on.
///
/// @param metric "top-1 accuracy" or "mean average precision"
/// @param value of the metric, 0 to 1
/// @param neighbours that voted, k
/// @param train where the images come from that vote
/// @param trainImages how many
/// @param validation where the images come from that are judged
/// @param validationImages how many
/// @param classes how many there are
/// @param flops executed for it, forward passes and similarities, convention matmul; no part of the
///   run's own
/// @param seconds that it took, no part of the training's
/// @param joules that the machine's meters counted meanwhile, no part of the training's; null where
///   none was read
/// @param baseline what the value is to be held against; null in a run older than this, and of the
///   untrained encoder itself only chance
public record OnlineProbe(
        String metric,
        double value,
        int neighbours,
        String train,
        int trainImages,
        String validation,
        int validationImages,
        int classes,
        BigInteger flops,
        double seconds,
        @Nullable Double joules,
        @Nullable Baseline baseline) {

    public OnlineProbe {
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(train, "train");
        Objects.requireNonNull(validation, "validation");
        Objects.requireNonNull(flops, "flops");
    }

    /// The same with what meters counted meanwhile.
    ///
    /// @param counted null where there is no meter
    public OnlineProbe with(@Nullable Double counted) {
        return with(counted, baseline);
    }

    /// The same, held against what this probe showed of the encoder before the first step.
    public OnlineProbe beside(OnlineProbe untrained) {
        return baseline == null
                ? this
                : with(
                        joules,
                        new Baseline(
                                baseline.chance(), baseline.guess(), List.of(untrained.value)));
    }

    private OnlineProbe with(@Nullable Double counted, @Nullable Baseline against) {
        return new OnlineProbe(
                metric,
                value,
                neighbours,
                train,
                trainImages,
                validation,
                validationImages,
                classes,
                flops,
                seconds,
                counted,
                against);
    }
}
