package dev.isoflop.probe;

import static dev.isoflop.torch.Ops.plus;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.Progress;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/// A linear classifier on frozen features: softmax regression, or one sigmoid a class where images
/// show several.
///
/// Standardised features, as the authors of MAE have them (batch norm without scale and shift, He
/// et al. 2022, section A.1); weights of least loss by L-BFGS over all rows, and their decay chosen
/// on rows held out, as the authors of CLIP have it (Radford et al. 2021, section A.3).
///
/// Differs from both: the images are seen in one view, so that features are computed once.
///
/// Shapes: N training rows, F of them fitted, M validation rows, D width, K classes.
final class LinearProbe {

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
    record Settings(List<Double> decays, double heldOut, int iterations, long seed) {

        /// Powers of ten around 1e-3, and a fifth of the rows held out.
        static final Settings DEFAULT =
                new Settings(List.of(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0), 0.2, 100, 0);

        Settings {
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
    record Outcome(double[][] scores, double decay, Map<Double, Double> sweep, Work work) {}

    /// Chooses a decay, fits all training rows with it, and scores the validation rows.
    ///
    /// @param train features, `[N, D]` in 32 bits
    /// @param truth what the training rows show
    /// @param validation features, `[M, D]`
    /// @param multiLabel whether rows may show several classes
    /// @param stop is asked before each decay
    /// @return nothing if it was to stop before all decays were tried
    static Optional<Outcome> of(
            Tensor train,
            GroundTruth truth,
            Tensor validation,
            boolean multiLabel,
            Settings settings,
            Stop stop) {
        int n = truth.rows();
        Check.that(
                n == train.size(0) && n >= LEAST_ROWS,
                "train has %s rows where %s labels are known; it needs %s or more",
                train.size(0),
                n,
                LEAST_ROWS);
        int threads = Engine.threads();
        return Engine.singly(() -> {
            try (ExecutorService blocks = Executors.newFixedThreadPool(threads)) {
                return probed(train, truth, validation, multiLabel, settings, stop, blocks);
            }
        });
    }

    /// The same, with every operator on one thread.
    private static Optional<Outcome> probed(
            Tensor train,
            GroundTruth truth,
            Tensor validation,
            boolean multiLabel,
            Settings settings,
            Stop stop,
            Executor blocks) {
        try (PointerScope _ = new PointerScope()) {
            Tensor mean = Ops.mean(train, 0); // [D]
            Tensor scale = plus(Ops.keptVariance(train, 0), EPSILON).rsqrt(); // [1, D]
            Tensor x = train.sub(mean).mul(scale); // [N, D]
            LinearFit fit = new LinearFit(x, truth.classes(), multiLabel, blocks);
            Map<Double, Double> sweep = sweep(fit, x, truth, multiLabel, settings, stop);
            if (stop.wanted()) {
                return Optional.empty();
            }
            double best = Collections.max(sweep.values());
            double decay = // of equals the strongest
                    sweep.entrySet().stream()
                            .filter(tried -> tried.getValue() == best)
                            .findFirst()
                            .orElseThrow()
                            .getKey();
            fit.goBack();
            fit.fit(x, truth, decay, settings.iterations);
            double[][] scores = fit.scores(validation.sub(mean).mul(scale));
            return Optional.of(
                    new Outcome(scores, decay, Collections.unmodifiableMap(sweep), fit.work()));
        }
    }

    /// Tries the decays, the strongest first, each from where the one before it ended, and keeps
    /// the weights of the first that does best.
    ///
    /// @param x features of all rows, `[N, D]`
    /// @return what each reached on the rows held out, in the order in which they were tried
    private static Map<Double, Double> sweep(
            LinearFit fit,
            Tensor x,
            GroundTruth truth,
            boolean multiLabel,
            Settings settings,
            Stop stop) {
        int n = truth.rows();
        int[] order = order(n, settings.seed);
        int held = Math.clamp(Math.round(settings.heldOut * n), 1, n - 1);
        int[] heldOut = Arrays.copyOfRange(order, 0, held);
        int[] fitted = Arrays.copyOfRange(order, held, n);
        Tensor here = x.index_select(0, LinearLoss.index(fitted)); // [F, D]
        Tensor there = x.index_select(0, LinearLoss.index(heldOut)); // [N - F, D]
        GroundTruth known = of(truth, fitted);
        GroundTruth validated = of(truth, heldOut);
        BitSet counted = multiLabel ? counted(known, validated) : validated.seen();
        List<Double> decays =
                settings.decays.stream().distinct().sorted(Comparator.reverseOrder()).toList();
        Map<Double, Double> sweep = new LinkedHashMap<>();
        for (double decay : decays) {
            if (stop.wanted()) {
                return sweep;
            }
            fit.fit(here, known, decay, settings.iterations);
            double reached =
                    ClassificationMetrics.of(fit.scores(there), validated, multiLabel, counted)
                            .value();
            if (sweep.values().stream().allMatch(before -> reached > before)) {
                fit.keep();
            }
            sweep.put(decay, reached);
        }
        return sweep;
    }

    /// The classes that both parts show; where there is none, all that the second shows.
    private static BitSet counted(GroundTruth known, GroundTruth validated) {
        BitSet both = known.seen();
        both.and(validated.seen());
        return both.isEmpty() ? validated.seen() : both;
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

    private static GroundTruth of(GroundTruth truth, int[] rows) {
        return new GroundTruth(
                Arrays.stream(rows).mapToObj(row -> truth.labels().get(row)).toList(),
                truth.classes());
    }
}
