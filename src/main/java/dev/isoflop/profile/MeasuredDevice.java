package dev.isoflop.profile;

import dev.isoflop.budget.DeviceFile;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Machine;
import dev.isoflop.run.RunListener;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The file that states this machine as a device, by steps that were timed here.
///
/// @param file whose name ends in .yaml
record MeasuredDevice(Path file) {

    /// The file in which this machine is, or will be, stated.
    ///
    /// @throws InputException if it is no such file, or of another machine
    static MeasuredDevice in(Path file) {
        if (!file.toString().matches(".*\\.ya?ml")) {
            throw new InputException(
                    "%s: a device's file ends in .yaml, such as my-machine.yaml".formatted(file));
        }
        MeasuredDevice device = new MeasuredDevice(file);
        DeviceFile _ = device.there();
        return device;
    }

    /// As it is, or an empty one.
    private DeviceFile there() {
        String name = String.valueOf(file.getFileName());
        String device = TimingConditions.device(Machine.processor(), Machine.cores());
        return Files.exists(file)
                ? DeviceFile.read(Table.read(file), name, device)
                : DeviceFile.empty(name, device);
    }

    /// Writes steps into it, if there is a line through them.
    void add(TimedSteps steps, RunListener to) {
        if (steps.law().isEmpty()) {
            to.said(
                    "%s is not written: it takes %d steps of different size"
                            .formatted(file, TimedSteps.LEAST_POINTS));
            return;
        }
        DeviceFile whole =
                there().with(
                                steps.precision(),
                                steps.peak(),
                                steps.timed(),
                                steps.conditions().date());
        DurableFiles.write(file, whole.yaml().getBytes(StandardCharsets.UTF_8));
        to.said("written to " + file);
    }
}
