package dev.isoflop.train;

import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Tensor;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.RealMatrix;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How much the embeddings of different images differ: what a collapsed encoder has lost.
///
/// Measured on embeddings of length 1, so that scale says nothing.
///
/// @param deviation mean over the D dimensions of the standard deviation from image to image, times
///   sqrt(D): about 1 when directions are spread evenly, 0 when all images look the same (Xinlei
///   Chen and Kaiming He, *Exploring Simple Siamese Representation Learning*, CVPR 2021, section
///   4.1)
/// @param effectiveRank `exp` of the entropy of the singular values' shares, after centering:
///   between 1 and the number of dimensions in use (Olivier Roy and Martin Vetterli, *The effective
///   rank*, EUSIPCO 2007)
public record Spread(double deviation, double effectiveRank) {

    /// Images that a measurement looks at, at most.
    static final int IMAGES = 64;

    /// Below it, an encoder says much the same of every image: a hundredth of evenly spread
    /// directions. Encoders with random weights lie well above it, so that a short run is not taken
    /// for a collapsed one: 0.3 to 0.8 on pictures, and more than 0.03 even on plain noise, which
    /// any average makes alike. (`docs/decisions.md` has the measurements.)
    public static final double LEAST_DEVIATION = 0.01;

    /// Below it, all but one dimension are as good as gone: random weights use more than 2.5 with 4
    /// images, 9 or more with 64.
    public static final double LEAST_RANK = 1.5;

    private static final int LEAST_IMAGES = 4; // fewer have no rank to speak of
    private static final double LEAST_LENGTH = 1e-12;

    /// Whether the encoder says much the same of every image.
    public boolean collapsed() {
        return !(deviation >= LEAST_DEVIATION && effectiveRank >= LEAST_RANK);
    }

    /// The first rows of a tensor as numbers, each of length 1.
    static List<double[]> rows(Tensor embedding, int most) {
        long n = Math.min(embedding.size(0), most);
        return n <= 0 ? List.of() : Ops.unitRows(embedding.narrow(0, 0, n));
    }

    /// The spread of embeddings; none of too few, nor of such as are not numbers.
    static Optional<Spread> of(List<double[]> rows) {
        int n = rows.size();
        boolean finite = rows.stream().flatMapToDouble(Arrays::stream).allMatch(Double::isFinite);
        if (n < LEAST_IMAGES || !finite) {
            return Optional.empty();
        }
        int d = rows.getFirst().length;
        double[][] centered = new double[n][d];
        double deviations = 0;
        for (int j = 0; j < d; j++) {
            double mean = 0;
            for (double[] row : rows) {
                mean += row[j] / n;
            }
            double squares = 0;
            for (int i = 0; i < n; i++) {
                centered[i][j] = rows.get(i)[j] - mean;
                squares += centered[i][j] * centered[i][j];
            }
            deviations += Math.sqrt(squares / n);
        }
        return Optional.of(new Spread(deviations / Math.sqrt(d), effectiveRank(centered)));
    }

    private static double effectiveRank(double[][] centered) {
        RealMatrix rows = new Array2DRowRealMatrix(centered, false);
        RealMatrix products = rows.multiplyTransposed(rows); // [n, n]
        double[] squares = new EigenDecompositionSymmetric(products).getEigenvalues();
        double[] singular = Arrays.stream(squares).map(x -> Math.sqrt(Math.max(0, x))).toArray();
        double sum = Arrays.stream(singular).sum();
        double entropy =
                Arrays.stream(singular)
                        .map(x -> x / Math.max(sum, LEAST_LENGTH))
                        .filter(share -> share > 0)
                        .map(share -> -share * Math.log(share))
                        .sum();
        return Math.exp(entropy);
    }
}
