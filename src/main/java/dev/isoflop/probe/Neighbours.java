package dev.isoflop.probe;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.torch.Ops;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/// The nearest keys of each query by the cosine between features, all pairs compared.
///
/// Shapes: M queries, N keys, Q queries at once, D width, K neighbours.
public final class Neighbours {

    private static final int AT_ONCE = 256; // queries: their similarities to all keys are in memory

    private final int queries;
    private final int count;
    private final float[] similarities; // M x K, the nearest first
    private final int[] rows; // M x K

    private Neighbours(int queries, int count) {
        this.queries = queries;
        this.count = count;
        this.similarities = new float[Math.multiplyExact(queries, count)];
        this.rows = new int[similarities.length];
    }

    /// Finds the nearest keys.
    ///
    /// @param queries `[M, D]`
    /// @param keys `[N, D]`
    /// @param k how many of each query; at most N
    public static Neighbours of(Tensor queries, Tensor keys, int k) {
        Check.that(
                k >= 1 && k <= keys.size(0),
                "k is %s; it must lie between 1 and the %s keys",
                k,
                keys.size(0));
        int m = Math.toIntExact(queries.size(0));
        Neighbours found = new Neighbours(m, k);
        try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
            Tensor across = Ops.unit(keys).t().contiguous(); // [D, N]
            for (int from = 0; from < m; from += AT_ONCE) {
                try (PointerScope _ = new PointerScope()) {
                    int q = Math.min(AT_ONCE, m - from);
                    Tensor some = Ops.unit(queries.narrow(0, from, q)); // [Q, D]
                    found.take(from, some.matmul(across)); // [Q, N]
                }
            }
        }
        return found;
    }

    /// Keeps the highest of each row.
    ///
    /// @param cosines `[Q, N]`
    private void take(int from, Tensor cosines) {
        T_TensorTensor_T highest = cosines.topk(count, 1, true, true);
        Tensor values = highest.get0().cpu().contiguous(); // [Q, K]
        Tensor places = highest.get1().cpu().contiguous(); // [Q, K]
        int numbers = Math.toIntExact(values.numel());
        FloatBuffer similarity = values.createBuffer();
        similarity.get(similarities, from * count, numbers);
        LongBuffer place = places.createBuffer();
        for (int i = 0; i < numbers; i++) {
            rows[from * count + i] = Math.toIntExact(place.get(i));
        }
    }

    /// The matrix products of comparing all with all.
    ///
    /// @param width of a feature
    static Work work(int queries, int keys, long width) {
        return Work.product("similarities", 1, queries, width, keys);
    }

    /// How many queries there are.
    int queries() {
        return queries;
    }

    /// How many neighbours of each query are known.
    int count() {
        return count;
    }

    /// The key that comes at a place among a query's neighbours.
    ///
    /// @param rank 0 is the nearest
    int row(int query, int rank) {
        return rows[query * count + rank];
    }

    /// The cosine between a query and the key at a place among its neighbours.
    ///
    /// @param rank 0 is the nearest
    double similarity(int query, int rank) {
        return similarities[query * count + rank];
    }
}
