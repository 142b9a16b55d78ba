package dev.isoflop.trainer;

import dev.isoflop.budget.Estimate;
import dev.isoflop.budget.Ledger;
import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Precision;
import dev.isoflop.cli.Isoflop;
import dev.isoflop.cli.StepProgress;
import dev.isoflop.cli.StopSignal;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.loader.BrokenImages;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.encoder.Card;
import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.files.Sha256;
import dev.isoflop.image.View;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.probe.OnlineProbing;
import dev.isoflop.report.Figure;
import dev.isoflop.report.RunBill;
import dev.isoflop.report.RunPage;
import dev.isoflop.run.Machine;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Measurements;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.Score;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.train.Coupled;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Spread;
import dev.isoflop.vit.Vit;

import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One run from its first step, or its last checkpoint, to its page.
public final class Training {

    private static final int CHUNKS_AHEAD = 3;

    /// What a run trains, as its files name it, and what it is shown.
    ///
    /// @param verb that resumes it
    /// @param name of the run
    /// @param method how it trains
    /// @param encoder what it trains
    /// @param cuts of each image, one a view
    /// @param masks of the data, where views of them are cut too
    /// @param probed whose probes are taken beside the training, if any are
    public record Subject(
            String verb,
            String name,
            String method,
            String encoder,
            List<View> cuts,
            Optional<MaskLabels> masks,
            Optional<PretrainRecipe> probed) {

        /// That of pre-training.
        public static Subject of(PretrainRecipe recipe) {
            return new Subject(
                    "pretrain",
                    recipe.name(),
                    recipe.method().name(),
                    recipe.encoder().name(),
                    recipe.cuts(),
                    Optional.empty(),
                    Optional.of(recipe));
        }
    }

    private final Subject subject;
    private final RunSettings conduct;
    private final Plan plan;
    private final Dataset data;
    private final RunFolder folder;
    private final boolean resumed;
    private final Checkpoints checkpoints;
    private final Map<String, String> memory = new TreeMap<>();
    private @Nullable Checkpoint restored;

    /// Prepares a run in a folder that is held open.
    public Training(
            Subject subject,
            RunSettings conduct,
            Plan plan,
            Dataset data,
            RunFolder folder,
            boolean resumed) {
        this.subject = subject;
        this.conduct = conduct;
        this.plan = plan;
        this.data = data;
        this.folder = folder;
        this.resumed = resumed;
        checkpoints = new Checkpoints(folder.checkpoints(), conduct.saving().keep());
        memory.put("recipe", subject.name());
        memory.put("encoder", subject.encoder());
    }

    /// Has checkpoints hold what a run must find again as it was.
    public Training remembering(String what, String fingerprint) {
        memory.put(what, fingerprint);
        return this;
    }

    /// Trains until the budget is spent or someone stops it; writes the result and the page.
    ///
    /// @param batching what the loader hands out to what the learner takes
    /// @param pictures what to show of the learner at the end
    public <B> Result run(Learner<B> learner, Batching<B> batching, Pictures pictures)
            throws Exception {
        return run(learner, batching, pictures, Judge.NONE);
    }

