package dev.isoflop.run;

import java.util.List;
import java.util.Optional;

/// What the files of a run say, each read once: a run of many steps has many lines.
///
/// @param folder that they lie in
/// @param measurements of its steps
/// @param provenance if it was written
/// @param result nothing while the run goes on, or if it was killed
/// @param origin of the encoder, if the run fine-tunes
/// @param probe if the encoder was ever probed
/// @param untrained what the probe beside the training showed before the first step, if it ran
public record RunRecord(
        RunFolder folder,
        List<Measurement> measurements,
        Optional<Provenance> provenance,
        Optional<Result> result,
        Optional<Origin> origin,
        Optional<ProbeReport> probe,
        Optional<OnlineProbe> untrained) {

    public RunRecord {
        measurements = List.copyOf(measurements);
    }

    /// Reads all of it.
    ///
    /// @throws dev.isoflop.fault.InputException if a file is damaged
    public static RunRecord of(RunFolder folder) {
        return of(folder, folder.readMeasurements());
    }

    /// Reads all but the measurements, which are at hand.
    ///
    /// @throws dev.isoflop.fault.InputException if a file is damaged
    public static RunRecord of(RunFolder folder, List<Measurement> measurements) {
        return new RunRecord(
                folder,
                measurements,
                folder.readProvenance(),
                folder.readResult(),
                folder.readOrigin(),
                folder.readProbe(),
                folder.readUntrainedProbe());
    }
}
