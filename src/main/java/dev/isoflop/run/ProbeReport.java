package dev.isoflop.run;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Json;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What probes of an encoder showed: probe.json.
///
/// @param probes one a protocol, data and encoder; the latest of each
public record ProbeReport(List<Probe> probes) {

    public ProbeReport {
        probes = List.copyOf(probes);
    }

    /// This report with newer probes; each takes the place of one of the same protocol, data and
    /// checkpoint, or file.
    public ProbeReport with(List<Probe> newer) {
        List<Probe> all = new ArrayList<>(probes);
        all.removeIf(old -> newer.stream().anyMatch(old::isReplacedBy));
        all.addAll(newer);
        return new ProbeReport(all);
    }

    /// What a file says, if it is there.
    ///
    /// @throws InputException if it is damaged
    public static Optional<ProbeReport> in(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Json.read(
                            WholeFile.text(file, WholeFile.TEXT, "a report"),
                            ProbeReport.class,
                            file.toString()));
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    /// Replaces a file by this report.
    public void writeTo(Path file) {
        DurableFiles.write(file, Json.document(this));
    }

    /// One probe.
    ///
    /// In `probe.json` the components of [Outcome], [Data], [Spent] and [Classes] stand beside the
    /// others: a probe is flat.
    ///
    /// @param protocol "k-NN", "linear" or "zero-shot"
    /// @param outcome what came of it
    /// @param data what it learns from, and what it is judged on
    /// @param encoder what was probed
    /// @param features how its features came about, which all probes of one call share
    /// @param untrained what the encoders took that its figure is held against; null where they
    ///   were left out, or are not part of the protocol
    /// @param spent on the probe itself, beside the features
    /// @param fared the classes at either end
    /// @param isoflop version
    /// @param measured when, in UTC
    public record Probe(
            String protocol,
            @JsonUnwrapped Outcome outcome,
            @JsonUnwrapped Data data,
            Encoder encoder,
            Features features,
            @Nullable Untrained untrained,
            @JsonUnwrapped Spent spent,
            @JsonUnwrapped Classes fared,
            String isoflop,
            Instant measured) {

        /// The same, held against what untrained encoders reached.
        ///
        /// @param reached by each of them, 0 to 1
        /// @param took what that took
        public Probe beside(List<Double> reached, Untrained took) {
            return new Probe(
                    protocol,
                    outcome.beside(reached),
                    data,
                    encoder,
                    features,
                    took,
                    spent,
                    fared,
                    isoflop,
                    measured);
        }

        private boolean isReplacedBy(Probe newer) {
            String read = encoder.feature();
            return protocol.equals(newer.protocol)
                    && Objects.equals(where(data.train), where(newer.data.train))
                    && data.validation.data().equals(newer.data.validation.data())
                    && Objects.equals(encoder.step(), newer.encoder.step())
                    && Objects.equals(encoder.file(), newer.encoder.file())
                    && (read == null || read.equals(newer.encoder.feature()));
        }

        private static @Nullable String where(@Nullable Part part) {
            return part == null ? null : part.data();
        }
    }

    /// What came of a probe.
    ///
    /// @param metric "top-1 accuracy" or "mean average precision"
    /// @param value of the metric, 0 to 1
    /// @param topFive share of images whose class is among the five highest, where that is asked
    /// @param classes that are told apart
    /// @param how the protocol in a sentence, with its settings
    /// @param trials what else was tried, by its name: each k, or each decay on the images held out
    /// @param baseline what the value is to be held against; null of a probe older than this
    public record Outcome(
            String metric,
            double value,
            @Nullable Double topFive,
            int classes,
            String how,
            Map<String, Double> trials,
            @Nullable Baseline baseline) {

        public Outcome {
            trials = Collections.unmodifiableMap(new LinkedHashMap<>(trials));
        }

        private Outcome beside(List<Double> reached) {
            return new Outcome(
                    metric,
                    value,
                    topFive,
                    classes,
                    how,
                    trials,
                    baseline == null
                            ? null
                            : new Baseline(baseline.chance(), baseline.guess(), reached));
        }
    }

    /// The images of a probe.
    ///
    /// @param train images that it learns from; none of a zero-shot probe
    /// @param validation images that it is judged on
    /// @param leftOut names of classes that do not count, because no image learned from shows them
    /// @param unjudged how many classes are possible answers without a figure of their own, because
    ///   no image judged shows them; null of a probe older than this
    public record Data(
            @Nullable Part train,
            Part validation,
            List<String> leftOut,
            @Nullable Integer unjudged) {

        public Data {
            leftOut = List.copyOf(leftOut);
        }
    }

    /// What was spent on a probe.
    ///
    /// @param work executed; convention matmul
    /// @param seconds that it took
    public record Spent(Work work, double seconds) {}

    /// What the untrained encoders took that a figure is held against.
    ///
    /// @param encoder what network they are, in words, and their seeds
    /// @param features how theirs came about, which all probes of one call share; none where what
    ///   they reach was known
    /// @param spent on this probe of them, beside the features
    public record Untrained(String encoder, Features features, @JsonUnwrapped Spent spent) {}

    /// How the classes fared that stand out.
    ///
    /// @param best the classes it did best
    /// @param worst the classes it did worst
    /// @param confusions the classes most often taken for another
    public record Classes(
            List<ClassScore> best, List<ClassScore> worst, List<Confusion> confusions) {

        public Classes {
            best = List.copyOf(best);
            worst = List.copyOf(worst);
            confusions = List.copyOf(confusions);
        }
    }

    /// Some images.
    ///
    /// @param data where they come from, and which of them
    /// @param images how many count
    /// @param withoutLabel how many were passed over because nothing is known of them
    /// @param broken how many could not be read
    public record Part(String data, int images, int withoutLabel, int broken) {}

    /// What was probed.
    ///
    /// @param step of the run's checkpoint; null of a file
    /// @param file that holds it, where it was named; null of a run
    /// @param sha256 of the encoder's file
    /// @param view how images were shown to it
    /// @param precision of matrix products
    /// @param feature which tokens are read, after which block; null in older reports
    public record Encoder(
            @Nullable Long step,
            @Nullable String file,
            String sha256,
            String view,
            String precision,
            @Nullable String feature) {}

    /// How the features came about.
    ///
    /// @param work executed for them in this call: forward passes; nothing where all were reused
    /// @param seconds that computing or reading them took
    /// @param computed images that went through the encoder
    /// @param reused images whose features were there already
    public record Features(Work work, double seconds, int computed, int reused) {}

    /// How one class fared.
    ///
    /// @param name of the class
    /// @param value its accuracy or average precision
    /// @param images of the validation part that show it
    public record ClassScore(String name, double value, int images) {}

    /// Images of one class taken for another.
    ///
    /// @param truth name of what they show
    /// @param said name of what was said
    /// @param images how many
    public record Confusion(String truth, String said, int images) {}
}
