package dev.isoflop.probe;

import dev.isoflop.data.Source;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Machine;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.ProbeReport.Probe;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.text.ClassName;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.vit.Vit;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What a frozen encoder is worth on labelled images, in minutes: weighted k-NN, a linear
/// classifier, and zero-shot where its method brought images and texts together.
///
/// ```java
/// Table settings = Table.parse("settings", "train-images: 2000");
/// Probing probing = Probing.of(Path.of("runs/first"), settings, Set.of());
/// ProbeReport report = probing.run(RunListener.NONE, Stop.NEVER);
/// probing.keep(report, RunListener.NONE); // in probe.json, and on the run's page
/// ```
///
/// Beside each figure stands chance and, unless the settings say `baseline: false`, what untrained
/// encoders of the same shape reach ([dev.isoflop.run.Baseline]).
///
/// Features are computed once, and kept in the run's folder or beside the encoder's file; those of
/// untrained encoders, and what they reach, in a folder that all beside it share. One run or probe
/// at a time in a process: threads and autocast are the process's.
public final class Probing {

    /// A way to probe.
    public enum Protocol {
        /// Weighted k-NN, as DINO's authors have it.
        K_NN("k-NN"),
        /// A linear classifier.
        LINEAR("linear"),
        /// Names of classes in sentences; of a run whose method brings images and texts together.
        ZERO_SHOT("zero-shot");

        private final String word;

        Protocol(String word) {
            this.word = word;
        }

        /// How reports call it.
        String word() {
            return word;
        }

        /// The one that reports call so.
        static Protocol of(String word) {
            return Arrays.stream(values())
                    .filter(protocol -> protocol.word.equals(word))
                    .findFirst()
                    .orElseThrow();
        }

        /// Whether it needs training images.
        boolean learns() {
            return this != ZERO_SHOT;
        }
    }

    private final FrozenEncoder encoder;
    private final ProbeSettings settings;
    private final Set<Protocol> protocols;

    private Probing(FrozenEncoder encoder, ProbeSettings settings, Set<Protocol> protocols) {
        this.encoder = encoder;
        this.settings = settings;
        this.protocols = protocols;
    }

    /// Probes of an encoder; reads no weight yet.
    ///
    /// @param encoder a run's folder (its last good checkpoint), a checkpoint's, or a .safetensors
    ///   file of ours
    /// @param settings data, numbers of images, k and so on, as docs/how-to/probe-an-encoder.md
    ///   lists them; what is not there has its usual value, and a run's data are its own
    /// @param protocols which; none for all that suit the encoder
    /// @throws InputException if there is no such encoder, a setting is wrong, or zero-shot is
    ///   asked of what reads no text
    public static Probing of(Path encoder, Table settings, Set<Protocol> protocols) {
        FrozenEncoder found = FrozenEncoder.of(encoder);
        if (protocols.contains(Protocol.ZERO_SHOT) && !found.readsText()) {
            throw new InputException(
                    "--zero-shot needs a run of method clip; " + found.name() + found.whyNoText());
        }
        EnumSet<Protocol> suitable = EnumSet.allOf(Protocol.class);
        if (!found.readsText()) {
            suitable.remove(Protocol.ZERO_SHOT);
        }
        suitable.removeIf(protocol -> !protocols.isEmpty() && !protocols.contains(protocol));
        ProbeSettings read = ProbeSettings.from(settings, found.image());
        if (read.readsElsewhere()) {
            if (protocols.contains(Protocol.ZERO_SHOT)) {
                throw new InputException(
                        "--zero-shot compares texts with what the encoder was trained to give;"
                                + " leave pool and block out, or --zero-shot");
            }
            suitable.remove(Protocol.ZERO_SHOT);
        }
        return new Probing(found, read, suitable);
    }

    /// The same, with another file of figures than the usual `ENCODER.probe.json`, and features
    /// beside it.
    ///
    /// @param figures a name that ends in .json; several encoders may share it
    /// @throws InputException if it ends otherwise, or the encoder is a run's
    public Probing withFigures(Path figures) {
        return new Probing(encoder.withFigures(figures), settings, protocols);
    }

