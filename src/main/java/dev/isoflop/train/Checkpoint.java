package dev.isoflop.train;

import dev.isoflop.torch.Safetensors;

import org.bytedeco.pytorch.Tensor;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a run can be continued from: a folder whose files were checked against their manifest.
///
/// @param step how many steps had been made
/// @param folder such as `checkpoints/step-100`
/// @param manifest what the folder says of itself
public record Checkpoint(long step, Path folder, Manifest manifest) {

    static final String ENCODER = "encoder.safetensors";
    static final String STATE = "state.safetensors";

    /// What a checkpoint's folder says of itself.
    ///
    /// @param format of the folder; only {@link #FORMAT} is read
    /// @param step how many steps had been made
    /// @param images how many images had been seen
    /// @param meta whatever the run wants to know again, such as the recipe's checksum
    /// @param files all other files of the folder
    public record Manifest(
            int format, long step, long images, Map<String, String> meta, List<Part> files) {

        public static final int FORMAT = 1;

        public Manifest {
            meta = Collections.unmodifiableMap(new LinkedHashMap<>(Objects.requireNonNull(meta)));
            files = List.copyOf(files);
        }
    }

    /// One file of a checkpoint.
    ///
    /// @param name of the file in the folder
    /// @param bytes its length
    /// @param sha256 its checksum, in hexadecimal
    public record Part(String name, long bytes, String sha256) {

        public Part {
            Objects.requireNonNull(name);
            Objects.requireNonNull(sha256);
        }
    }

    /// The encoder alone, with the authors' parameter names.
    public Path encoder() {
        return folder.resolve(ENCODER);
    }

    /// Everything that training changes: parameters, optimiser moments, counters.
    public Path state() {
        return folder.resolve(STATE);
    }

    /// Copies the state into existing tensors, in place.
    ///
    /// @throws dev.isoflop.fault.InputException naming each tensor that does not fit
    public void restore(Map<String, Tensor> targets) {
        Safetensors.readInto(state(), targets);
    }
}
