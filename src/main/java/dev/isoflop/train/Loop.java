package dev.isoflop.train;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.Check;
import dev.isoflop.torch.AdamW;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Parameters;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// The only training loop: whole steps, one after the other, each in a scope of its own.
///
/// A step's tensors live in its {@link PointerScope} and are gone after it. What outlives a step
/// (parameters, their gradients, the optimiser's means, a teacher) is made before the first and
/// changed in place.
///
/// @param <B> what a batch is made of
public final class Loop<B> {

    /// How a run is trained; nothing here depends on the method.
    ///
    /// @param batch images a step
    /// @param microBatch images at once; gradients of a step's cuts are accumulated
    /// @param precision of matrix products
    /// @param rate learning rate by share of the budget
    /// @param optimiser AdamW's settings
    /// @param clip largest global norm of the gradients; none leaves them as they are
    /// @param seed of the run
    public record Settings(
            int batch,
            int microBatch,
            Precision precision,
            Schedule rate,
            AdamW.Settings optimiser,
            OptionalDouble clip,
            long seed) {

        public Settings {
            Check.that(batch >= 1, "batch is %s; it must be at least 1", batch);
            Check.that(
                    microBatch >= 1 && microBatch <= batch,
                    "microBatch is %s; it must lie between 1 and the batch, %s",
                    microBatch,
                    batch);
            Check.that(clip.orElse(1) > 0, "clip is %s; it must be positive", clip.orElse(1));
        }
    }

    /// What one step was like.
    ///
    /// @param at where the run stood before it
    /// @param loss mean over the batch
    /// @param parts of the loss, by name
    /// @param rate learning rate
    /// @param gradientNorm L2, before clipping
    /// @param seconds from its first image to the end of its update
    /// @param secondsWaited of these, waiting for images
    public record Step(
            Progress at,
            double loss,
            Map<String, Double> parts,
            double rate,
            double gradientNorm,
            double seconds,
            double secondsWaited) {

        public boolean finite() {
            return Double.isFinite(loss) && Double.isFinite(gradientNorm);
        }
    }

    /// Who is told of each step and may end the run.
    public interface Watcher {

        /// Sees a step.
        ///
        /// @param step just done; when it is not finite its update was **not** applied
        /// @return whether to go on
        boolean afterStep(Step step);
    }

    private final Learner<B> learner;
    private final Settings settings;
    private final Device device;
    private final Parameters parameters;
    private final AdamW optimiser;

    /// Moves the learner to the device and its parameters into flat buffers.
    public Loop(Learner<B> learner, Settings settings, Device device) {
        this.learner = learner;
        this.settings = settings;
        this.device = device;
        Module state = learner.state();
        state.to(device, Engine.parameterType(settings.precision), false);
        parameters = new Parameters(learner.trained());
        optimiser = new AdamW(parameters, settings.optimiser);
    }

    /// The parameters that are trained.
    public Parameters parameters() {
        return parameters;
    }

    /// Everything a checkpoint must hold to continue to the bit.
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new TreeMap<>(Parameters.named(learner.state()));
        state.putAll(optimiser.state());
        return state;
    }

    /// Trains from step `from` until step `steps`, or until the watcher ends it, or a step is not
    /// finite.
    public void run(Batches<B> batches, long from, long steps, Watcher watcher) {
        boolean goOn = true;
        for (long step = from; step < steps && goOn; step++) {
            goOn = watcher.afterStep(step(batches, new Progress(step, steps, settings.seed, 0)));
        }
    }

    /// One step, in its own scope.
    public Step step(Batches<B> batches, Progress at) {
        long start = System.nanoTime();
        double waited = batches.secondsWaited();
        double rate = settings.rate.at(at.share());
        try (PointerScope _ = new PointerScope()) {
            Mean mean = accumulate(batches, at);
            double norm = parameters.gradientNorm();
            if (Double.isFinite(mean.loss) && Double.isFinite(norm)) {
                settings.clip.ifPresent(limit -> parameters.clip(norm, limit));
                learner.beforeUpdate(at);
                optimiser.step(rate);
                learner.afterUpdate(at);
            }
            Engine.finish(parameters.values());
            double seconds = (System.nanoTime() - start) / 1e9;
            double wait = batches.secondsWaited() - waited;
            return new Step(at, mean.loss, mean.parts, rate, norm, seconds, wait);
        }
    }

    /// The mean of a loss and of its parts over a batch.
    private static final class Mean {

        private double loss;
        private final Map<String, Double> parts = new TreeMap<>();

        void add(Loss of, double weight) {
            loss += weight * of.total().item_double();
            of.parts()
                    .forEach((n, part) -> parts.merge(n, weight * part.item_double(), Double::sum));
        }
    }

    /// Gradients of the whole batch, cut by cut.
    private Mean accumulate(Batches<B> batches, Progress at) {
        Mean mean = new Mean();
        parameters.clearGradients();
        for (int row = 0; row < settings.batch; row += settings.microBatch) {
            int images = Math.min(settings.microBatch, settings.batch - row);
            double weight = (double) images / settings.batch;
            try (PointerScope _ = new PointerScope()) {
                Loss loss = loss(batches.next(images), at.atRow(row));
                (weight == 1 ? loss.total() : Ops.times(loss.total(), weight)).backward();
                mean.add(loss, weight);
            }
        }
        return mean;
    }

    private Loss loss(B batch, Progress at) {
        try (Engine.Autocast _ = Engine.autocast(device, settings.precision)) {
            return learner.loss(batch, at);
        }
    }
}