    /// The same, and judges the learner when the budget is spent.
    public <B> Result run(Learner<B> learner, Batching<B> batching, Pictures pictures, Judge judge)
            throws Exception {
        if (learner.encoder() instanceof Vit vit) {
            memory.putAll(Card.of(vit, subject.name() + ", " + subject.method()).metadata());
        }
        Device device = Engine.device(conduct.device());
        Optional<Provenance> before = resumed ? folder.readProvenance() : Optional.empty();
        Engine.threads(before.map(Provenance::threads).orElse(conduct.operatorThreads()));
        Loop<B> loop = new Loop<>(learner, conduct.loop(), device);
        long from = resumed ? restored(loop) : 0;
        try (EnergyMeters supply = EnergyMeters.start(device.is_cuda(), conduct.cost())) {
            Provenance.Electricity electricity =
                    supply.electricity(before.map(Provenance::electricity).orElse(null));
            Provenance provenance = before.orElseGet(() -> provenance(device)).with(electricity);
            folder.writeProvenance(provenance);
            try (Measurements lines = Measurements.open(folder.measurements());
                    StopSignal stop = new StopSignal();
                    Loader loader = loader(from)) {
                lines.truncateAfter(from);
                loader.keepBroken(folder.brokenImages());
                Recorder<B> recorder =
                        new Recorder<>(loop, learner, provenance, supply, lines, from, stop);
                recorder.probing = probing(learner, device);
                LoaderBatches<B> views =
                        new LoaderBatches<>(
                                loader,
                                subject.cuts(),
                                learner instanceof Coupled ? conduct.batch() : conduct.microBatch(),
                                device,
                                Engine.parameterType(conduct.precision()),
                                batching);
                try (recorder) {
                    var _ = supply.take(); // energy is counted from here
                    loop.run(views, from, plan.steps(), recorder);
                } catch (RunException | InputException e) {
                    failed(recorder, loader, String.valueOf(e.getMessage()));
                    throw e;
                }
                List<Figure> drawn = pictures.draw(data, device);
                Judge.Verdict verdict =
                        recorder.lastStep < plan.steps()
                                ? Judge.Verdict.NONE
                                : judge.judge(device, stop::wanted);
                List<Figure> figures =
                        Stream.concat(drawn.stream(), verdict.figures().stream()).toList();
                return ended(recorder, loader, figures, verdict);
            }
        }
    }

    private @Nullable OnlineProbing probing(Learner<?> learner, Device device) {
        return learner.encoder() instanceof Vit encoder
                ? subject.probed()
                        .flatMap(recipe ->
                                recipe.probe()
                                        .map(probe ->
                                                new OnlineProbing(probe, recipe, encoder, device)))
                        .orElse(null)
                : null;
    }

    private Loader loader(long from) {
        Loader.Settings settings =
                new Loader.Settings(
                        conduct.batch(),
                        conduct.microBatch(),
                        conduct.seed(),
                        conduct.loaderThreads(),
                        CHUNKS_AHEAD,
                        conduct.brokenShare());
        long first = from * conduct.batch();
        return subject.masks().isPresent()
                ? Loader.withMasks(
                        data, subject.cuts(), subject.masks().get(), settings, first, plan.images())
                : new Loader(data, subject.cuts(), settings, first, plan.images());
    }

    /// Brings the loop to the state of the last good checkpoint.
    ///
    /// @return whole steps done by then
    private long restored(Loop<?> loop) {
        Optional<Checkpoint> last = checkpoints.latestValid(System.err::println);
        if (last.isEmpty()) {
            System.err.println("no checkpoint yet: starting from the first step");
            return 0;
        }
        requireRemembered(last.get());
        last.get().restore(loop.state());
        restored = last.get();
        System.err.printf(Locale.ROOT, "resuming after step %,d%n", last.get().step());
        return last.get().step();
    }

    private void requireRemembered(Checkpoint checkpoint) {
        memory.forEach((what, now) -> {
            String then = checkpoint.manifest().meta().getOrDefault(what, now);
            if (!then.equals(now)) {
                throw new InputException(
                        "%s was trained with another %s (%s) than the one at hand (%s); put the run's own back, or start anew"
                                .formatted(checkpoint.folder(), what, then, now));
            }
        });
    }

    private Provenance provenance(Device device) {
        Precision precision = conduct.precision();
        double peak = Engine.peak(device, precision);
        String how =
                "highest rate of square matrix products of side 2048 in "
                        + precision.name().toLowerCase(Locale.ROOT)
                        + ", seen at the start of this run within 0.7 s";
        return new Provenance(
                subject.name(),
                subject.method(),
                subject.encoder(),
                data.name(),
                Isoflop.Version.version(),
                null,
                Machine.java(),
                Machine.system(),
                LibTorch.version(),
                device.is_cuda() ? "CUDA device" : Machine.processor(),
                1,
                Machine.cores(),
                Engine.threads(),
                precision.name().toLowerCase(Locale.ROOT),
                new Provenance.Peak(peak, how),
                Sha256.of(folder.readRecipe().getBytes(StandardCharsets.UTF_8)),
                conduct.seed(),
                Instant.now(),
                plan.steps(),
                plan.batch(),
                plan.derivation(),
                plan.again());
    }

