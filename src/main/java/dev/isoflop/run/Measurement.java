package dev.isoflop.run;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// What one step of training showed.
///
/// In `measurements.jsonl` the components of [Learning], [Spent], [Pace] and [Embeddings] stand
/// beside the others: a line is flat.
///
/// @param step number of the step, the first being 1
/// @param share of the budget spent after the step, 0 to 1
/// @param learning how it learned
/// @param spent since the run began
/// @param pace how fast it went
/// @param embeddings what they look like, on the steps where that was measured
/// @param joules that the machine's meters counted since the step before, all together; null where
///   none was read: never 0 for want of a meter
/// @param meters what each of them counted; null where there is none
/// @param probe of the encoder after the step, where one was asked for
public record Measurement(
        long step,
        double share,
        @JsonUnwrapped Learning learning,
        @JsonUnwrapped Spent spent,
        @JsonUnwrapped Pace pace,
        @JsonUnwrapped Embeddings embeddings,
        @Nullable Double joules,
        @Nullable Meters meters,
        @Nullable OnlineProbe probe) {

    /// A step at which no meter was read and nothing was probed.
    public Measurement(
            long step,
            double share,
            Learning learning,
            Spent spent,
            Pace pace,
            Embeddings embeddings) {
        this(step, share, learning, spent, pace, embeddings, null, null, null);
    }

    /// How a step learned.
    ///
    /// @param loss the step's loss; NaN or infinite where training broke down
    /// @param parts the loss's named parts, in the method's order
    /// @param learningRate the rate the step was taken with
    /// @param gradientNorm the gradient's norm before it was clipped
    public record Learning(
            double loss, Map<String, Double> parts, double learningRate, double gradientNorm) {

        public Learning {
            Objects.requireNonNull(parts, "parts");
            parts.forEach((name, part) -> Objects.requireNonNull(part, "parts"));
            parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
        }
    }

    /// What was spent since the run began.
    ///
    /// @param images seen
    /// @param flops convention matmul, scope total
    public record Spent(long images, BigInteger flops) {

        public Spent {
            Objects.requireNonNull(flops, "flops");
        }
    }

    /// How fast a step went.
    ///
    /// @param seconds it took, waiting for data included
    /// @param imagesPerSecond images of this step by its seconds
    /// @param shareOfPeak FLOPs a second as a share of the measured peak, 0 to 1, if that is known
    /// @param waitSeconds of this step spent waiting for data
    public record Pace(
            double seconds,
            double imagesPerSecond,
            @Nullable Double shareOfPeak,
            double waitSeconds) {}

    /// What the embeddings of the images looked at are like; null where that was not measured.
    ///
    /// @param spread from image to image: about 1 when evenly spread, 0 when all look the same
    /// @param effectiveRank dimensions that they use
    public record Embeddings(@Nullable Double spread, @Nullable Double effectiveRank) {

        /// Not measured.
        public static final Embeddings NONE = new Embeddings(null, null);
    }

    public double loss() {
        return learning.loss;
    }

    public Map<String, Double> parts() {
        return learning.parts;
    }

    public long images() {
        return spent.images;
    }

    public BigInteger flops() {
        return spent.flops;
    }

    public double seconds() {
        return pace.seconds;
    }

    public double imagesPerSecond() {
        return pace.imagesPerSecond;
    }

    public @Nullable Double spread() {
        return embeddings.spread;
    }

    public @Nullable Double effectiveRank() {
        return embeddings.effectiveRank;
    }

    /// The same step, with what meters counted.
    ///
    /// @param counted nothing is written down when it names no meter
    public Measurement with(Meters counted) {
        boolean silent = counted.joules.isEmpty() && counted.lost.isEmpty();
        double sum = counted.joules.values().stream().mapToDouble(Double::doubleValue).sum();
        return with(counted.joules.isEmpty() ? null : sum, silent ? null : counted, probe);
    }

    /// The same step, with what a probe after it showed.
    public Measurement with(OnlineProbe after) {
        return with(joules, meters, after);
    }

    private Measurement with(
            @Nullable Double sum, @Nullable Meters counted, @Nullable OnlineProbe after) {
        return new Measurement(step, share, learning, spent, pace, embeddings, sum, counted, after);
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
