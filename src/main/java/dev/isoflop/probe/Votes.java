package dev.isoflop.probe;

import dev.isoflop.fault.Check;

/// Weighted k-NN: each of the k nearest neighbours votes for its labels, the nearer with the more
/// weight.
///
/// Zhirong Wu et al., *Unsupervised Feature Learning via Non-Parametric Instance Discrimination*,
/// CVPR 2018, [arXiv:1805.01978](https://arxiv.org/abs/1805.01978), section 3.4: a neighbour at
/// cosine `s` has `exp(s / T)` votes, T = 0.07. The authors of DINO evaluate their encoders so,
/// with k of 10, 20, 100 and 200. A neighbour that shows several classes votes for each of them.
public final class Votes {

    private Votes() {}

    /// Counts the votes.
    ///
    /// @param neighbours of each query, at least k
    /// @param truth what the keys show
    /// @param k how many of the nearest vote
    /// @param temperature T, above 0
    /// @return votes for each class, `queries x classes`
    public static double[][] of(
            Neighbours neighbours, GroundTruth truth, int k, double temperature) {
        Check.that(
                k >= 1 && k <= neighbours.count(),
                "k is %s; it must lie between 1 and the %s neighbours found",
                k,
                neighbours.count());
        Check.that(temperature > 0, "temperature is %s; it must be above 0", temperature);
        double[][] votes = new double[neighbours.queries()][truth.classes()];
        for (int query = 0; query < votes.length; query++) {
            for (int rank = 0; rank < k; rank++) {
                double weight = Math.exp(neighbours.similarity(query, rank) / temperature);
                for (int label : truth.labels().get(neighbours.row(query, rank))) {
                    votes[query][label] += weight;
                }
            }
        }
        return votes;
    }
}