    private Result ended(
            Recorder<?> recorder, Loader loader, List<Figure> figures, Judge.Verdict verdict) {
        Result.Artifact encoder = recorder.encoder();
        Optional<String> collapse = Stability.collapse(folder.readMeasurements());
        Result result;
        String resume = "continue with: isoflop " + subject.verb() + " --resume " + folder.path();
        if (!verdict.complete()) {
            String stopped = "The budget is spent, and judging was stopped; " + resume;
            result = finished(Result.Status.INTERRUPTED, loader, encoder, stopped);
        } else if (recorder.lastStep < plan.steps()) {
            String stopped = "Stopped after step " + recorder.lastStep + "; " + resume;
            result = finished(Result.Status.INTERRUPTED, loader, encoder, stopped);
        } else if (collapse.isPresent()) {
            String collapsed = "The budget is spent. " + collapse.get();
            result = finished(Result.Status.UNSTABLE, loader, encoder, collapsed);
        } else {
            result = finished(Result.Status.FINISHED, loader, encoder, "The budget is spent.");
        }
        Figure.keep(folder.pictures(), figures);
        Score score = verdict.score();
        if (score != null) {
            result = result.with(score);
            folder.writeResult(result);
        }
        RunPage.write(folder, figures, folder.page());
        System.err.print(RunBill.of(folder).text());
        System.err.println("page        " + folder.page());
        return result;
    }

    private void failed(Recorder<?> recorder, Loader loader, String why) {
        Result.Status status = recorder.diverged ? Result.Status.UNSTABLE : Result.Status.FAILED;
        finished(status, loader, null, why);
        if (recorder.diverged) {
            RunPage.write(folder, List.of(), folder.page());
        }
    }

    private Result finished(
            Result.Status status,
            Loader loader,
            Result.@Nullable Artifact encoder,
            String message) {
        BrokenImages broken = loader.broken();
        Result.Broken share =
                new Result.Broken(
                        broken.count(),
                        broken.share(),
                        broken.first().stream()
                                .map(b -> new Result.BrokenImage(b.name(), b.reason()))
                                .toList());
        Estimate power =
                folder.readProvenance()
                        .map(Provenance::electricity)
                        .map(Provenance.Electricity::power)
                        .orElse(null);
        Result result =
                Result.of(status, folder.readMeasurements(), share, encoder, power, message);
        folder.writeResult(result);
        return result;
    }

    /// Writes down each step, saves now and then, and stops where it must.
    private final class Recorder<B> implements Loop.Watcher, AutoCloseable {

        private final Loop<B> loop;
        private final Learner<B> learner;
        private final Provenance provenance;
        private final EnergyMeters supply;
        private final Measurements lines;
        private final StopSignal stop;
        private final StepProgress progress;
        private final long interval = conduct.saving().interval(plan.steps());
        private long lastStep;
        private boolean diverged;
        private boolean collapseSaid;
        private @Nullable Checkpoint saved = restored;
        private @Nullable OnlineProbing probing;

        public Recorder(
                Loop<B> loop,
                Learner<B> learner,
                Provenance provenance,
                EnergyMeters supply,
                Measurements lines,
                long from,
                StopSignal stop) {
            this.loop = loop;
            this.learner = learner;
            this.provenance = provenance;
            this.supply = supply;
            this.lines = lines;
            this.stop = stop;
            lastStep = from;
            progress = StepProgress.of(System.err, subject.name(), from, plan.steps());
        }

