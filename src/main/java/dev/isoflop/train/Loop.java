package dev.isoflop.train;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.Check;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Mark;
import dev.isoflop.torch.Ops;
import dev.isoflop.torch.Optimiser;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Part;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/// The only training loop: whole steps, one after the other, each in a scope of its own.
///
/// A step's tensors live in its {@link PointerScope} and are gone after it. What outlives a step
/// (parameters, the optimiser's means, a teacher) is made before the first and changed in place;
/// gradients are made in a step and let go of at the beginning of the next.
///
/// @param <B> what a batch is made of
public final class Loop<B> {

    /// How a run is trained; nothing here depends on the method.
    ///
    /// @param batch images a step
    /// @param microBatch images at once; gradients of a step's micro-batches are accumulated
    /// @param precision of matrix products
    /// @param optimisation rate, optimiser, weight decay, clipping
    /// @param seed of the run
    public record Settings(
            int batch, int microBatch, Precision precision, Optimisation optimisation, long seed) {

        public Settings {
            Check.that(batch >= 1, "batch is %s; it must be at least 1", batch);
            Check.that(
                    microBatch >= 1 && microBatch <= batch,
                    "microBatch is %s; it must lie between 1 and the batch, %s",
                    microBatch,
                    batch);
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
    /// @param spread of the embeddings, where it was measured: a hundred times a run and at its end
    public record Step(
            Progress at,
            double loss,
            Map<String, Double> parts,
            double rate,
            double gradientNorm,
            double seconds,
            double secondsWaited,
            Optional<Spread> spread) {

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

    private static final long SPREADS_A_RUN = 100;

    private final Learner<B> learner;
    private final Settings settings;
    private final Device device;
    private final Parameters parameters;
    private final Optimiser optimiser;

    /// Moves the learner to the device and its parameters into flat buffers.
    public Loop(Learner<B> learner, Settings settings, Device device) {
        this.learner = learner;
        this.settings = settings;
        this.device = device;
        Module state = learner.state();
        state.to(device, Engine.parameterType(settings.precision), false);
        parameters = new Parameters(learner.trained(), learner::decays);
        optimiser = settings.optimisation.optimiser().of(parameters);
    }

    /// The parameters that are trained.
    public Parameters parameters() {
        return parameters;
    }

    /// Bytes that the optimiser remembers from step to step.
    public long optimiserBytes() {
        return optimiser.state().values().stream()
                .mapToLong(tensor -> tensor.numel() * tensor.element_size())
                .sum();
    }

    /// Everything a checkpoint must hold to continue to the bit.
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new TreeMap<>(Parameters.named(learner.state()));
        state.putAll(Parameters.buffers(learner.state()));
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
        double rate =
                settings.optimisation.rate().schedule(settings.batch, at.steps()).at(at.share());
        double weightDecay = settings.optimisation.weightDecay().at(at.share());
        try (PointerScope _ = new PointerScope()) {
            Mean mean = new Mean(measured(at));
            parameters.clearGradients();
            Part.LOSS.run(() -> accumulate(batches, at, mean)); // but for what is marked inside
            double norm = Part.CLIPPING.of(parameters::gradientNorm);
            if (Double.isFinite(mean.loss) && Double.isFinite(norm)) {
                Optional<Clipping> clipping = settings.optimisation.clipping();
                clipping.ifPresent(c -> Part.CLIPPING.run(() -> c.apply(parameters, norm)));
                learner.beforeUpdate(at);
                Part.OPTIMISER.run(() -> optimiser.step(rate, weightDecay));
                learner.afterUpdate(at);
            }
            Engine.finish(parameters.values());
            double seconds = (System.nanoTime() - start) / 1e9;
            double wait = batches.secondsWaited() - waited;
            return new Step(at, mean.loss, mean.parts, rate, norm, seconds, wait, mean.spread());
        }
    }

    /// Whether this step's embeddings are looked at.
    private static boolean measured(Progress at) {
        return at.step() % Math.ceilDiv(at.steps(), SPREADS_A_RUN) == 0
                || at.step() == at.steps() - 1;
    }

    /// The mean of a loss and of its parts over a batch, and the embeddings of its first images.
    private static final class Mean {

        private final boolean measured;
        private double loss;
        private final Map<String, Double> parts = new TreeMap<>();
        private final List<double[]> embeddings = new ArrayList<>();

        Mean(boolean measured) {
            this.measured = measured;
        }

        void add(Loss of, double weight) {
            loss += weight * of.total().item_double();
            of.parts()
                    .forEach((n, part) -> parts.merge(n, weight * part.item_double(), Double::sum));
            if (measured) {
                embeddings.addAll(Spread.rows(of.embedding(), Spread.IMAGES - embeddings.size()));
            }
        }

        Optional<Spread> spread() {
            return measured ? Spread.of(embeddings) : Optional.empty();
        }
    }

    /// Gradients of the whole batch.
    private void accumulate(Batches<B> batches, Progress at, Mean mean) {
        if (learner instanceof Coupled<B> coupled && settings.microBatch < settings.batch) {
            accumulateCoupled(coupled, batches, at, mean);
        } else {
            accumulateMicroBatches(batches, at, mean);
        }
    }

    /// Gradients of the whole batch, one micro-batch after the other.
    private void accumulateMicroBatches(Batches<B> batches, Progress at, Mean mean) {
        for (int row = 0; row < settings.batch; row += settings.microBatch) {
            int images = imagesAt(row);
            double weight = (double) images / settings.batch;
            Progress here = at.atRow(row);
            try (PointerScope _ = new PointerScope()) {
                Mark.microBatch(() -> {
                    Loss loss = autocast(() -> learner.loss(batches.next(images), here));
                    (weight == 1 ? loss.total() : Ops.times(loss.total(), weight)).backward();
                    mean.add(loss, weight);
                });
            }
        }
    }

    /// One micro-batch of a coupled batch: its images, and where its first one stands.
    private record MicroBatch<B>(B images, Progress at) {}

    /// Gradients of the whole batch of a learner that compares all its images: its micro-batches
    /// are embedded without gradients, and recomputed with them once the loss is known.
    private void accumulateCoupled(Coupled<B> coupled, Batches<B> batches, Progress at, Mean mean) {
        List<MicroBatch<B>> microBatches = new ArrayList<>();
        Rows embeddings = new Rows();
        Rows targets = new Rows();
        try (NoGradGuard _ = new NoGradGuard()) {
            for (int row = 0; row < settings.batch; row += settings.microBatch) {
                MicroBatch<B> micro = new MicroBatch<>(batches.next(imagesAt(row)), at.atRow(row));
                microBatches.add(micro);
                Mark.microBatch(() -> {
                    embeddings.add(() -> autocast(() -> coupled.embed(micro.images, micro.at)));
                    targets.add(() -> autocast(() -> coupled.targets(micro.images, micro.at)));
                });
            }
        }
        List<Tensor> whole = embeddings.all();
        whole.forEach(tensor -> tensor.set_requires_grad(true));
        Loss loss = autocast(() -> coupled.loss(whole, targets.all(), at));
        loss.total().backward();
        mean.add(loss, 1);
        for (MicroBatch<B> micro : microBatches) {
            try (PointerScope _ = new PointerScope()) {
                Mark.microBatch(() -> {
                    List<Tensor> recomputed = autocast(() -> coupled.embed(micro.images, micro.at));
                    carryBack(recomputed, whole, micro.at.firstRow());
                });
            }
        }
    }

    /// Sends the gradient of the whole batch's embeddings into one micro-batch's.
    private static void carryBack(List<Tensor> micro, List<Tensor> whole, long firstRow) {
        TensorVector outputs = new TensorVector();
        for (int i = 0; i < micro.size(); i++) {
            Tensor gradient = whole.get(i).grad();
            if (gradient.defined()) {
                Tensor rows = gradient.narrow(0, firstRow, micro.get(i).size(0));
                outputs.push_back(micro.get(i).mul(rows).sum());
            }
        }
        torch.stack(outputs).sum().backward();
    }

    private int imagesAt(int row) {
        return Math.min(settings.microBatch, settings.batch - row);
    }

    private <T> T autocast(Supplier<T> work) {
        try (Engine.Autocast _ = Engine.autocast(device, settings.precision)) {
            return work.get();
        }
    }
}
