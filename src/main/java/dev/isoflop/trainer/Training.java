package dev.isoflop.trainer;

import dev.isoflop.budget.Plan;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.loader.Item;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.encoder.Card;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.View;
import dev.isoflop.probe.Features;
import dev.isoflop.probe.OnlineProbing;
import dev.isoflop.report.Figure;
import dev.isoflop.run.Measurements;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.task.Evaluation;
import dev.isoflop.task.Evaluation.Evaluated;
import dev.isoflop.text.Tokens;
import dev.isoflop.torch.Engine;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.train.Coupled;
import dev.isoflop.train.Learner;
import dev.isoflop.train.LoaderBatches;
import dev.isoflop.train.Loop;
import dev.isoflop.vit.Vit;

import org.bytedeco.pytorch.Device;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// One run from its first step, or its last checkpoint, to its result, whatever it trains.
public final class Training {

    private static final int CHUNKS_AHEAD = 3;

    /// What a run trains, as its files name it, and what it is shown.
    ///
    /// @param verb that resumes it
    /// @param name of the run
    /// @param method how it trains
    /// @param encoder what it trains
    /// @param views of each image
    /// @param masks of the data, where views of them are cut too
    /// @param validation what it is evaluated on, where that is part of the run
    /// @param remembered what a checkpoint holds beside numbers and must find again as it was, by
    ///   what it is: the tokenizer's fingerprint, where the encoder came from
    public record Subject(
            String verb,
            String name,
            String method,
            String encoder,
            List<View> views,
            Optional<MaskLabels> masks,
            Optional<Dataset> validation,
            Map<String, String> remembered) {

        public Subject {
            views = List.copyOf(views);
            remembered = Map.copyOf(remembered);
        }
    }

    /// What happens beside the steps and after them.
    ///
    /// @param captions how a caption of an example is read, where the learner reads text
    /// @param probe of the encoder while it is trained, where one is asked for
    /// @param figures what is shown of the learner at the end
    /// @param evaluation of the learner when its budget is spent, where there is one
    public record Beside(
            Optional<Function<Item, Tokens>> captions,
            Optional<OnlineProbing.Wanted> probe,
            List<Figures> figures,
            Optional<Evaluation> evaluation) {

        public Beside {
            figures = List.copyOf(figures);
        }
    }

    /// Where a run begins.
    ///
    /// @param resumed whether it goes on with what its folder has
    /// @param from its last good checkpoint, if there is one
    public record Start(boolean resumed, Optional<Checkpoint> from) {

        /// At its first step.
        public static final Start NEW = new Start(false, Optional.empty());

        /// Where a run in this folder was last saved.
        public static Start resumed(RunFolder folder, RunListener to) {
            return new Start(true, Checkpoints.latestValid(folder.checkpoints(), to::said));
        }
    }

    private final Subject subject;
    private final RunSettings settings;
    private final Plan plan;
    private final Dataset data;
    private final RunFolder folder;
    private final Start start;
    private final RunListener to;
    private final Stop stop;
    private final Checkpoints checkpoints;

    /// Prepares a run in a folder that is held open.
    ///
    /// @param data what is learned from
    public Training(
            Subject subject,
            RunSettings settings,
            Plan plan,
            Dataset data,
            RunFolder folder,
            Start start,
            RunListener to,
            Stop stop) {
        this.subject = subject;
        this.settings = settings;
        this.plan = plan;
        this.data = data;
        this.folder = folder;
        this.start = start;
        this.to = to;
        this.stop = stop;
        checkpoints = new Checkpoints(folder.checkpoints(), settings.saving().keep());
    }

    /// Trains until the budget is spent or someone stops it, evaluates, and writes result and page.
    ///
    /// Whatever goes wrong, the result says what was computed by then, and the run can be resumed.
    ///
    /// @throws InputException if it was begun on other data than there are now; its folder stays as
    ///   it is
    public <B> Result run(Learner<B> learner, Beside beside) throws InterruptedException {
        RunData now = RunData.of(data, subject.validation());
        Optional<Provenance> before = start.resumed ? folder.readProvenance() : Optional.empty();
        if (start.resumed) {
            now.requireThoseOf(folder, before, start.from, to);
        }
        RunEnd end = new RunEnd(subject, data, folder, to);
        try {
            return trained(learner, beside, now, before, end);
        } catch (RuntimeException | Error e) {
            end.failed(e);
            throw e;
        }
    }