        @Override
        public boolean afterStep(Loop.Step step) {
            Measurement.Meters counted = supply.take();
            Measurement m = probed(step, measured(step), counted);
            lines.append(m);
            if (!step.finite()) {
                throw stoppedAt(step);
            }
            lastStep = m.step();
            progress.step(m);
            lost(m).forEach((meter, why) ->
                    System.err.printf(
                            Locale.ROOT,
                            "step %,d: the meter %s stopped: %s; what it would count is"
                                    + " estimated%n",
                            m.step(),
                            meter,
                            why));
            sayCollapse(step);
            boolean goOn = !stop.wanted() && lastStep < plan.steps();
            if (!goOn || lastStep % interval == 0) {
                lines.force();
                save();
            }
            return goOn;
        }

        private Measurement measured(Loop.Step step) {
            long done = step.at().step() + 1;
            Ledger ledger = new Ledger(plan.perImage(), done * plan.batch());
            double rate = plan.flopsPerStep().doubleValue() / step.seconds();
            Provenance.Peak peak = provenance.peak();
            return new Measurement(
                    done,
                    (double) done / plan.steps(),
                    step.loss(),
                    step.parts(),
                    step.rate(),
                    step.gradientNorm(),
                    ledger.images(),
                    ledger.flops(),
                    step.seconds(),
                    plan.batch() / step.seconds(),
                    peak == null ? null : rate / peak.flopsPerSecond(),
                    step.secondsWaited(),
                    step.spread().map(Spread::deviation).orElse(null),
                    step.spread().map(Spread::effectiveRank).orElse(null));
        }

        /// The step with what meters counted and what a probe after it showed, where one is asked
        /// for; its time and energy are no part of the step's.
        private Measurement probed(Loop.Step step, Measurement m, Measurement.Meters counted) {
            if (probing == null || !step.finite()) {
                return m.with(counted);
            }
            Optional<OnlineProbe> probe = probing.after(m.step(), plan.steps());
            if (probe.isEmpty()) {
                return m.with(counted);
            }
            OnlineProbe p = probe.get();
            System.err.printf(
                    Locale.ROOT,
                    "step %,d: %s %.1f%% of weighted k-NN, in %.1f s%n",
                    m.step(),
                    p.metric(),
                    100 * p.value(),
                    p.seconds());
            Measurement.Meters meanwhile = supply.take();
            Collection<Double> joules = meanwhile.joules().values();
            Double sum = joules.isEmpty() ? null : joules.stream().reduce(0.0, Double::sum);
            return m.with(counted.without(meanwhile.lost())).with(p.with(sum));
        }

        private static Map<String, String> lost(Measurement m) {
            Measurement.Meters meters = m.meters();
            return meters == null ? Map.of() : meters.lost();
        }

        private void save() {
            saved =
                    checkpoints.write(
                            lastStep,
                            lastStep * plan.batch(),
                            Parameters.named(learner.encoder()),
                            loop.state(),
                            memory);
        }

        private RunException stoppedAt(Loop.Step step) {
            diverged = true;
            String kept =
                    checkpoints
                            .latestValid(_ -> {})
                            .map(c -> "The last good checkpoint is " + c.folder() + ".")
                            .orElse("There is no checkpoint yet.");
            return new RunException(Stability.notFinite(step, kept));
        }

        /// Says once that the embeddings have collapsed; they may recover.
        private void sayCollapse(Loop.Step step) {
            if (!collapseSaid && step.spread().filter(Spread::collapsed).isPresent()) {
                collapseSaid = true;
                System.err.printf(
                        Locale.ROOT,
                        "step %,d: %s%n",
                        lastStep,
                        Stability.collapsed(step.spread().get()));
            }
        }

        /// The encoder as last saved.
        public Result.@Nullable Artifact encoder() {
            if (saved == null) {
                return null;
            }
            Checkpoint.Part file = saved.manifest().files().getFirst();
            Path relative = folder.path().relativize(saved.encoder());
            return new Result.Artifact(relative.toString(), file.sha256());
        }

        @Override
        public void close() {
            progress.close();
            if (probing != null) {
                probing.close();
            }
        }
    }
}