    /// Probes.
    ///
    /// @param to is told what is read again, and how far the features are
    /// @param stop is asked between images and protocols
    /// @return one probe a protocol, in their order; if it was to stop, those that had ended, held
    ///   against those untrained encoders that had ended
    /// @throws InputException if there is nothing to learn, or nothing to evaluate on
    public ProbeReport run(RunListener to, Stop stop) {
        try (FrozenEncoder.Hold _ = encoder.hold()) {
            var _ = ProbeReport.in(encoder.figures()); // refused now if damaged, not when done
            return new ProbeReport(probes(to, stop));
        }
    }

    /// Puts a report of {@link #run} into the file of figures: probe.json of a run, whose page is
    /// made anew, or `ENCODER.probe.json`. Older probes stay, unless they are of the same protocol,
    /// data and checkpoint.
    ///
    /// @param to is told which files were written
    /// @throws dev.isoflop.fault.RunException if they cannot be written
    public void keep(ProbeReport report, RunListener to) {
        if (!report.probes().isEmpty()) {
            encoder.keep(report, to);
        }
    }

    private List<Probe> probes(RunListener to, Stop stop) {
        boolean learns = protocols.stream().anyMatch(Protocol::learns);
        Source source = settings.data().train().orElseGet(encoder::data);
        FrozenEncoder.Weights weights = encoder.weights(to);
        try (ProbeData data = ProbeData.open(settings.data(), source, learns)) {
            if (protocols.contains(Protocol.ZERO_SHOT)) {
                ClassName.demandWords(
                        data.classNames(),
                        data.validation().name(),
                        "zero-shot (not --knn or --linear)");
            }
            data.leftOutLines().forEach(to::said);
            if (protocols.contains(Protocol.K_NN)) {
                List<Integer> _ = settings.neighboursAmong(data.train().truth().rows());
            }
            LibTorch.load(settings.precision());
            Device device = Engine.device(settings.device());
            Engine.threads(settings.threads() > 0 ? settings.threads() : Machine.cores());
            try (PointerScope _ = new PointerScope()) {
                Features.Frozen frozen = frozen(weights, device);
                return probes(data, weights, frozen, to, stop);
            }
        }
    }

    private Features.Frozen frozen(FrozenEncoder.Weights weights, Device device) {
        Vit vit = encoder.network(weights, settings.precision());
        vit.to(device, Engine.parameterType(settings.precision()), false);
        vit.eval();
        int workers = settings.workers() > 0 ? settings.workers() : Machine.cores();
        return new Features.Frozen(
                vit,
                device,
                settings.precision(),
                settings.feature(encoder.pool(), vit.shape().depth()),
                View.central(encoder.image()),
                settings.batch(),
                workers,
                settings.brokenShare());
    }

    /// Features, then one probe a protocol.
    private List<Probe> probes(
            ProbeData data,
            FrozenEncoder.Weights weights,
            Features.Frozen frozen,
            RunListener to,
            Stop stop) {
        Features.Kept kept =
                new Features.Kept(encoder.features(), weights.sha256(), "features", to, stop);
        boolean learns = protocols.stream().anyMatch(Protocol::learns);
        Features train = learns ? kept.of(data.train(), frozen).orElse(null) : null;
        Features validation = kept.of(data.validation(), frozen).orElse(null);
        List<Probe> ended = new ArrayList<>();
        if (validation == null) {
            return ended;
        }
        Probes probes = new Probes(settings, data, encoder, weights, frozen, train, validation);
        for (Protocol protocol : protocols) {
            if (!stop.wanted()) {
                probes.of(protocol, stop).ifPresent(ended::add);
            }
        }
        return settings.baseline()
                ? new UntrainedScores(settings, data, probes, encoder.untrained(), to, stop)
                        .beside(ended)
                : ended;
    }
}
