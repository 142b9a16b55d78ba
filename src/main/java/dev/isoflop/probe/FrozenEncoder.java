package dev.isoflop.probe;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Source;
import dev.isoflop.encoder.EncoderFile;
import dev.isoflop.encoder.Encoders;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Sha256;
import dev.isoflop.method.Clip;
import dev.isoflop.method.Method;
import dev.isoflop.pretrain.Sources;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What is probed: the encoder of a run's last good checkpoint, or one in a file.
public sealed interface FrozenEncoder {

    /// Side of a recipe's images where it says none, in pixels.
    int IMAGE = 224;

    /// A run's.
    ///
    /// @param folder of the run
    /// @param method that pre-trained it
    /// @param encoder its size, and the side of the images that it was trained on
    /// @param data that it was trained on
    /// @param precision in which it was trained
    /// @param checkpoint that is probed, the last good one
    record OfRun(
            RunFolder folder,
            Method.Config method,
            VitShape encoder,
            Source data,
            Precision precision,
            Checkpoint checkpoint)
            implements FrozenEncoder {

        /// Finds the checkpoint.
        ///
        /// @throws InputException if there is none
        public static OfRun of(RunFolder folder, RunListener to) {
            Checkpoint last =
                    Checkpoints.latestValid(folder.checkpoints(), to::said)
                            .orElseThrow(() ->
                                    new InputException(
                                            folder.path()
                                                    + " has no checkpoint yet, so there is no"
                                                    + " encoder to probe; continue it with isoflop"
                                                    + " pretrain --resume "
                                                    + folder.path()));
            Table recipe = Table.parse(folder.recipe().toString(), folder.readRecipe());
            VitShape encoder = VitShape.from(recipe, recipe.count("image", IMAGE));
            return new OfRun(
                    folder,
                    Method.Config.from(recipe.table("method")),
                    encoder,
                    Sources.from(recipe.table("data"), encoder.image()),
                    recipe.choice("precision", Precision.F32),
                    last);
        }

        /// What makes it read text, if it does.
        public Optional<Clip.Config> clip() {
            return method instanceof Clip.Config clip ? Optional.of(clip) : Optional.empty();
        }
    }

    /// One in a file that is no run's, or in a checkpoint named by itself.
    ///
    /// @param encoder the file, and what network it belongs to
    /// @param sha256 of the file
    /// @param features folder that keeps features
    record OfFile(EncoderFile encoder, String sha256, Path features) implements FrozenEncoder {

        /// Finds the file; reads no tensor.
        ///
        /// @param from the file, or a checkpoint's folder
        /// @throws InputException if it is no encoder of ours
        public static OfFile of(Path from, Path features) {
            EncoderFile found = EncoderFile.find(from);
            try {
                return new OfFile(found, Sha256.of(found.file()), features);
            } catch (IOException e) {
                throw new InputException(found.file() + " cannot be read: " + e.getMessage(), e);
            }
        }
    }

    /// How complaints call it.
    default String name() {
        return switch (this) {
            case OfRun run -> run.folder.path().toString();
            case OfFile file -> file.encoder.file().toString();
        };
    }

    /// Side of the images that it was trained on, in pixels.
    default int image() {
        return switch (this) {
            case OfRun run -> run.encoder.image();
            case OfFile file -> file.encoder.card().shape().image();
        };
    }

    /// Data to learn from where the settings name none: the run's own.
    ///
    /// @throws InputException of a file, which has none
    default Source data() {
        return switch (this) {
            case OfRun run -> run.data;
            case OfFile _ ->
                    throw new InputException(
                            name()
                                    + " holds an encoder and no data; name images with labels:"
                                    + " --set 'train={kind: folder, path: flowers}', or train in a"
                                    + " file of settings");
        };
    }

    /// Where features are kept.
    default Path features() {
        return switch (this) {
            case OfRun run -> run.folder.features();
            case OfFile file -> file.features;
        };
    }

    /// Checksum of the encoder's file.
    default String sha256() {
        return switch (this) {
            case OfRun run -> sha256(run.checkpoint);
            case OfFile file -> file.sha256;
        };
    }

    private static String sha256(Checkpoint checkpoint) {
        String name = String.valueOf(checkpoint.encoder().getFileName());
        return checkpoint.manifest().files().stream()
                .filter(part -> part.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new InputException(checkpoint.folder() + " holds no encoder: " + name))
                .sha256();
    }

    /// The network with its weights, on the CPU.
    ///
    /// @param precision in which it is to be used
    default Vit network(Precision precision) {
        return switch (this) {
            case OfRun run -> network(run);
            case OfFile file -> Encoders.read(file.encoder, Engine.parameterType(precision));
        };
    }

    private static Vit network(OfRun run) {
        Vit vit = new Vit(run.encoder, run.method.positions(), run.method.feature());
        vit.to(Engine.parameterType(run.precision), false);
        Map<String, String> _ =
                Safetensors.readInto(run.checkpoint.encoder(), Parameters.named(vit));
        return vit;
    }

    /// How a report names it.
    default ProbeReport.Encoder named(Features.Frozen frozen) {
        return switch (this) {
            case OfRun run -> named(run.checkpoint.step(), null, frozen);
            case OfFile of -> named(null, of.encoder.file().toString(), frozen);
        };
    }

    private ProbeReport.Encoder named(
            @Nullable Long step, @Nullable String file, Features.Frozen frozen) {
        return new ProbeReport.Encoder(
                step, file, sha256(), frozen.viewInWords(), frozen.precisionInWords());
    }

    /// Whether a path is an encoder by itself, and no run.
    static boolean isEncoder(Path from) {
        return Files.isDirectory(from)
                ? Files.exists(from.resolve("encoder.safetensors"))
                        && !Files.exists(from.resolve("recipe.yaml"))
                : Files.exists(from);
    }

    /// Where the figures of an encoder go: beside it, and never into a checkpoint's folder, which
    /// goes when the checkpoint does.
    static Path beside(Path from) {
        Path at = from.normalize();
        Path whole = at.toString().isEmpty() ? at.toAbsolutePath() : at;
        Path above = whole.toAbsolutePath().getParent();
        boolean within = above != null && Files.exists(above.resolve("manifest.json"));
        Path base = within && whole.getParent() != null ? whole.getParent() : whole;
        return base.resolveSibling(base.getFileName() + ".probe.json");
    }

    /// The folder of features that belongs to a file of figures.
    static Path features(Path out) {
        String name = String.valueOf(out.getFileName()).replaceFirst("(\\.probe)?\\.json$", "");
        return out.resolveSibling(name + ".features");
    }
}
