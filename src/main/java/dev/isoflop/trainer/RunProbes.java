package dev.isoflop.trainer;

import dev.isoflop.probe.OnlineProbing;
import dev.isoflop.report.ProbeCurve;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.OnlineProbe;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// The probes beside a run: of its encoder before the first step, and after the steps at which one
/// is due.
final class RunProbes implements AutoCloseable {

    private final Optional<OnlineProbing> probing;
    private final RunListener to;
    private Optional<OnlineProbe> untrained = Optional.empty();

    RunProbes(Optional<OnlineProbing> probing, RunListener to) {
        this.probing = probing;
        this.to = to;
    }

    /// Probes the encoder while it is as the run's seed made it, or takes what the folder says.
    void beforeTheFirstStep(RunFolder folder, EnergyMeters meters) {
        if (!probing.map(OnlineProbing::baseline).orElse(false)) {
            return;
        }
        untrained = folder.readUntrainedProbe();
        if (untrained.isPresent()) {
            return;
        }
        var _ = meters.take();
        OnlineProbe found = probing.orElseThrow().untrained();
        found = found.with(joules(meters.take()));
        folder.writeUntrainedProbe(found);
        to.said("untrained: " + line(found));
        untrained = Optional.of(found);
    }

    /// Probes the encoder if it is due after this step.
    ///
    /// @param steps of the whole run
    Optional<OnlineProbe> after(long step, long steps) {
        Optional<OnlineProbe> found =
                probing.flatMap(it -> it.after(step, steps))
                        .map(probe -> untrained.map(probe::beside).orElse(probe));
        found.ifPresent(
                probe -> to.said(String.format(Locale.ROOT, "step %,d: %s", step, line(probe))));
        return found;
    }

    private static String line(OnlineProbe probe) {
        return String.format(
                Locale.ROOT,
                "%s, %s, in %.1f s",
                ProbeCurve.inShort(probe),
                probe.metric(),
                probe.seconds());
    }

    /// What meters counted together.
    static @Nullable Double joules(Measurement.Meters counted) {
        Collection<Double> joules = counted.joules().values();
        return joules.isEmpty() ? null : joules.stream().reduce(0.0, Double::sum);
    }

    @Override
    public void close() {
        probing.ifPresent(OnlineProbing::close);
    }
}
