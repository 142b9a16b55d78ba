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
        @Nullable Double effectiveRank) {

    public Measurement {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }
}
