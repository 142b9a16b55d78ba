package dev.isoflop.run;

import dev.isoflop.budget.Estimate;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// What came of a run: its bill.
///
/// @param status how it ended
/// @param steps taken
/// @param images seen
/// @param flops spent, exactly
/// @param convention what was counted as a FLOP: "matmul"
/// @param scope of the count: "total" over all devices
/// @param trainingSeconds sum of the steps' seconds, waiting included
/// @param waitSeconds of them spent waiting for data
/// @param imagesPerSecond median of the steps, if there was one
/// @param shareOfPeak median of the steps, 0 to 1, if the peak is known
/// @param firstLoss mean of the first twentieth of the steps, if there was one
/// @param lastLoss mean of the last twentieth of the steps, if there was one
/// @param spread of the embeddings when last measured, if it was
/// @param effectiveRank of the embeddings when last measured, if it was
/// @param probes of the encoder while the run went on
/// @param broken images that could not be used
/// @param encoder the trained encoder, if it was written
/// @param energy that it used, measured or estimated; null in a run older than this record
/// @param score of a network that was fine-tuned and evaluated; null for pre-training
/// @param message one sentence for people: how it went, or why it ended
public record Result(
        Status status,
        long steps,
        long images,
        BigInteger flops,
        String convention,
        String scope,
        double trainingSeconds,
        double waitSeconds,
        @Nullable Double imagesPerSecond,
        @Nullable Double shareOfPeak,
        @Nullable Double firstLoss,
        @Nullable Double lastLoss,
        @Nullable Double spread,
        @Nullable Double effectiveRank,
        Probes probes,
        Broken broken,
        @Nullable Artifact encoder,
        @Nullable Energy energy,
        @Nullable Score score,
        String message) {

    /// The first and the last loss are means over one in so many steps.
    private static final int TWENTIETH = 20;

    public Result {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(broken, "broken");
        probes = Objects.requireNonNullElse(probes, Probes.NONE); // older files have none
    }

    /// How a run ended.
    public enum Status {
        /// The budget is spent.
        FINISHED,
        /// It was stopped from outside and can be resumed.
        INTERRUPTED,
        /// Training broke down: a number that is not finite, or embeddings that have collapsed.
        UNSTABLE,
        /// It could not go on.
        FAILED;

        /// The word that files and pages use.
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Probes of the encoder while the run went on; their work and time are no part of the
    /// training's.
    ///
    /// @param count how many there were
    /// @param flops executed for all of them, convention matmul
    /// @param seconds that all of them took
    /// @param last what the last of them showed, if there was one
    public record Probes(long count, BigInteger flops, double seconds, @Nullable OnlineProbe last) {

        /// Nothing was probed.
        public static final Probes NONE = new Probes(0, BigInteger.ZERO, 0, null);

        static Probes of(List<Measurement> measurements) {
            List<OnlineProbe> all =
                    measurements.stream().flatMap(m -> Stream.ofNullable(m.probe())).toList();
            return all.isEmpty()
                    ? NONE
                    : new Probes(
                            all.size(),
                            all.stream()
                                    .map(OnlineProbe::flops)
                                    .reduce(BigInteger.ZERO, BigInteger::add),
                            all.stream().mapToDouble(OnlineProbe::seconds).sum(),
                            all.getLast());
        }
    }

    /// Images that could not be used.
    ///
    /// @param count how many there were
    /// @param share of all images that were tried, 0 to 1
    /// @param first the first of them
    public record Broken(long count, double share, List<BrokenImage> first) {

        /// Every image could be used.
        public static final Broken NONE = new Broken(0, 0, List.of());

        public Broken {
            first = List.copyOf(first);
        }
    }

    /// An image that could not be used, and why.
    public record BrokenImage(String name, String reason) {}

    /// A file that a run left.
    ///
    /// @param file its path within the run's folder
    /// @param sha256 its checksum
    public record Artifact(String file, String sha256) {}

    /// The result of a run with these measurements, counted in the convention matmul, in total.
    public static Result of(
            Status status,
            List<Measurement> measurements,
            Broken broken,
            @Nullable Artifact encoder,
            String message) {
        return of(status, measurements, broken, encoder, null, message);
    }

    /// The same, with energy that can be estimated where it was not measured.
    ///
    /// @param power of the devices together, in W; null if it is not known
    public static Result of(
            Status status,
            List<Measurement> measurements,
            Broken broken,
            @Nullable Artifact encoder,
            @Nullable Estimate power,
            String message) {
        int n = measurements.size();
        int twentieth = Math.ceilDiv(n, TWENTIETH);
        Optional<Measurement> spread =
                measurements.reversed().stream().filter(m -> m.spread() != null).findFirst();
        return new Result(
                status,
                n == 0 ? 0 : measurements.getLast().step(),
                n == 0 ? 0 : measurements.getLast().images(),
                n == 0 ? BigInteger.ZERO : measurements.getLast().flops(),
                "matmul",
                "total",
                measurements.stream().mapToDouble(Measurement::seconds).sum(),
                measurements.stream().mapToDouble(Measurement::waitSeconds).sum(),
                median(measurements, Measurement::imagesPerSecond),
                median(
                        measurements.stream().filter(m -> m.shareOfPeak() != null).toList(),
                        m -> Objects.requireNonNull(m.shareOfPeak())),
                meanLoss(measurements.subList(0, twentieth)),
                meanLoss(measurements.subList(n - twentieth, n)),
                spread.map(Measurement::spread).orElse(null),
                spread.map(Measurement::effectiveRank).orElse(null),
                Probes.of(measurements),
                broken,
                encoder,
                Energy.of(measurements, power),
                null,
                message);
    }

    /// The same with what the network is worth.
    public Result with(Score found) {
        return new Result(
                status,
                steps,
                images,
                flops,
                convention,
                scope,
                trainingSeconds,
                waitSeconds,
                imagesPerSecond,
                shareOfPeak,
                firstLoss,
                lastLoss,
                spread,
                effectiveRank,
                probes,
                broken,
                encoder,
                energy,
                found,
                message);
    }

    private static @Nullable Double meanLoss(List<Measurement> measurements) {
        if (measurements.isEmpty()) {
            return null;
        }
        return measurements.stream().mapToDouble(Measurement::loss).sum() / measurements.size();
    }

    private static @Nullable Double median(
            List<Measurement> measurements, ToDoubleFunction<Measurement> value) {
        if (measurements.isEmpty()) {
            return null;
        }
        double[] sorted = measurements.stream().mapToDouble(value).sorted().toArray();
        int half = sorted.length / 2;
        return Arrays.stream(sorted, sorted.length % 2 == 1 ? half : half - 1, half + 1)
                .average()
                .orElseThrow();
    }
}
