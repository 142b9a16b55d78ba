package dev.isoflop.probe;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.data.Source;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.View;
import dev.isoflop.method.Clip;
import dev.isoflop.probe.ClassificationMetrics.ClassScore;
import dev.isoflop.run.Machine;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.ProbeReport.Probe;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Version;
import dev.isoflop.text.Tokenizer;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.vit.Vit;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/// Probes of a frozen encoder.
public final class Probing {

    private static final int CLASSES_SHOWN = 5;
    private static final int CONFUSIONS_SHOWN = 10;
    private static final double NANOS = 1e9;

    /// A way to probe.
    public enum Protocol {
        K_NN("k-NN"),
        LINEAR("linear"),
        ZERO_SHOT("zero-shot");

        private final String word;

        Protocol(String word) {
            this.word = word;
        }
    }

    private final FrozenEncoder probed;
    private final ProbeSettings settings;
    private final Set<Protocol> protocols;
    private final RunListener to;

    /// Prepares probes.
    ///
    /// @param protocols which; none for all that suit what is probed
    public Probing(
            FrozenEncoder probed, ProbeSettings settings, Set<Protocol> protocols, RunListener to) {
        this.to = to;
        this.probed = probed;
        this.settings = settings;
        boolean clip = probed instanceof FrozenEncoder.OfRun run && run.clip().isPresent();
        if (protocols.contains(Protocol.ZERO_SHOT) && !clip) {
            throw new InputException(
                    "--zero-shot needs a run of method clip; " + probed.name() + without(probed));
        }
        EnumSet<Protocol> suitable = EnumSet.of(Protocol.K_NN, Protocol.LINEAR);
        if (clip) {
            suitable.add(Protocol.ZERO_SHOT);
        }
        this.protocols = protocols.isEmpty() ? suitable : protocols;
    }

    private static String without(FrozenEncoder probed) {
        return switch (probed) {
            case FrozenEncoder.OfRun run ->
                    " is one of %s, which read no text".formatted(run.method().name());
            case FrozenEncoder.OfFile _ -> " holds an encoder of images alone";
        };
    }

    /// What all probes of a call share.
    ///
    /// @param train features learned from; null where nothing learns
    private record Shared(
            ProbeData data, Features.Frozen frozen, @Nullable Features train, Features validation) {

        public Features learned() {
            if (train == null) {
                throw new IllegalStateException("a probe that learns has no training features");
            }
            return train;
        }

        public ClassificationMetrics judged(double[][] scores) {
            return ClassificationMetrics.of(
                    scores, validation.truth(), data.several(), data.judged());
        }
    }

    /// Probes.
    ///
    /// @throws InputException if there is nothing to learn, or nothing to judge by
    public List<Probe> run() {
        boolean learns = protocols.contains(Protocol.K_NN) || protocols.contains(Protocol.LINEAR);
        Source source = settings.data().train().orElseGet(probed::data);
        try (ProbeData data = ProbeData.open(settings.data(), source, learns)) {
            if (protocols.contains(Protocol.K_NN)) {
                List<Integer> _ = settings.neighboursAmong(data.train().truth().rows());
            }
            Precision precision = settings.precision();
            LibTorch.load(precision);
            Device device = Engine.device(settings.device());
            Engine.threads(settings.threads() > 0 ? settings.threads() : Machine.cores());
            try (PointerScope _ = new PointerScope()) {
                Features.Frozen frozen = frozen(device);
                Features train = learns ? features(data.train(), frozen) : null;
                Features validation = features(data.validation(), frozen);
                return probes(new Shared(data, frozen, train, validation));
            }
        }
    }

    private Features features(ProbeData.Part part, Features.Frozen frozen) {
        return Features.kept(part, frozen, probed.sha256(), probed.features(), to);
    }

    private List<Probe> probes(Shared shared) {
        List<Probe> probes = new ArrayList<>();
        for (Protocol protocol : protocols) {
            probes.add(
                    switch (protocol) {
                        case K_NN -> nearest(shared);
                        case LINEAR -> linear(shared);
                        case ZERO_SHOT -> zeroShot(shared);
                    });
        }
        return probes;
    }

    /// The encoder, frozen.
    private Features.Frozen frozen(Device device) {
        Vit vit = probed.network(settings.precision());
        vit.to(device, Engine.parameterType(settings.precision()), false);
        vit.eval();
        int workers = settings.workers() > 0 ? settings.workers() : Machine.cores();
        return new Features.Frozen(
                vit,
                device,
                settings.precision(),
                View.central(probed.image()),
                settings.batch(),
                workers,
                settings.brokenShare());
    }

    private Probe nearest(Shared shared) {
        long start = System.nanoTime();
        Features train = shared.learned();
        GroundTruth truth = train.truth();
        List<Integer> neighbours = settings.neighboursAmong(truth.rows());
        Tensor queries = shared.validation.values(); // [M, D]
        Neighbours found = Neighbours.of(queries, train.values(), neighbours.getLast());
        Map<String, Double> trials = new LinkedHashMap<>();
        int favourite = ProbeSettings.favourite(neighbours);
        ClassificationMetrics figure = null;
        for (int k : neighbours) {
            ClassificationMetrics judged =
                    shared.judged(Votes.of(found, truth, k, settings.temperature()));
            trials.put("k = " + k, judged.value());
            figure = k == favourite ? judged : figure;
        }
        if (figure == null) {
            throw new IllegalStateException("k = " + favourite + " was not tried");
        }
        Work work = Neighbours.work(found.queries(), truth.rows(), queries.size(1));
        String how =
                "weighted k-NN by cosine, k = %d, a neighbour at cosine s has exp(s / %s) votes"
                        .formatted(favourite, settings.temperature());
        double seconds = (System.nanoTime() - start) / NANOS;
        return probe(Protocol.K_NN, shared, figure, how, trials, work, seconds);
    }

