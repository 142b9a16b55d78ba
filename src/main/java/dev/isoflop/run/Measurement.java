package dev.isoflop.run;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What one step of training showed.
///
/// @param step number of the step, the first being 1
/// @param share of the budget spent after the step, 0 to 1
/// @param loss the step's loss; NaN or infinite where training broke down
/// @param parts the loss's named parts, in the method's order
/// @param learningRate the rate the step was taken with
/// @param gradientNorm the gradient's norm before it was clipped
/// @param images seen since the run began
/// @param flops spent since the run began: convention matmul, scope total
/// @param seconds this step took, waiting for data included
/// @param imagesPerSecond images of this step by its seconds
/// @param shareOfPeak FLOPs a second as a share of the measured peak, 0 to 1, if that is known
/// @param waitSeconds of this step spent waiting for data
/// @param spread of the embeddings from image to image: about 1 when evenly spread, 0 when all look
///   the same; on the steps where it was measured
/// @param effectiveRank dimensions that the embeddings of the images looked at use; on the same
///   steps
/// @param joules that the machine's meters counted since the step before, all together; null where
///   none was read: never 0 for want of a meter
/// @param meters what each of them counted; null where there is none
/// @param probe of the encoder after the step, where one was asked for
public record Measurement(
        long step,
        double share,
        double loss,
        Map<String, Double> parts,
        double learningRate,
        double gradientNorm,
        long images,
        BigInteger flops,
        double seconds,
        double imagesPerSecond,
        @Nullable Double shareOfPeak,
        double waitSeconds,
        @Nullable Double spread,
        @Nullable Double effectiveRank,
        @Nullable Double joules,
        @Nullable Meters meters,
        @Nullable OnlineProbe probe) {

    public Measurement {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /// A step at which no meter was read and nothing was probed.
    public Measurement(
            long step,
            double share,
            double loss,
            Map<String, Double> parts,
            double learningRate,
            double gradientNorm,
            long images,
            BigInteger flops,
            double seconds,
            double imagesPerSecond,
            @Nullable Double shareOfPeak,
            double waitSeconds,
            @Nullable Double spread,
            @Nullable Double effectiveRank) {
        this(
                step,
                share,
                loss,
                parts,
                learningRate,
                gradientNorm,
                images,
                flops,
                seconds,
                imagesPerSecond,
                shareOfPeak,
                waitSeconds,
                spread,
                effectiveRank,
                null,
                null,
                null);
    }

    /// The same step, with what meters counted.
    ///
    /// @param counted nothing is written down when it names no meter
    public Measurement with(Meters counted) {
        boolean silent = counted.joules.isEmpty() && counted.lost.isEmpty();
        double sum = counted.joules.values().stream().mapToDouble(Double::doubleValue).sum();
        return new Measurement(
                step,
                share,
                loss,
                parts,
                learningRate,
                gradientNorm,
                images,
                flops,
                seconds,
                imagesPerSecond,
                shareOfPeak,
                waitSeconds,
                spread,
                effectiveRank,
                counted.joules.isEmpty() ? null : sum,
                silent ? null : counted,
                probe);
    }

    /// The same step, with what a probe after it showed.
    public Measurement with(OnlineProbe after) {
        return new Measurement(
                step,
                share,
                loss,
                parts,
                learningRate,
                gradientNorm,
                images,
                flops,
                seconds,
                imagesPerSecond,
                shareOfPeak,
                waitSeconds,
                spread,
                effectiveRank,
                joules,
                meters,
                after);
    }

    /// What meters counted since the step before: in the step, and in what came between the two,
    /// such as writing a checkpoint.
    ///
    /// @param seconds since the step before
    /// @param joules by meter; a meter that stopped is not among them
    /// @param lost meters that stopped in this time, and why; the provenance says what each counts
    public record Meters(double seconds, Map<String, Double> joules, Map<String, String> lost) {

        public Meters {
            joules = Collections.unmodifiableMap(new LinkedHashMap<>(joules));
            lost = Collections.unmodifiableMap(new LinkedHashMap<>(lost));
        }

        /// The same, but for meters that stopped right after it: what they counted cannot be told
        /// from what they missed.
        public Meters without(Map<String, String> stopped) {
            Map<String, Double> counted = new LinkedHashMap<>(joules);
            counted.keySet().removeAll(stopped.keySet());
            Map<String, String> all = new LinkedHashMap<>(lost);
            all.putAll(stopped);
            return new Meters(seconds, counted, all);
        }
    }
}
