package dev.isoflop.probe;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.probe.ClassificationMetrics.ClassScore;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.ProbeReport.Probe;
import dev.isoflop.run.Stop;
import dev.isoflop.run.Version;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// The protocols on features that all of them share, each with what it found.
///
/// Shapes: M validation images, D width.
///
/// @param settings of the protocols
/// @param data the images, and the names of their classes
/// @param encoder that is probed
/// @param weights of the encoder
/// @param frozen the network, and how images are shown to it
/// @param train features learned from; null where no protocol learns
/// @param validation features evaluated on
record Probes(
        ProbeSettings settings,
        ProbeData data,
        FrozenEncoder encoder,
        FrozenEncoder.Weights weights,
        Features.Frozen frozen,
        @Nullable Features train,
        Features validation) {

    private static final int CLASSES_SHOWN = 5;
    private static final int CONFUSIONS_SHOWN = 10;
    private static final double NANOS = 1e9;

    /// The same protocols on features of another encoder.
    ///
    /// @param other how images were shown to it
    Probes on(Features.Frozen other, Features learned, Features judged) {
        return new Probes(settings, data, encoder, weights, other, learned, judged);
    }

    /// One probe.
    ///
    /// @param stop may end it early
    /// @return nothing if it did
    Optional<Probe> of(Probing.Protocol protocol, Stop stop) {
        long start = System.nanoTime();
        return evaluated(protocol, stop)
                .map(found -> probe(protocol, found, (System.nanoTime() - start) / NANOS));
    }

    /// What a protocol comes to.
    ///
    /// @param stop may end it early
    /// @return nothing if it did
    Optional<Evaluated> evaluated(Probing.Protocol protocol, Stop stop) {
        return switch (protocol) {
            case K_NN -> Optional.of(nearest());
            case LINEAR -> linear(stop);
            case ZERO_SHOT -> Optional.of(zeroShot());
        };
    }

    /// All that decides a figure beside the features, in words.
    String decidedBy(Probing.Protocol protocol) {
        List<Object> parts = new ArrayList<>();
        parts.add(protocol.word());
        parts.add(
                switch (protocol) {
                    case K_NN -> {
                        List<Integer> tried = settings.neighboursAmong(learned().truth().rows());
                        yield ProbeSettings.favourite(tried) + " at " + settings.temperature();
                    }
                    case LINEAR -> settings.linear();
                    case ZERO_SHOT -> settings.templates();
                });
        parts.add(data.multiLabel());
        parts.add(data.countedClasses());
        parts.add(train == null ? "" : train.truth());
        parts.add(validation.truth());
        return parts.stream().map(String::valueOf).collect(Collectors.joining("\n"));
    }

    /// What a protocol came to.
    ///
    /// @param metrics of the validation images
    /// @param how it works, in a sentence
    /// @param trials what else was tried, by its name
    /// @param work executed for it
    record Evaluated(
            ClassificationMetrics metrics, String how, Map<String, Double> trials, Work work) {}

    private Features learned() {
        if (train == null) {
            throw new IllegalStateException("a probe that learns has no training features");
        }
        return train;
    }

    private ClassificationMetrics metrics(double[][] scores) {
        return ClassificationMetrics.of(
                scores, validation.truth(), data.multiLabel(), data.countedClasses());
    }

    private Evaluated nearest() {
        GroundTruth truth = learned().truth();
        List<Integer> neighbours = settings.neighboursAmong(truth.rows());
        Tensor queries = validation.values(); // [M, D]
        Neighbours found = Neighbours.of(queries, learned().values(), neighbours.getLast());
        Map<String, Double> trials = new LinkedHashMap<>();
        int favourite = ProbeSettings.favourite(neighbours);
        ClassificationMetrics figure = null;
        for (int k : neighbours) {
            ClassificationMetrics metrics =
                    metrics(Votes.of(found, truth, k, settings.temperature()));
            trials.put("k = " + k, metrics.value());
            figure = k == favourite ? metrics : figure;
        }
        if (figure == null) {
            throw new IllegalStateException("k = " + favourite + " was not tried");
        }
        Work work = Neighbours.work(found.queries(), truth.rows(), queries.size(1));
        String how =
                "weighted k-NN by cosine, k = %d, a neighbour at cosine s has exp(s / %s) votes"
                        .formatted(favourite, settings.temperature());
        return new Evaluated(figure, how, trials, work);
    }

    private Optional<Evaluated> linear(Stop stop) {
        Features from = learned();
        if (from.truth().rows() < 2) {
            throw new InputException("a linear probe learns from two images or more");
        }
        return LinearProbe.of(
                        from.values(),
                        from.truth(),
                        validation.values(),
                        data.multiLabel(),
                        settings.linear(),
                        stop)
                .map(this::evaluated);
    }

    private Evaluated evaluated(LinearProbe.Outcome outcome) {
        Map<String, Double> trials = new LinkedHashMap<>();
        outcome.sweep().forEach((decay, reached) -> trials.put("decay " + word(decay), reached));
        String how =
                "%s on standardised features, L-BFGS of at most %d iterations, weight decay %s chosen on %s of the images learned from, then fitted to all of them"
                        .formatted(
                                data.multiLabel() ? "one sigmoid a class" : "softmax regression",
                                settings.linear().iterations(),
                                word(outcome.decay()),
                                settings.linear().heldOut());
        return new Evaluated(metrics(outcome.scores()), how, trials, outcome.work());
    }

    /// A number as people write it: `1e-4`.
    private static String word(double number) {
        return String.valueOf(number).replaceFirst("\\.0(?=E|$)", "").replace('E', 'e');
    }

    private Evaluated zeroShot() {
        ZeroShot prompts = encoder.zeroShot(weights);
        List<String> names = data.classNames();
        List<String> templates = settings.templates();
        double[][] scores = prompts.scores(validation.values(), names, templates);
        Work work = prompts.work(scores.length, names.size(), templates.size());
        String how =
                "the class whose sentences lie nearest by cosine; sentences: "
                        + String.join(" | ", templates);
        return new Evaluated(metrics(scores), how, Map.of(), work);
    }

    private Probe probe(Probing.Protocol protocol, Evaluated found, double seconds) {
        boolean learns = protocol.learns();
        ClassificationMetrics metrics = found.metrics;
        List<String> names = data.classNames();
        OptionalDouble five = metrics.topFive();
        List<ClassScore> byScore =
                metrics.classes().stream()
                        .sorted(Comparator.comparingDouble(ClassScore::value).reversed())
                        .toList();
        int shown = Math.min(CLASSES_SHOWN, byScore.size() / 2);
        return new Probe(
                protocol.word(),
                new ProbeReport.Outcome(
                        metrics.metric(),
                        metrics.value(),
                        five.isPresent() ? five.getAsDouble() : null,
                        names.size(),
                        data.multiLabel() ? found.how + mean(metrics) : found.how,
                        found.trials,
                        chance(learns)),
                new ProbeReport.Data(
                        learns ? part(data.train(), learned()) : null,
                        part(data.validation(), validation),
                        learns ? data.leftOut() : List.of(),
                        unjudged(learns)),
                new ProbeReport.Encoder(
                        weights.step(),
                        weights.file(),
                        weights.sha256(),
                        frozen.viewInWords(),
                        frozen.precisionInWords(),
                        frozen.featureInWords()),
                features(),
                null,
                new ProbeReport.Spent(found.work, seconds),
                new ProbeReport.Classes(
                        byScore.subList(0, shown).stream().map(c -> named(c, names)).toList(),
                        byScore.reversed().subList(0, shown).stream()
                                .map(c -> named(c, names))
                                .toList(),
                        metrics.confusions().stream()
                                .limit(CONFUSIONS_SHOWN)
                                .map(c ->
                                        new ProbeReport.Confusion(
                                                shortened(names.get(c.truth())),
                                                shortened(names.get(c.predicted())),
                                                c.rows()))
                                .toList()),
                Version.isoflop(),
                Instant.now());
    }

    /// What the best guess reaches that sees no image.
    private Baseline chance(boolean learns) {
        return learns
                ? Chance.of(
                        learned().truth(),
                        validation.truth(),
                        data.multiLabel(),
                        data.countedClasses(),
                        data.classNames().stream().map(Probes::shortened).toList())
                : Chance.amongNames(validation.truth(), data.multiLabel(), data.countedClasses());
    }

    /// Classes that may be said and that no image judged shows.
    private int unjudged(boolean learns) {
        BitSet possible = new BitSet();
        if (learns) {
            possible.or(learned().truth().seen());
        } else {
            possible.set(0, data.classNames().size());
        }
        possible.andNot(validation.truth().seen());
        return possible.cardinality();
    }

    private static String mean(ClassificationMetrics metrics) {
        return "; mean over the %,d classes that count, of those that the images judged show"
                .formatted(metrics.classes().size());
    }

    private static ProbeReport.Part part(ProbeData.Part part, Features features) {
        int images = features.truth().rows();
        return new ProbeReport.Part(part.name(), images, part.withoutLabel(), features.broken());
    }

    /// The first of a class's names.
    private static String shortened(String className) {
        return className.replaceFirst(",.*", "");
    }

    private static ProbeReport.ClassScore named(ClassScore c, List<String> names) {
        return new ProbeReport.ClassScore(shortened(names.get(c.label())), c.value(), c.rows());
    }

    private ProbeReport.Features features() {
        return features(frozen, train, validation);
    }

    /// How features of both parts came about.
    ///
    /// @param train null where no protocol learns
    static ProbeReport.Features features(
            Features.Frozen frozen, @Nullable Features train, Features validation) {
        int computed = validation.computed() + (train == null ? 0 : train.computed());
        int reused = validation.reused() + (train == null ? 0 : train.reused());
        double seconds = validation.seconds() + (train == null ? 0 : train.seconds());
        Work work =
                computed == 0
                        ? Work.none("features")
                        : frozen.vit().shape().forwardWork("features", 1).times(computed, "images");
        return new ProbeReport.Features(work, seconds, computed, reused);
    }
}
