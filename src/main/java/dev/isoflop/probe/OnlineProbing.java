package dev.isoflop.probe;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.data.Datasets;
import dev.isoflop.data.Source;
import dev.isoflop.fault.Check;
import dev.isoflop.image.View;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Baseline;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.vit.Feature;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;

import java.util.List;
import java.util.Optional;

/// Weighted k-NN beside a run that goes on, at chosen shares of its budget.
///
/// It runs between two steps, draws no random number that the run would draw, and changes nothing
/// that the run has: the losses are the same bits with and without it.
public final class OnlineProbing implements AutoCloseable {

    private static final int BATCH = 64;
    private static final double NANOS = 1e9;

    /// When and how a run is probed.
    ///
    /// @param at shares of the budget, above 0, at most 1
    /// @param data what votes and what is evaluated
    /// @param neighbours that vote, k
    /// @param temperature of the votes
    /// @param baseline whether the encoder is probed before the first step too
    public record Config(
            List<Double> at,
            ProbeData.Config data,
            int neighbours,
            double temperature,
            boolean baseline) {

        private static final List<Double> AT = List.of(0.25, 0.5, 1.0);
        private static final int TRAIN_IMAGES = 2_000;
        private static final int VALIDATION_IMAGES = 500;
        private static final int NEIGHBOURS = 20;

        public Config {
            at = List.copyOf(at);
            Check.that(!at.isEmpty(), "at is empty; write shares of the budget, such as [0.5, 1]");
            for (double share : at) {
                Check.that(
                        share > 0 && share <= 1,
                        "at has %s; each is a share of the budget, above 0 and at most 1",
                        share);
            }
            Check.that(neighbours >= 1, "neighbours is %s; it must be at least 1", neighbours);
            Check.that(temperature > 0, "temperature is %s; it must be above 0", temperature);
        }

        /// Reads the `probe` of a recipe.
        ///
        /// @param image side of the run's images
        public static Config from(Table t, int image) {
            ProbeData.Config data =
                    ProbeData.Config.from(t, image, TRAIN_IMAGES, VALIDATION_IMAGES);
            return t.build(() ->
                    new Config(
                            t.reals("at", AT),
                            data,
                            t.count("neighbours", NEIGHBOURS),
                            t.real("temperature", ProbeSettings.TEMPERATURE),
                            t.flag("baseline", true)));
        }

        /// Whether the encoder is probed after this step.
        public boolean isDue(long step, long steps) {
            return at.stream().anyMatch(share -> Math.max(1, Math.round(share * steps)) == step);
        }

        /// How often a run of so many steps is probed in training.
        public long times(long steps) {
            return at.stream()
                    .map(share -> Math.max(1, Math.round(share * steps)))
                    .distinct()
                    .count();
        }

        /// What all probes of a run execute, at most: less where the data has fewer images. Not
        /// known where all images are taken.
        public Optional<Work> most(VitShape shape, long steps) {
            int voting = data.trainImages();
            int evaluated = data.validationImages();
            return voting == 0 || evaluated == 0
                    ? Optional.empty()
                    : Optional.of(
                            work(shape, Math.addExact(voting, evaluated), evaluated, voting)
                                    .times(times(steps) + (baseline ? 1 : 0), "probes"));
        }

        /// What one probe executes: forward passes and similarities.
        ///
        /// @param shown images that go through the encoder
        /// @param evaluated images of these that are evaluated
        /// @param voting images of these that vote
        static Work work(VitShape shape, int shown, int evaluated, int voting) {
            return Work.sum(
                    "probe",
                    shape.forwardWork("features", 1).times(shown, "images"),
                    Work.product("similarities", 1, evaluated, shape.width(), voting));
        }

        /// Finds the images, and that they will do.
        ///
        /// @throws dev.isoflop.fault.InputException if they will not
        public ProbeData open(Source ofRun) {
            return checked(ProbeData.open(data, ofRun, true));
        }

        /// The same among data that may be open already, as the run's own; they stay open.
        public ProbeData open(Source ofRun, Datasets shared) {
            return checked(ProbeData.open(data, ofRun, true, shared));
        }

        private ProbeData checked(ProbeData found) {
            int images = found.train().truth().rows();
            if (neighbours > images) {
                found.close();
                throw ProbeSettings.tooMany(neighbours, images);
            }
            return found;
        }
    }

    private final Config config;
    private final ProbeData data;
    private final Features.Frozen frozen;

    /// A probe that is asked for beside a run.
    ///
    /// @param config when and how
    /// @param data of the run, where the probe names none of its own
    /// @param open what the run has opened; it stays open
    /// @param pool which tokens are read
    public record Wanted(Config config, Source data, Datasets open, Vit.Pool pool) {

        /// Finds the images.
        ///
        /// @throws dev.isoflop.fault.InputException if they will not do
        public OnlineProbing of(Features.Frozen encoder) {
            return new OnlineProbing(config, config.open(data, open), encoder.reading(pool));
        }
    }

    private OnlineProbing(Config config, ProbeData data, Features.Frozen frozen) {
        this.config = config;
        this.data = data;
        this.frozen = frozen;
    }

    /// An encoder that is being trained, as probes beside the run see it.
    ///
    /// @param microBatch images that the run has at once; a probe has no more
    /// @param workers threads that decode and crop
    /// @param brokenShare of the images that may be broken
    public static Features.Frozen frozen(
            Vit encoder,
            Device device,
            Precision precision,
            int microBatch,
            int workers,
            double brokenShare) {
        return new Features.Frozen(
                encoder,
                device,
                precision,
                new Feature(encoder.pool(), encoder.shape().depth()),
                View.central(encoder.shape().image()),
                Math.min(BATCH, microBatch),
                workers,
                brokenShare);
    }

    /// Whether the encoder is to be probed before the first step.
    public boolean baseline() {
        return config.baseline;
    }

    /// Probes the encoder as it is now: before the first step.
    public OnlineProbe untrained() {
        return probe();
    }

    /// Probes the encoder if its time has come.
    ///
    /// @param step whole steps done
    /// @param steps of the whole run
    public Optional<OnlineProbe> after(long step, long steps) {
        return config.isDue(step, steps) ? Optional.of(probe()) : Optional.empty();
    }

    private OnlineProbe probe() {
        long start = System.nanoTime();
        try (PointerScope _ = new PointerScope()) {
            Features train = Features.of(data.train(), frozen);
            Features validation = Features.of(data.validation(), frozen);
            int k =
                    Math.min(
                            config.neighbours, train.truth().rows()); // fewer where some are broken
            Neighbours found = Neighbours.of(validation.values(), train.values(), k);
            double[][] votes = Votes.of(found, train.truth(), k, config.temperature);
            ClassificationMetrics metrics =
                    ClassificationMetrics.of(
                            votes, validation.truth(), data.multiLabel(), data.countedClasses());
            int shown = train.computed() + validation.computed();
            int keys = train.truth().rows();
            Work work = Config.work(frozen.vit().shape(), shown, found.queries(), keys);
            return new OnlineProbe(
                    metrics.metric(),
                    metrics.value(),
                    k,
                    data.train().name(),
                    train.truth().rows(),
                    data.validation().name(),
                    validation.truth().rows(),
                    data.classNames().size(),
                    work.flops(),
                    (System.nanoTime() - start) / NANOS,
                    null,
                    chance(train.truth(), validation.truth()));
        }
    }

    private Baseline chance(GroundTruth learned, GroundTruth validation) {
        return Chance.of(
                learned, validation, data.multiLabel(), data.countedClasses(), data.classNames());
    }

    @Override
    public void close() {
        data.close();
    }
}
