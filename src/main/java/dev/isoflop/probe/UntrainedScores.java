package dev.isoflop.probe;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Json;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Sha256;
import dev.isoflop.files.WholeFile;
import dev.isoflop.probe.Probes.Evaluated;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.ProbeReport.Probe;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;

import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What untrained encoders of the same shape reach by the same protocols on the same images.
///
/// Computed once and kept, the figures as well as the features: a file is called by the checksum of
/// all that decides what is in it, which names no run. Zero-shot is not asked: an untrained encoder
/// knows no text, and what it would reach is chance.
final class UntrainedScores {

    private static final String FORMAT =
            "1"; // another once weights begin, or protocols go, otherwise
    private static final double NANOS = 1e9;

    private final ProbeSettings settings;
    private final ProbeData data;
    private final Probes trained;
    private final Path folder;
    private final RunListener to;
    private final Stop stop;
    private final String words;
    private final Map<Probing.Protocol, Took> took = new EnumMap<>(Probing.Protocol.class);
    private final List<ProbeReport.Features> features = new ArrayList<>();

    /// @param trained the protocols on features of the encoder that is probed
    /// @param folder that keeps what is found
    /// @param stop is asked between images and protocols
    UntrainedScores(
            ProbeSettings settings,
            ProbeData data,
            Probes trained,
            Path folder,
            RunListener to,
            Stop stop) {
        this.settings = settings;
        this.data = data;
        this.trained = trained;
        this.folder = folder;
        this.to = to;
        this.stop = stop;
        this.words = Untrained.words(trained.frozen().vit());
    }

    /// What one untrained encoder reached by one protocol, as it is kept.
    ///
    /// @param protocol as reports call it
    /// @param metric in words
    /// @param value 0 to 1
    /// @param encoder in words
    /// @param seed of its weights
    record Reached(String protocol, String metric, double value, String encoder, long seed) {

        Reached {
            Objects.requireNonNull(protocol, "protocol");
            Objects.requireNonNull(metric, "metric");
            Objects.requireNonNull(encoder, "encoder");
            Check.that(value >= 0 && value <= 1, "value is %s; it is a share", value);
        }
    }

    /// What all of them reached by one protocol so far, and took for it.
    private static final class Took {

        private final List<Double> values = new ArrayList<>();
        private final List<Work> work = new ArrayList<>();
        private double seconds;
    }

    /// Probes, each held against what untrained encoders reach; if it was to stop, against those
    /// that had ended.
    List<Probe> beside(List<Probe> probes) {
        List<Probing.Protocol> protocols =
                probes.stream()
                        .map(probe -> Probing.Protocol.of(probe.protocol()))
                        .filter(Probing.Protocol::learns)
                        .toList();
        for (long seed = 0; seed < settings.baselineSeeds(); seed++) {
            try (PointerScope _ = new PointerScope()) {
                Seed encoder = new Seed(seed);
                for (Probing.Protocol protocol : protocols) {
                    if (stop.wanted() || !encoder.probe(protocol)) {
                        return probes.stream().map(this::beside).toList();
                    }
                }
            }
        }
        return probes.stream().map(this::beside).toList();
    }

    private Probe beside(Probe probe) {
        Took found = took.get(Probing.Protocol.of(probe.protocol()));
        if (found == null) {
            return probe;
        }
        int last = found.values.size() - 1;
        String seeds = last == 0 ? ", seed 0" : ", seeds 0 to " + last;
        return probe.beside(
                found.values,
                new ProbeReport.Untrained(
                        words + seeds,
                        allFeatures(),
                        new ProbeReport.Spent(
                                sum("untrained encoders", found.work), found.seconds)));
    }

    private ProbeReport.Features allFeatures() {
        return new ProbeReport.Features(
                sum("features", features.stream().map(ProbeReport.Features::work).toList()),
                features.stream().mapToDouble(ProbeReport.Features::seconds).sum(),
                features.stream().mapToInt(ProbeReport.Features::computed).sum(),
                features.stream().mapToInt(ProbeReport.Features::reused).sum());
    }

    private static Work sum(String name, List<Work> parts) {
        return parts.isEmpty() ? Work.none(name) : Work.sum(name, parts);
    }

    /// The encoder of one seed, built when the first protocol asks for what is not known.
    private final class Seed {

        private final long seed;
        private final Features.Kept kept;
        private @Nullable Probes probes;

        private Seed(long seed) {
            this.seed = seed;
            String identity = "%s untrained, %s, seed %d".formatted(FORMAT, words, seed);
            kept = new Features.Kept(folder, identity, "untrained features", to, stop);
        }

        /// Finds what it reaches by a protocol.
        ///
        /// @return whether it was found, and not stopped
        private boolean probe(Probing.Protocol protocol) {
            String key =
                    String.join(
                            "\n",
                            kept.key(data.train(), trained.frozen()),
                            kept.key(data.validation(), trained.frozen()),
                            trained.decidedBy(protocol));
            String name = Sha256.of(key.getBytes(StandardCharsets.UTF_8)) + ".json";
            Path file = folder.resolve(name);
            Optional<Reached> known = known(file);
            if (known.isPresent()) {
                count(protocol, known.get().value());
                return true;
            }
            Optional<Probes> on = probes();
            long start = System.nanoTime();
            Optional<Evaluated> found = on.flatMap(all -> all.evaluated(protocol, stop));
            if (found.isEmpty()) {
                return false;
            }
            Took sum = count(protocol, found.get().metrics().value());
            sum.seconds += (System.nanoTime() - start) / NANOS;
            sum.work.add(found.get().work());
            keep(
                    file,
                    new Reached(
                            protocol.word(),
                            found.get().metrics().metric(),
                            found.get().metrics().value(),
                            words,
                            seed));
            return true;
        }

        private Took count(Probing.Protocol protocol, double value) {
            Took sum = took.computeIfAbsent(protocol, _ -> new Took());
            sum.values.add(value);
            return sum;
        }

        private Optional<Probes> probes() {
            if (probes != null) {
                return Optional.of(probes);
            }
            to.said("untrained   encoder to hold the figures against: " + words + ", seed " + seed);
            Features.Frozen frozen =
                    trained.frozen().with(Untrained.of(trained.frozen().vit(), seed));
            Features train = kept.of(data.train(), frozen).orElse(null);
            Features judged =
                    train == null ? null : kept.of(data.validation(), frozen).orElse(null);
            if (train == null || judged == null) {
                return Optional.empty();
            }
            features.add(Probes.features(frozen, train, judged));
            Probes made = trained.on(frozen, train, judged);
            probes = made;
            return Optional.of(made);
        }

        private Optional<Reached> known(Path file) {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            try {
                String text = WholeFile.text(file, WholeFile.TEXT, "a figure");
                return Optional.of(Json.read(text, Reached.class, file.toString()));
            } catch (IOException | InputException e) {
                String why = e instanceof IOException broken ? Reason.of(broken) : e.getMessage();
                to.said("untrained   encoder is probed anew: " + file + ": " + why);
                return Optional.empty();
            }
        }

        private void keep(Path file, Reached reached) {
            try {
                KeptFile.put(file, Json.document(reached));
            } catch (IOException e) {
                to.said("untrained   figure is not kept: " + file + ": " + Reason.of(e));
            }
        }
    }
}
