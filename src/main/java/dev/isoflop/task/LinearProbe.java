package dev.isoflop.task;

import static dev.isoflop.torch.Ops.plus;
import static dev.isoflop.torch.Ops.times;

import static org.bytedeco.pytorch.global.torch.binary_cross_entropy_with_logits;
import static org.bytedeco.pytorch.global.torch.cross_entropy;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.torch.Lbfgs;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Progress;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What a linear classifier makes of frozen features: softmax regression, or one sigmoid a class
/// where images show several.
///
/// Standardised features, as the authors of MAE have them (batch norm without scale and shift, He
/// et al. 2022, section A.1); weights of least loss by L-BFGS over all rows, and their decay chosen
/// on rows held out, as the authors of CLIP have it (Radford et al. 2021, section A.3).
///
/// Differs from both: the images are seen in one view, so that features are computed once.
///
/// Shapes: N training rows, F of them fitted, M validation rows, D width, K classes.
public final class LinearProbe {

    private static final double EPSILON = 1e-6; // of the authors' batch norm
    private static final int STREAM = 0; // of the random numbers that hold rows out
    private static final int LEAST_ROWS = 2;

    private LinearProbe() {}

    /// How it is fitted.
    ///
    /// @param decays of the weights, half of which times their squared norm is added to the loss;
    ///   the one that does best on the rows held out is taken
    /// @param heldOut share of the training rows that choose the decay
    /// @param iterations of L-BFGS, at most, for each decay
    /// @param seed decides which rows are held out
    public record Settings(List<Double> decays, double heldOut, int iterations, long seed) {

        /// Powers of ten around 1e-4, and a fifth of the rows held out.
        public static final Settings DEFAULT =
                new Settings(List.of(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1), 0.2, 100, 0);

        public Settings {
            decays = List.copyOf(decays);
            Check.that(!decays.isEmpty(), "decays is empty; name one at least, such as 1e-3");
            for (double decay : decays) {
                Check.that(decay > 0, "decays has %s; each must be above 0", decay);
            }
            Check.that(
                    heldOut > 0 && heldOut < 1,
                    "heldOut is %s; write a share between 0 and 1, such as 0.2",
                    heldOut);
            Check.that(iterations >= 1, "iterations is %s; it must be at least 1", iterations);
        }
    }

    /// What came of it.
    ///
    /// @param scores logits of the validation rows, `M x K`
    /// @param decay that was chosen
    /// @param sweep what each decay reached on the rows held out, the strongest first
    /// @param work matrix products of all fits, forward and backward
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Outcome(double[][] scores, double decay, Map<Double, Double> sweep, Work work) {}

    /// Weights and the products that finding them took.
    private static final class Fit {

        private final Tensor weight; // [D, K]
        private final Tensor bias; // [K]
        private final List<Work> work = new ArrayList<>();

        Fit(Tensor features, int classes) {
            long d = features.size(1);
            weight = torch.zeros(new long[] {d, classes}, Ops.like(features));
            bias = torch.zeros(new long[] {classes}, Ops.like(features));
            weight.set_requires_grad(true);
            bias.set_requires_grad(true);
        }

        /// Goes on from the weights at hand.
        void fit(Tensor x, Tensor target, boolean several, double decay, int iterations) {
            long evaluations =
                    Lbfgs.minimise(
                            List.of(weight, bias),
                            () -> loss(x, target, several, decay),
                            iterations);
            long n = x.size(0);
            long d = weight.size(0);
            long k = weight.size(1);
            String name = "fit at decay " + decay;
            work.add(
                    Work.sum(
                            name,
                            Work.product("logits", evaluations, n, d, k),
                            Work.product("gradients", evaluations, d, n, k)));
        }

        private Tensor loss(Tensor x, Tensor target, boolean several, double decay) {
            Tensor logits = x.matmul(weight).add(bias); // [F, K]
            Tensor mean =
                    several
                            ? times(
                                    binary_cross_entropy_with_logits(logits, target),
                                    (double) bias.size(0)) // a sum over classes, as of the softmax
                            : cross_entropy(logits, target);
            return mean.add(times(weight.mul(weight).sum(), decay / 2));
        }

        double[][] scores(Tensor x) {
            try (PointerScope _ = new PointerScope();
                    NoGradGuard _ = new NoGradGuard()) {
                work.add(Work.product("scores", 1, x.size(0), weight.size(0), weight.size(1)));
                return Ops.rows(x.matmul(weight).add(bias)); // [M, K]
            }
        }
    }

