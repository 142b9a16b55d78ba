package dev.isoflop.trainer;

import dev.isoflop.budget.Plan;
import dev.isoflop.budget.Precision;
import dev.isoflop.data.Dataset;
import dev.isoflop.files.Sha256;
import dev.isoflop.run.Machine;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.Version;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;

import org.bytedeco.pytorch.Device;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/// Where the numbers of a run come from, as it begins: program, machine, data, plan.
final class RunProvenance {

    private RunProvenance() {}

    /// That of a run that begins now; measures the peak of the device.
    static Provenance now(
            Training.Subject subject,
            RunSettings settings,
            Plan plan,
            Dataset data,
            RunFolder folder,
            Device device) {
        Precision precision = settings.precision();
        double peak = Engine.peak(device, precision);
        String how =
                "highest rate of square matrix products of side 2048 in "
                        + precision.name().toLowerCase(Locale.ROOT)
                        + ", seen at the start of this run within 0.7 s";
        return new Provenance(
                new Provenance.Subject(
                        subject.name(), subject.method(), subject.encoder(), data.name()),
                new Provenance.Software(
                        Version.isoflop(),
                        Version.commit().orElse(null),
                        Machine.java(),
                        Machine.system(),
                        LibTorch.version()),
                new Provenance.Hardware(
                        device.is_cuda() ? "CUDA device" : Machine.processor(),
                        plan.devices(),
                        Machine.cores(),
                        Engine.threads()),
                precision.name().toLowerCase(Locale.ROOT),
                new Provenance.Peak(peak, how),
                Sha256.of(folder.readRecipe().getBytes(StandardCharsets.UTF_8)),
                settings.seed(),
                Instant.now(),
                new Provenance.Planned(plan.steps(), plan.batch(), plan.derivation(), plan.again()),
                null,
                Map.of());
    }
}