    private Probe linear(Shared shared) {
        long start = System.nanoTime();
        Features train = shared.learned();
        if (train.truth().rows() < 2) {
            throw new InputException("a linear probe learns from two images or more");
        }
        boolean several = shared.data.several();
        LinearProbe.Outcome outcome =
                LinearProbe.of(
                        train.values(),
                        train.truth(),
                        shared.validation.values(),
                        several,
                        settings.linear());
        Map<String, Double> trials = new LinkedHashMap<>();
        outcome.sweep().forEach((decay, reached) -> trials.put("decay " + word(decay), reached));
        String how =
                "%s on standardised features, L-BFGS of at most %d iterations, weight decay %s chosen on %s of the images learned from, then fitted to all of them"
                        .formatted(
                                several ? "one sigmoid a class" : "softmax regression",
                                settings.linear().iterations(),
                                word(outcome.decay()),
                                settings.linear().heldOut());
        double seconds = (System.nanoTime() - start) / NANOS;
        ClassificationMetrics figure = shared.judged(outcome.scores());
        return probe(Protocol.LINEAR, shared, figure, how, trials, outcome.work(), seconds);
    }

    /// A number as people write it: `1e-4`.
    private static String word(double number) {
        return String.valueOf(number).replaceFirst("\\.0(?=E|$)", "").replace('E', 'e');
    }

    private Probe zeroShot(Shared shared) {
        long start = System.nanoTime();
        if (!(probed instanceof FrozenEncoder.OfRun run)
                || !(run.method() instanceof Clip.Config clip)) {
            throw new IllegalStateException(probed.name() + " reads no text");
        }
        Path tokenizer = run.folder().tokenizer();
        if (!Files.exists(tokenizer)) {
            throw new InputException(
                    tokenizer
                            + " is missing: without the words that the run learned there is no"
                            + " zero-shot; put it back, or ask for --knn or --linear");
        }
        ZeroShot prompts =
                new ZeroShot(
                        clip,
                        Tokenizer.read(tokenizer),
                        run.encoder().width(),
                        run.checkpoint(),
                        Engine.parameterType(run.precision()));
        List<String> names = shared.data.classNames();
        Tensor features = shared.validation.values(); // [M, D]
        double[][] scores = prompts.scores(features, names, settings.templates());
        Work work = prompts.work(scores.length, names.size(), settings.templates().size());
        String how =
                "the class whose sentences lie nearest by cosine; sentences: "
                        + String.join(" | ", settings.templates());
        double seconds = (System.nanoTime() - start) / NANOS;
        ClassificationMetrics figure = shared.judged(scores);
        return probe(Protocol.ZERO_SHOT, shared, figure, how, Map.of(), work, seconds);
    }

    private Probe probe(
            Protocol protocol,
            Shared shared,
            ClassificationMetrics figure,
            String how,
            Map<String, Double> trials,
            Work work,
            double seconds) {
        boolean learns = protocol != Protocol.ZERO_SHOT;
        ProbeData data = shared.data;
        List<String> names = data.classNames();
        OptionalDouble five = figure.topFive();
        List<ClassScore> byScore =
                figure.classes().stream()
                        .sorted(Comparator.comparingDouble(ClassScore::value).reversed())
                        .toList();
        int shown = Math.min(CLASSES_SHOWN, byScore.size() / 2);
        return new Probe(
                protocol.word,
                new ProbeReport.Outcome(
                        figure.metric(),
                        figure.value(),
                        five.isPresent() ? five.getAsDouble() : null,
                        names.size(),
                        data.several() ? how + mean(figure) : how,
                        trials),
                new ProbeReport.Data(
                        learns ? part(data.train(), shared.learned()) : null,
                        part(data.validation(), shared.validation),
                        learns ? data.leftOut() : List.of()),
                probed.named(shared.frozen),
                features(shared),
                new ProbeReport.Spent(work, seconds),
                new ProbeReport.Classes(
                        byScore.subList(0, shown).stream().map(c -> named(c, names)).toList(),
                        byScore.reversed().subList(0, shown).stream()
                                .map(c -> named(c, names))
                                .toList(),
                        figure.confusions().stream()
                                .limit(CONFUSIONS_SHOWN)
                                .map(c ->
                                        new ProbeReport.Confusion(
                                                shortened(names.get(c.truth())),
                                                shortened(names.get(c.said())),
                                                c.rows()))
                                .toList()),
                Version.isoflop(),
                Instant.now());
    }

    private static String mean(ClassificationMetrics figure) {
        return "; mean over the %,d classes that count, of those that the images judged show"
                .formatted(figure.classes().size());
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

    private static ProbeReport.Features features(Shared shared) {
        Features train = shared.train;
        Features validation = shared.validation;
        int computed = validation.computed() + (train == null ? 0 : train.computed());
        int reused = validation.reused() + (train == null ? 0 : train.reused());
        double seconds = validation.seconds() + (train == null ? 0 : train.seconds());
        Work work = forward(shared.frozen.vit(), computed);
        return new ProbeReport.Features(work, seconds, computed, reused);
    }

    /// The forward passes of so many images.
    public static Work forward(Vit vit, int images) {
        return images == 0
                ? Work.none("features")
                : vit.shape().forwardWork("features", 1).times(images, "images");
    }
}
