package dev.isoflop.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Ops;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Weighted k-NN: who is near, and how loud it votes.
class VotesTest {

    private static final double TEMPERATURE = 0.07;

    @BeforeAll
    static void load() {
        LibTorch.load();
    }

    @Test
    void threeNeighboursInThePlaneVoteByTheirCosines() {
        Tensor keys = Ops.tensor(new float[] {2, 0, 0, 3, 1, 1, -5, 0}, 4, 2); // [4, 2]
        Tensor query = Ops.tensor(new float[] {10, 0}, 1, 2); // [1, 2]
        GroundTruth truth =
                new GroundTruth(List.of(List.of(0), List.of(1), List.of(1), List.of(2)), 3);
        Neighbours found = Neighbours.of(query, keys, 3);
        assertThat(IntStream.range(0, 3).map(rank -> found.row(0, rank))).containsExactly(0, 2, 1);
        double[] votes = Votes.of(found, truth, 3, 0.5)[0];
        assertThat(votes[0]).isCloseTo(Math.exp(1 / 0.5), within(1e-5));
        assertThat(votes[1]).isCloseTo(Math.exp(Math.sqrt(0.5) / 0.5) + 1, within(1e-5));
        assertThat(votes[2]).as("the fourth neighbour has no vote").isZero();
        assertThat(Votes.of(found, truth, 1, 0.5)[0]).contains(0, 0);
    }

    @Test
    void aNeighbourThatShowsSeveralClassesVotesForEach() {
        Tensor keys = Ops.tensor(new float[] {1, 0}, 1, 2); // [1, 2]
        GroundTruth truth = new GroundTruth(List.of(List.of(2, 0)), 3);
        double[] votes = Votes.of(Neighbours.of(keys, keys, 1), truth, 1, 1)[0];
        assertThat(votes[0]).isEqualTo(votes[2]).isCloseTo(Math.E, within(1e-5));
        assertThat(votes[1]).isZero();
    }

    @Test
    void votesAreThoseOfComparingAllByHand() {
        Random random = new Random(4);
        int n = 700;
        int m = 300; // more than go at once
        int d = 12;
        int classes = 7;
        float[][] keys = rows(random, n, d);
        float[][] queries = rows(random, m, d);
        List<List<Integer>> labels =
                IntStream.range(0, n).mapToObj(_ -> List.of(random.nextInt(classes))).toList();
        Neighbours found = Neighbours.of(tensor(queries), tensor(keys), 50);
        for (int k : new int[] {1, 10, 50}) {
            double[][] votes = Votes.of(found, new GroundTruth(labels, classes), k, TEMPERATURE);
            for (int query = 0; query < m; query++) {
                double[] expected = byHand(queries[query], keys, labels, k, classes);
                for (int c = 0; c < classes; c++) {
                    double slack = 1e-4 * Math.max(1, expected[c]);
                    assertThat(votes[query][c]).isCloseTo(expected[c], within(slack));
                }
            }
        }
    }

    private static double[] byHand(
            float[] query, float[][] keys, List<List<Integer>> labels, int k, int classes) {
        double[] votes = new double[classes];
        IntStream.range(0, keys.length)
                .boxed()
                .sorted(Comparator.comparingDouble(key -> -cosine(query, keys[key])))
                .limit(k)
                .forEach(key ->
                        votes[labels.get(key).getFirst()] +=
                                Math.exp(cosine(query, keys[key]) / TEMPERATURE));
        return votes;
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }

    private static float[][] rows(Random random, int n, int d) {
        float[][] rows = new float[n][d];
        for (float[] row : rows) {
            for (int i = 0; i < d; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return rows;
    }

    private static Tensor tensor(float[][] rows) {
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
        }
        return Ops.tensor(flat, rows.length, rows[0].length); // [rows, D]
    }

    @Test
    void moreNeighboursThanKeysAreRefused() {
        Tensor keys = Ops.tensor(new float[] {1, 0}, 1, 2); // [1, 2]
        assertThatThrownBy(() -> Neighbours.of(keys, keys, 2))
                .hasMessage("k is 2; it must lie between 1 and the 1 keys");
    }
}
