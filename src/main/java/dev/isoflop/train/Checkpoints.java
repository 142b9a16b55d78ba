package dev.isoflop.train;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.files.DurableFolders;
import dev.isoflop.files.Reason;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.train.Checkpoint.Manifest;
import dev.isoflop.train.Checkpoint.Part;

import org.bytedeco.pytorch.Tensor;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The checkpoints of one run, each a folder `step-N` that is either whole or not there.
///
/// A checkpoint is written into a hidden sibling, each file forced to the disk, the manifest with
/// their checksums last; then one rename makes it visible, and only when that is on the disk too
/// are older ones deleted. So `kill -9` at any moment leaves the old set, or the old set and the
/// new one, all valid.
public final class Checkpoints {

    private static final Pattern STEP = Pattern.compile("step-(\\d{1,18})");
    private static final Pattern LEFTOVER = Pattern.compile("\\.(step-\\d{1,18})\\.(new|old|gone)");

    private final Path folder;
    private final Keep keep;

    /// For the run that writes here: removes what a killed predecessor left unfinished.
    ///
    /// @param folder such as `runs/NAME/checkpoints`; made when the first checkpoint is written
    /// @throws RunException if the folder cannot be read or leftovers cannot be removed
    public Checkpoints(Path folder, Keep keep) {
        this.folder = folder;
        this.keep = keep;
        try {
            removeLeftovers();
        } catch (IOException e) {
            throw new RunException(folder + " cannot hold checkpoints: " + Reason.withPath(e), e);
        }
    }

    /// Writes a checkpoint, makes sure that the disk has it, and deletes those not to be kept.
    ///
    /// @param step how many steps have been made; an existing checkpoint of this step is replaced
    /// @param images how many images have been seen
    /// @param encoder what is worth having by itself, with the authors' names
    /// @param state all that is needed to continue
    /// @param meta free text, kept in the manifest and beside the encoder's tensors
    /// @throws RunException if it cannot be written; nothing partial remains, and the message names
    ///   the checkpoint that is still valid
    public Checkpoint write(
            long step,
            long images,
            Map<String, Tensor> encoder,
            Map<String, Tensor> state,
            Map<String, String> meta) {
        Path target = folder.resolve("step-" + step);
        Path fresh = folder.resolve("." + target.getFileName() + ".new");
        try {
            Files.createDirectories(folder);
            DurableFolders.delete(fresh);
            Files.createDirectory(fresh);
            Manifest manifest =
                    new Manifest(
                            Manifest.FORMAT,
                            step,
                            images,
                            meta,
                            List.of(
                                    part(fresh, Checkpoint.ENCODER, encoder, labels(meta)),
                                    part(fresh, Checkpoint.STATE, state, Map.of())));
            ManifestFile.write(fresh, manifest);
            DurableFolders.force(fresh);
            publish(fresh, target);
            prune(target, step);
            return new Checkpoint(step, target, manifest);
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static Part part(
            Path folder, String name, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        Path file = folder.resolve(name);
        String sha256;
        try {
            sha256 = Safetensors.write(file, tensors, metadata);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
        return new Part(name, Files.size(file), sha256);
    }

    /// `format` is what other frameworks' loaders ask for.
    private static Map<String, String> labels(Map<String, String> meta) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("format", "pt");
        labels.putAll(meta);
        return labels;
    }

    private void publish(Path fresh, Path target) throws IOException {
        Path old = folder.resolve("." + target.getFileName() + ".old");
        if (Files.exists(target)) {
            DurableFolders.delete(old);
            DurableFolders.rename(target, old);
        }
        DurableFolders.rename(fresh, target);
        DurableFolders.delete(old);
    }

    /// Later checkpoints than the one just written are none of the run's present: they were refused
    /// when it resumed, and are left to be looked at.
    private void prune(Path target, long written) {
        try {
            List<Long> past =
                    steps(folder).stream()
                            .filter(step -> step <= written)
                            .sorted(Comparator.reverseOrder())
                            .toList();
            for (long step : past.subList(Math.min(keep.last(), past.size()), past.size())) {
                if (!keep.forGood(step)) {
                    Path gone = folder.resolve(".step-" + step + ".gone");
                    DurableFolders.rename(folder.resolve("step-" + step), gone);
                    DurableFolders.delete(gone);
                }
            }
        } catch (IOException e) {
            throw new RunException(
                    target
                            + " is written, but an older checkpoint cannot be deleted: "
                            + Reason.withPath(e),
                    e);
        }
    }

    private RunException failure(Path target, IOException cause) {
        String message = target + " could not be written: " + Reason.withPath(cause);
        try {
            removeLeftovers();
        } catch (IOException e) {
            message += "; what was written of it could not be removed: " + Reason.withPath(e);
        }
        try {
            message +=
                    latestValid(folder, _ -> {})
                            .map(it -> "; " + it.folder() + " is still valid")
                            .orElse("; there is no earlier checkpoint");
        } catch (InputException e) {
            message += "; no earlier checkpoint is valid";
        }
        return new RunException(message, cause);
    }

    /// The latest checkpoint of this run whose files are all as its manifest says.
    ///
    /// @param refusals is told of each later one that cannot be used, by name and with the reason
    /// @return nothing if there is no checkpoint at all
    /// @throws InputException if there are checkpoints and none is valid
    public Optional<Checkpoint> latestValid(Consumer<String> refusals) {
        return latestValid(folder, refusals);
    }

    /// The same for a folder that another run writes; changes nothing in it.
    public static Optional<Checkpoint> latestValid(Path folder, Consumer<String> refusals) {
        List<String> refused = new ArrayList<>();
        List<Long> latestFirst =
                stepsForReading(folder).stream().sorted(Comparator.reverseOrder()).toList();
        for (long step : latestFirst) {
            Path candidate = folder.resolve("step-" + step);
            try {
                Checkpoint valid =
                        new Checkpoint(step, candidate, ManifestFile.verified(candidate));
                refused.forEach(refusals);
                return Optional.of(valid);
            } catch (InputException e) {
                refused.add(candidate + " cannot be used: " + e.getMessage());
            }
        }
        if (!refused.isEmpty()) {
            throw new InputException(
                    "no checkpoint in " + folder + " is valid:\n  " + String.join("\n  ", refused));
        }
        return Optional.empty();
    }

    private static List<Long> stepsForReading(Path folder) {
        try {
            return steps(folder);
        } catch (IOException e) {
            throw new InputException(folder + " cannot be read: " + Reason.withPath(e), e);
        }
    }

    private static List<Long> steps(Path folder) throws IOException {
        List<Long> steps = new ArrayList<>();
        for (Path entry : entries(folder)) {
            Matcher name = STEP.matcher(entry.getFileName().toString());
            if (name.matches()) {
                steps.add(Long.parseLong(name.group(1)));
            }
        }
        return steps;
    }

    private static List<Path> entries(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    /// What was unfinished or being deleted goes; what was being replaced comes back, unless its
    /// replacement has arrived.
    private void removeLeftovers() throws IOException {
        for (Path entry : entries(folder)) {
            Matcher name = LEFTOVER.matcher(entry.getFileName().toString());
            if (!name.matches()) {
                continue;
            }
            Path target = folder.resolve(name.group(1));
            if (name.group(2).equals("old") && !Files.exists(target)) {
                DurableFolders.rename(entry, target);
            } else {
                DurableFolders.delete(entry);
            }
        }
    }
}
