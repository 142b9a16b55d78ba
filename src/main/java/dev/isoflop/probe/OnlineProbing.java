package dev.isoflop.probe;

import dev.isoflop.budget.Work;
import dev.isoflop.data.Datasets;
import dev.isoflop.data.Source;
import dev.isoflop.fault.Check;
import dev.isoflop.image.View;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.OnlineProbe;
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
    /// @param data what votes and what is judged
    /// @param neighbours that vote, k
    /// @param temperature of the votes
    public record Config(
            List<Double> at, ProbeData.Config data, int neighbours, double temperature) {

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
                            t.real("temperature", ProbeSettings.TEMPERATURE)));
        }

        /// Whether the encoder is probed after this step.
        public boolean isDue(long step, long steps) {
            return at.stream().anyMatch(share -> Math.max(1, Math.round(share * steps)) == step);
        }

        /// How often a run of so many steps is probed.
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
            int judged = data.validationImages();
            return voting == 0 || judged == 0
                    ? Optional.empty()
                    : Optional.of(
                            work(shape, Math.addExact(voting, judged), judged, voting)
                                    .times(times(steps), "probes"));
        }

        /// What one probe executes: forward passes and similarities.
        ///
        /// @param shown images that go through the encoder
        /// @param judged images of these that are judged
        /// @param voting images of these that vote
        public static Work work(VitShape shape, int shown, int judged, int voting) {
            return Work.sum(
                    "probe",
                    shape.forwardWork("features", 1).times(shown, "images"),
                    Work.product("similarities", 1, judged, shape.width(), voting));
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

    /// Prepares probes of an encoder that is being trained.
    public OnlineProbing(Config config, PretrainRecipe recipe, Vit encoder, Device device) {
        this(config, config.open(recipe.data()), recipe, encoder, device);
    }

    /// The same of images that were found.
    ///
    /// @param data by {@link Config#open}; closed with this
    public OnlineProbing(
            Config config, ProbeData data, PretrainRecipe recipe, Vit encoder, Device device) {
        this.config = config;
        this.data = data;
        frozen =
                new Features.Frozen(
                        encoder,
                        device,
                        recipe.precision(),
                        View.central(recipe.encoder().image()),
                        Math.min(BATCH, recipe.microBatch()),
                        recipe.conduct().loaderThreads(),
                        recipe.conduct().brokenShare());
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
            ClassificationMetrics judged =
                    ClassificationMetrics.of(
                            votes, validation.truth(), data.several(), data.judged());
            int shown = train.computed() + validation.computed();
            int keys = train.truth().rows();
            Work work = Config.work(frozen.vit().shape(), shown, found.queries(), keys);
            return new OnlineProbe(
                    judged.metric(),
                    judged.value(),
                    k,
                    data.train().name(),
                    train.truth().rows(),
                    data.validation().name(),
                    validation.truth().rows(),
                    data.classNames().size(),
                    work.flops(),
                    (System.nanoTime() - start) / NANOS,
                    null);
        }
    }

    @Override
    public void close() {
        data.close();
    }
}
