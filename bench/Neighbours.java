import dev.isoflop.probe.GroundTruth;
import dev.isoflop.probe.Votes;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// How long weighted k-NN takes on features that are there: 2,000 queries, 20,000 keys, k of 10, 20,
/// 100 and 200, 200 classes.
///
///     java --enable-native-access=ALL-UNNAMED -cp 'target/isoflop.jar:target/lib/*' bench/Neighbours.java
///
/// Prints the seconds of finding neighbours and of counting votes, medians of five, for features of
/// width 384 and 768.
final class Neighbours {

    private static final int KEYS = 20_000;
    private static final int QUERIES = 2_000;
    private static final int CLASSES = 200;
    private static final int[] NEIGHBOURS = {10, 20, 100, 200};
    private static final int ROUNDS = 5;

    private Neighbours() {}

    public static void main(String[] arguments) {
        LibTorch.load();
        Engine.threads(Runtime.getRuntime().availableProcessors());
        torch.manual_seed(1);
        var random = new SplittableRandom(1);
        List<List<Integer>> labels =
                IntStream.range(0, KEYS).mapToObj(_ -> List.of(random.nextInt(CLASSES))).toList();
        GroundTruth truth = new GroundTruth(labels, CLASSES);
        for (int width : new int[] {384, 768}) {
            measure(width, truth);
        }
    }

    private static void measure(int width, GroundTruth truth) {
        double[] finding = new double[ROUNDS];
        double[] counting = new double[ROUNDS];
        try (PointerScope _ = new PointerScope()) {
            Tensor keys = torch.randn(KEYS, width); // [N, D]
            Tensor queries = torch.randn(QUERIES, width); // [M, D]
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                var found = dev.isoflop.probe.Neighbours.of(queries, keys, 200);
                finding[round] = (System.nanoTime() - start) / 1e9;
                start = System.nanoTime();
                double sum = 0;
                for (int k : NEIGHBOURS) {
                    sum += Votes.of(found, truth, k, 0.07)[0][0];
                }
                counting[round] = (System.nanoTime() - start) / 1e9;
                if (Double.isNaN(sum)) {
                    throw new AssertionError("votes are numbers");
                }
            }
        }
        System.out.printf(
                "width %d: neighbours %.2f s, votes %.3f s%n",
                width, median(finding), median(counting));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
