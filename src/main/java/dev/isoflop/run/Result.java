package dev.isoflop.run;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

import dev.isoflop.budget.Estimate;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/// What came of a run: its bill.
///
/// In `result.json` the components of [Spent], [Pace], [Course] and of the embeddings stand beside
/// the others: the file is flat.
///
/// @param status how it ended
/// @param spent steps, images and FLOPs
/// @param pace seconds, and what was reached in them
/// @param course of the loss
/// @param embeddings when they were last measured, if they were
/// @param probes of the encoder while the run went on
/// @param broken images that could not be used
/// @param leftOut what was found where the data lies and is no part of them, by reason
/// @param encoder the trained encoder, if it was written
/// @param energy that it used, measured or estimated; null in a run older than this record
/// @param score of a network that was fine-tuned and evaluated; null for pre-training
/// @param message one sentence for people: how it went, or why it ended
public record Result(
        Status status,
        @JsonUnwrapped Spent spent,
        @JsonUnwrapped Pace pace,
        @JsonUnwrapped Course course,
        @JsonUnwrapped Measurement.Embeddings embeddings,
        Probes probes,
        Broken broken,
        List<LeftOut> leftOut,
        @Nullable Artifact encoder,
        @Nullable Energy energy,
        @Nullable Score score,
        String message) {

    /// The first and the last loss are means over one in so many steps.
    private static final int TWENTIETH = 20;

    private static final String MATMUL = "matmul";
    private static final String TOTAL = "total";

    public Result {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(broken, "broken");
        message = Objects.requireNonNullElse(message, "");
        probes = Objects.requireNonNullElse(probes, Probes.NONE); // older files have none
        leftOut = List.copyOf(Objects.requireNonNullElse(leftOut, List.of())); // nor this
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

    /// What a run spent.
    ///
    /// @param steps taken
    /// @param images seen
    /// @param flops spent, exactly
    /// @param convention what was counted as a FLOP: "matmul"
    /// @param scope of the count: "total" over all devices
    public record Spent(
            long steps, long images, BigInteger flops, String convention, String scope) {

        public Spent {
            Objects.requireNonNull(flops, "flops");
            convention = Objects.requireNonNullElse(convention, MATMUL);
            scope = Objects.requireNonNullElse(scope, TOTAL);
        }

        private static Spent of(List<Measurement> measurements) {
            if (measurements.isEmpty()) {
                return new Spent(0, 0, BigInteger.ZERO, MATMUL, TOTAL);
            }
            Measurement last = measurements.getLast();
            return new Spent(last.step(), last.images(), last.flops(), MATMUL, TOTAL);
        }
    }

    /// How fast a run went.
    ///
    /// @param trainingSeconds sum of the steps' seconds, waiting included
    /// @param waitSeconds of them spent waiting for data
    /// @param imagesPerSecond median of the steps, if there was one
    /// @param shareOfPeak median of the steps, 0 to 1, if the peak is known
    public record Pace(
            double trainingSeconds,
            double waitSeconds,
            @Nullable Double imagesPerSecond,
            @Nullable Double shareOfPeak) {

        private static Pace of(List<Measurement> measurements) {
            return new Pace(
                    measurements.stream().mapToDouble(Measurement::seconds).sum(),
                    measurements.stream().mapToDouble(m -> m.pace().waitSeconds()).sum(),
                    median(measurements.stream().map(Measurement::imagesPerSecond).toList()),
                    median(
                            measurements.stream()
                                    .flatMap(m -> Stream.ofNullable(m.pace().shareOfPeak()))
                                    .toList()));
        }
    }

    /// How the loss went.
    ///
    /// @param firstLoss mean of the first twentieth of the steps, if there was one
    /// @param lastLoss mean of the last twentieth of the steps, if there was one
    public record Course(@Nullable Double firstLoss, @Nullable Double lastLoss) {

        private static Course of(List<Measurement> measurements) {
            int n = measurements.size();
            int twentieth = Math.ceilDiv(n, TWENTIETH);
            return new Course(
                    meanLoss(measurements.subList(0, twentieth)),
                    meanLoss(measurements.subList(n - twentieth, n)));
        }
    }

    public long steps() {
        return spent.steps;
    }

    public long images() {
        return spent.images;
    }

    public BigInteger flops() {
        return spent.flops;
    }

    /// Probes of the encoder while the run went on; their work and time are no part of the
    /// training's.
    ///
    /// @param count how many there were of the encoder in training
    /// @param flops executed for all of them and for that of the untrained encoder, convention
    ///   matmul
    /// @param seconds that all of these took
    /// @param last what the last of them showed, if there was one
    /// @param untrained what the same showed of the encoder before the first step; null where it
    ///   was left out
    public record Probes(
            long count,
            BigInteger flops,
            double seconds,
            @Nullable OnlineProbe last,
            @Nullable OnlineProbe untrained) {

        /// Nothing was probed.
        public static final Probes NONE = new Probes(0, BigInteger.ZERO, 0, null, null);

        public Probes {
            Objects.requireNonNull(flops, "flops");
        }

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
                            all.getLast(),
                            null);
        }

        private Probes after(OnlineProbe before) {
            return new Probes(
                    count, flops.add(before.flops()), seconds + before.seconds(), last, before);
        }
    }

    /// Images that could not be used.
    ///
    /// @param count how many there were
    /// @param share of all images that were tried, 0 to 1; of images, not of turns: one that was
    ///   met in three epochs counts once
    /// @param first the first hundred of them
    public record Broken(long count, double share, List<BrokenImage> first) {

        /// Every image could be used.
        public static final Broken NONE = new Broken(0, 0, List.of());

        public Broken {
            first = List.copyOf(Objects.requireNonNull(first, "first"));
        }
    }

    /// An image that could not be used, and why.
    public record BrokenImage(String name, String reason) {

        public BrokenImage {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /// What was left out of the data when they were opened, for one reason.
    ///
    /// @param count of it
    /// @param first of it, by name
    public record LeftOut(String reason, long count, List<String> first) {

        public LeftOut {
            first = List.copyOf(first);
        }
    }

    /// A file that a run left.
    ///
    /// @param file its path within the run's folder
    /// @param sha256 its checksum
    public record Artifact(String file, String sha256) {

        public Artifact {
            Objects.requireNonNull(file, "file");
            Objects.requireNonNull(sha256, "sha256");
        }
    }

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
        return new Result(
                status,
                Spent.of(measurements),
                Pace.of(measurements),
                Course.of(measurements),
                measurements.reversed().stream()
                        .filter(m -> m.spread() != null)
                        .findFirst()
                        .map(Measurement::embeddings)
                        .orElse(Measurement.Embeddings.NONE),
                Probes.of(measurements),
                broken,
                List.of(),
                encoder,
                Energy.of(measurements, power),
                null,
                message);
    }

    /// The same with what the network is worth.
    public Result with(Score found) {
        return with(probes, leftOut, found);
    }

    /// The same with what was left out of the data.
    public Result with(List<LeftOut> found) {
        return with(probes, found, score);
    }

    /// The same with what a probe showed of the encoder before the first step.
    public Result withUntrained(OnlineProbe before) {
        return with(probes.after(before), leftOut, score);
    }

    private Result with(Probes probed, List<LeftOut> left, @Nullable Score found) {
        return new Result(
                status,
                spent,
                pace,
                course,
                embeddings,
                probed,
                broken,
                left,
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

    private static @Nullable Double median(List<Double> values) {
        if (values.isEmpty()) {
            return null;
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        return Arrays.stream(sorted, sorted.length % 2 == 1 ? half : half - 1, half + 1)
                .average()
                .orElseThrow();
    }
}
