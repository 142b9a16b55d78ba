package dev.isoflop.trainer;

import dev.isoflop.budget.Ledger;
import dev.isoflop.budget.Plan;
import dev.isoflop.fault.RunException;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Measurements;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;
import dev.isoflop.torch.Parameters;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.train.Learner;
import dev.isoflop.train.Loop;
import dev.isoflop.train.Spread;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Writes down each step of a run, saves now and then, and stops where it must.
///
/// @param <B> what a batch is made of
final class StepRecorder<B> implements Loop.Watcher {

    /// What is recorded.
    ///
    /// @param <B> what a batch is made of
    record Run<B>(Loop<B> loop, Learner<B> learner, Plan plan, Provenance provenance) {}

    /// When checkpoints are written, and what they hold beside numbers.
    ///
    /// @param steps of the whole run
    /// @param last the checkpoint that the run goes on from, if it does
    record Saver(
            Checkpoints checkpoints,
            RunSettings settings,
            long steps,
            Map<String, String> remembered,
            Optional<Checkpoint> last) {

        boolean isDue(long step) {
            return step % settings.saving().interval(steps) == 0;
        }
    }

    private final Run<B> run;
    private final EnergyMeters meters;
    private final Measurements lines;
    private final Saver saver;
    private final RunProbes probes;
    private final RunListener to;
    private final Stop stop;
    private long lastStep;
    private boolean diverged;
    private boolean collapseSaid;
    private Optional<Checkpoint> saved;

    StepRecorder(
            Run<B> run,
            EnergyMeters meters,
            Measurements lines,
            Saver saver,
            RunProbes probes,
            RunListener to,
            Stop stop) {
        this.run = run;
        this.meters = meters;
        this.lines = lines;
        this.saver = saver;
        this.probes = probes;
        this.to = to;
        this.stop = stop;
        saved = saver.last;
        lastStep = saved.map(Checkpoint::step).orElse(0L);
    }

    @Override
    public boolean afterStep(Loop.Step step) {
        Measurement.Meters counted = meters.take();
        Measurement m = probed(step, measured(step), counted);
        lines.append(m);
        if (!step.finite()) {
            throw stoppedAt(step);
        }
        lastStep = m.step();
        to.step(m, run.plan.steps());
        sayLostMeters(m);
        sayCollapse(step);
        boolean goOn = !stop.wanted() && lastStep < run.plan.steps();
        if (!goOn || saver.isDue(lastStep)) {
            lines.force();
            save();
        }
        return goOn;
    }

    private Measurement measured(Loop.Step step) {
        Plan plan = run.plan;
        long done = step.at().step() + 1;
        Ledger ledger = new Ledger(plan.perImage(), done * plan.batch());
        double rate = plan.flopsPerStep().doubleValue() / step.seconds();
        Provenance.Peak peak = run.provenance.peak();
        return new Measurement(
                done,
                (double) done / plan.steps(),
                new Measurement.Learning(
                        step.loss(), step.parts(), step.rate(), step.gradientNorm()),
                new Measurement.Spent(ledger.images(), ledger.flops()),
                new Measurement.Pace(
                        step.seconds(),
                        plan.batch() / step.seconds(),
                        peak == null ? null : rate / peak.flopsPerSecond(),
                        step.secondsWaited()),
                step.spread()
                        .map(s -> new Measurement.Embeddings(s.deviation(), s.effectiveRank()))
                        .orElse(Measurement.Embeddings.NONE));
    }

    /// The step with what meters counted and what a probe after it showed, where one is asked for;
    /// its time and energy are no part of the step's.
    private Measurement probed(Loop.Step step, Measurement m, Measurement.Meters counted) {
        Optional<OnlineProbe> probe =
                step.finite() ? probes.after(m.step(), run.plan.steps()) : Optional.empty();
        if (probe.isEmpty()) {
            return m.with(counted);
        }
        Measurement.Meters meanwhile = meters.take();
        OnlineProbe metered = probe.get().with(RunProbes.joules(meanwhile));
        return m.with(counted.without(meanwhile.lost())).with(metered);
    }

    private void sayLostMeters(Measurement m) {
        Measurement.Meters counted = m.meters();
        if (counted != null) {
            counted.lost()
                    .forEach((meter, why) ->
                            to.said(
                                    String.format(
                                            Locale.ROOT,
                                            "step %,d: the meter %s stopped: %s; what it would"
                                                    + " count is estimated",
                                            m.step(),
                                            meter,
                                            why)));
        }
    }

    private void save() {
        saved =
                Optional.of(
                        saver.checkpoints.write(
                                lastStep,
                                lastStep * run.plan.batch(),
                                Parameters.named(run.learner.encoder()),
                                run.loop.state(),
                                saver.remembered));
    }

    private RunException stoppedAt(Loop.Step step) {
        diverged = true;
        String kept =
                saver.checkpoints
                        .latestValid(_ -> {})
                        .map(c -> "The last good checkpoint is " + c.folder() + ".")
                        .orElse("There is no checkpoint yet.");
        return new RunException(Stability.notFinite(step, kept));
    }

    /// Says once that the embeddings have collapsed; they may recover.
    private void sayCollapse(Loop.Step step) {
        Optional<Spread> collapsed = step.spread().filter(Spread::collapsed);
        if (!collapseSaid && collapsed.isPresent()) {
            collapseSaid = true;
            to.said(
                    String.format(
                            Locale.ROOT,
                            "step %,d: %s",
                            lastStep,
                            Stability.collapsed(collapsed.get())));
        }
    }

    /// The last step that is recorded.
    long lastStep() {
        return lastStep;
    }

    /// Whether the run ended with a step that was not finite.
    boolean diverged() {
        return diverged;
    }

    /// The last checkpoint, if there is one.
    Optional<Checkpoint> saved() {
        return saved;
    }
}