    private <B> Result trained(
            Learner<B> learner, Beside beside, RunData now, Optional<Provenance> before, RunEnd end)
            throws InterruptedException {
        Device device = Engine.device(settings.device());
        Engine.threads(before.map(p -> p.hardware().threads()).orElse(settings.operatorThreads()));
        Map<String, String> remembered = remembered(learner);
        Loop<B> loop = new Loop<>(learner, settings.loop(), device);
        start.from.ifPresent(checkpoint -> requireRemembered(checkpoint, remembered));
        try (EnergyMeters meters = EnergyMeters.start(device.is_cuda(), settings.cost());
                RunProbes probes = new RunProbes(probing(beside, learner, device), to)) {
            Provenance provenance = provenance(before, now, meters, device);
            folder.writeProvenance(provenance);
            now.keepListings(folder);
            probes.beforeTheFirstStep(folder, meters); // nothing is restored yet
            Optional<Checkpoint> last = restored(loop);
            remembered.putAll(now.meta());
            long from = last.map(Checkpoint::step).orElse(0L);
            try (Measurements lines = Measurements.open(folder.measurements());
                    Loader loader = loader(from)) {
                StepRecorder<B> recorder =
                        new StepRecorder<>(
                                new StepRecorder.Run<>(loop, learner, plan, provenance),
                                meters,
                                lines,
                                new StepRecorder.Saver(
                                        checkpoints, settings, plan.steps(), remembered, last),
                                probes,
                                to,
                                stop);
                end.watch(loader, recorder);
                lines.truncateAfter(from);
                loader.keepBroken(folder.brokenImages());
                LoaderBatches<B> batches = batches(loader, learner, beside, device);
                var _ = meters.take(); // energy is counted from here
                loop.run(batches, from, plan.steps(), recorder);
                List<Figure> figures = end.drawn(beside.figures(), device);
                if (recorder.lastStep() < plan.steps()) {
                    return end.interrupted(figures);
                }
                if (beside.evaluation().isEmpty()) {
                    return end.finished(figures);
                }
                end.evaluating(figures);
                Optional<Evaluated> evaluated = beside.evaluation().get().run(device, to, stop);
                return evaluated.isPresent()
                        ? end.finished(figures, evaluated.get())
                        : end.notEvaluated(figures);
            }
        }
    }

    private Map<String, String> remembered(Learner<?> learner) {
        String what = subject.name() + ", " + subject.method();
        Map<String, String> all = new TreeMap<>(subject.remembered());
        all.put("recipe", subject.name());
        all.put("encoder", subject.encoder());
        all.putAll(Card.of(learner.encoder(), what).metadata());
        return all;
    }

    /// Brings the loop to the state of the last good checkpoint, if there is one.
    private Optional<Checkpoint> restored(Loop<?> loop) {
        Optional<Checkpoint> last = start.from;
        if (last.isEmpty()) {
            if (start.resumed) {
                to.said("no checkpoint yet: starting from the first step");
            }
            return last;
        }
        last.get().restore(loop.state());
        to.said(String.format(Locale.ROOT, "resuming after step %,d", last.get().step()));
        return last;
    }

    private static void requireRemembered(Checkpoint checkpoint, Map<String, String> remembered) {
        remembered.forEach((what, now) -> {
            String then = checkpoint.manifest().meta().getOrDefault(what, now);
            if (!then.equals(now)) {
                throw new InputException(
                        "%s was trained with another %s (%s) than the one at hand (%s); put the run's own back, or start anew"
                                .formatted(checkpoint.folder(), what, then, now));
            }
        });
    }

    private Provenance provenance(
            Optional<Provenance> before, RunData now, EnergyMeters meters, Device device)
            throws InterruptedException {
        Provenance.Electricity electricity =
                meters.electricity(before.map(Provenance::electricity).orElse(null));
        return before.orElseGet(
                        () -> RunProvenance.now(subject, settings, plan, data, folder, device))
                .with(electricity, now.cards());
    }

    private Loader loader(long from) {
        Loader.Settings loading =
                new Loader.Settings(
                        settings.batch(),
                        settings.microBatch(),
                        settings.seed(),
                        settings.loaderThreads(),
                        CHUNKS_AHEAD,
                        settings.brokenShare());
        long first = from * settings.batch();
        return subject.masks().isPresent()
                ? Loader.withMasks(
                        data, subject.views(), subject.masks().get(), loading, first, plan.images())
                : new Loader(data, subject.views(), loading, first, plan.images());
    }

    private <B> LoaderBatches<B> batches(
            Loader loader, Learner<B> learner, Beside beside, Device device) {
        return new LoaderBatches<>(
                loader,
                subject.views(),
                learner instanceof Coupled ? settings.batch() : settings.microBatch(),
                device,
                Engine.parameterType(settings.precision()),
                learner,
                beside.captions());
    }

    private Optional<OnlineProbing> probing(Beside beside, Learner<?> learner, Device device) {
        return beside.probe().map(wanted -> wanted.of(frozen(learner.encoder(), device)));
    }

    private Features.Frozen frozen(Vit encoder, Device device) {
        return OnlineProbing.frozen(
                encoder,
                device,
                settings.precision(),
                settings.microBatch(),
                settings.loaderThreads(),
                settings.brokenShare());
    }
}
