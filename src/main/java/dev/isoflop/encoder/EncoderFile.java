package dev.isoflop.encoder;

import dev.isoflop.fault.Excerpt;
import dev.isoflop.fault.InputException;
import dev.isoflop.run.RunFolder;
import dev.isoflop.torch.SafetensorsHeader;
import dev.isoflop.train.Checkpoints;

import java.nio.file.Files;
import java.nio.file.Path;

/// An encoder that is known and not yet read: all that prices and plans ask for, without libtorch.
///
/// @param file that holds it
/// @param card what network its numbers belong to
public record EncoderFile(Path file, Card card) {

    private static final String NAME = "encoder.safetensors";
    private static final int LONGEST = 300; // letters of a path that is shown

    /// Finds an encoder.
    ///
    /// @param from a run's folder (its last good checkpoint), a checkpoint's, or a file of ours
    /// @throws InputException if there is none, or a file that was not converted
    public static EncoderFile find(Path from) {
        Path file = place(from);
        String remedy = "; isoflop convert " + file + " --to NEW.safetensors reads it";
        if (!file.toString().endsWith(".safetensors")) {
            throw new InputException(file + " is no encoder of ours" + remedy);
        }
        Card card =
                Card.in(file, SafetensorsHeader.read(file).metadata())
                        .orElseThrow(() ->
                                new InputException(
                                        file
                                                + " does not say what network it belongs to"
                                                + remedy));
        return new EncoderFile(file, card);
    }

    /// The file that a path means: itself, a checkpoint's encoder, or that of a run's last good
    /// one.
    static Path place(Path from) {
        if (!Files.exists(from)) {
            throw new InputException(
                    Excerpt.of(from.toString(), LONGEST)
                            + " does not exist; name a run's folder, a checkpoint's, or an"
                            + " encoder's .safetensors");
        }
        if (!Files.isDirectory(from)) {
            return from;
        }
        if (Files.exists(from.resolve(NAME))) {
            return from.resolve(NAME);
        }
        RunFolder folder = RunFolder.read(from);
        return Checkpoints.latestValid(folder.checkpoints(), _ -> {})
                .orElseThrow(() -> new InputException(from + " has no checkpoint yet"))
                .encoder();
    }
}