    /// Chooses a decay, fits all training rows with it, and scores the validation rows.
    ///
    /// @param train features, `[N, D]` in 32 bits
    /// @param truth what the training rows show
    /// @param validation features, `[M, D]`
    /// @param several whether rows may show several classes
    public static Outcome of(
            Tensor train, Truth truth, Tensor validation, boolean several, Settings settings) {
        int n = truth.rows();
        Check.that(
                n == train.size(0) && n >= LEAST_ROWS,
                "train has %s rows where %s labels are known; it needs %s or more",
                train.size(0),
                n,
                LEAST_ROWS);
        try (PointerScope _ = new PointerScope()) {
            Tensor mean = Ops.mean(train, 0); // [D]
            Tensor scale = plus(Ops.keptVariance(train, 0), EPSILON).rsqrt(); // [1, D]
            Tensor x = train.sub(mean).mul(scale); // [N, D]
            int[] order = order(n, settings.seed);
            int held = Math.clamp(Math.round(settings.heldOut * n), 1, n - 1);
            int[] heldOut = Arrays.copyOfRange(order, 0, held);
            int[] fitted = Arrays.copyOfRange(order, held, n);
            Fit fit = new Fit(x, truth.classes());
            Map<Double, Double> sweep = new LinkedHashMap<>();
            double best = sweep(fit, x, truth, several, settings, fitted, heldOut, sweep);
            fit.fit(x, target(truth, several), several, best, settings.iterations);
            double[][] scores = fit.scores(validation.sub(mean).mul(scale));
            Work work = Work.sum("linear probe", fit.work);
            return new Outcome(scores, best, Collections.unmodifiableMap(sweep), work);
        }
    }

    /// Tries the decays, the strongest first, each from where the one before it ended; leaves the
    /// weights of the best, and of equals of the strongest.
    private static double sweep(
            Fit fit,
            Tensor x,
            Truth truth,
            boolean several,
            Settings settings,
            int[] fitted,
            int[] heldOut,
            Map<Double, Double> sweep) {
        Tensor here = x.index_select(0, index(fitted)); // [F, D]
        Tensor there = x.index_select(0, index(heldOut)); // [N - F, D]
        Truth known = of(truth, fitted);
        Truth asked = of(truth, heldOut);
        BitSet judged = several ? judged(known, asked) : asked.seen();
        Tensor target = target(known, several);
        Tensor bestWeight = fit.weight.detach().clone(); // [D, K]
        Tensor bestBias = fit.bias.detach().clone(); // [K]
        double best = Double.NEGATIVE_INFINITY;
        double chosen = Collections.max(settings.decays);
        List<Double> decays =
                settings.decays.stream().distinct().sorted(Comparator.reverseOrder()).toList();
        for (double decay : decays) {
            fit.fit(here, target, several, decay, settings.iterations);
            double reached = Judgement.of(fit.scores(there), asked, several, judged).value();
            sweep.put(decay, reached);
            if (reached > best) {
                best = reached;
                chosen = decay;
                bestWeight.copy_(fit.weight.detach());
                bestBias.copy_(fit.bias.detach());
            }
        }
        fit.weight.detach().copy_(bestWeight);
        fit.bias.detach().copy_(bestBias);
        return chosen;
    }

    /// The classes that both parts show; where there is none, all that the second shows.
    private static BitSet judged(Truth known, Truth asked) {
        BitSet both = known.seen();
        both.and(asked.seen());
        return both.isEmpty() ? asked.seen() : both;
    }

    /// A random order of the rows that the seed decides.
    private static int[] order(int n, long seed) {
        double[] draws = new Progress(0, 1, seed, 0).uniform(STREAM, n, 1);
        return IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(row -> draws[row]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static Truth of(Truth truth, int[] rows) {
        return new Truth(
                Arrays.stream(rows).mapToObj(row -> truth.labels().get(row)).toList(),
                truth.classes());
    }

    private static Tensor index(int[] rows) {
        return Ops.tensor(Arrays.stream(rows).asDoubleStream().toArray(), rows.length)
                .to(ScalarType.Long); // [rows]
    }

    /// Numbers of classes, `[N]`; or a flag a class, `[N, K]`.
    private static Tensor target(Truth truth, boolean several) {
        int n = truth.rows();
        if (!several) {
            return index(IntStream.range(0, n).map(truth::main).toArray()); // [N]
        }
        float[] flags = new float[Math.multiplyExact(n, truth.classes())];
        for (int row = 0; row < n; row++) {
            for (int label : truth.labels().get(row)) {
                flags[row * truth.classes() + label] = 1;
            }
        }
        return Ops.tensor(flags, n, truth.classes()); // [N, K]
    }
}
