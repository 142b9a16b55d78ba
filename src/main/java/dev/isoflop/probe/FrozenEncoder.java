package dev.isoflop.probe;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Source;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunListener;
import dev.isoflop.vit.Vit;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;

/// What is probed: the encoder of a run's last good checkpoint, or one in a file.
///
/// Says where its data, features and figures are before any weight is read.
sealed interface FrozenEncoder permits FrozenRun, FrozenFile {

    /// The weights that are probed, found and not yet read.
    ///
    /// @param encoder the file that holds the encoder
    /// @param state the file that holds all that was trained; the encoder's where there is no other
    /// @param sha256 of the encoder's file
    /// @param step of the run's checkpoint; null of a file
    /// @param file that reports name; null of a run
    record Weights(
            Path encoder, Path state, String sha256, @Nullable Long step, @Nullable String file) {}

    /// Nobody else writes to a place until it is let go.
    interface Hold extends AutoCloseable {

        /// Lets go.
        @Override
        void close();
    }

    /// An encoder by where it is.
    ///
    /// @param from a run's folder, a checkpoint's, or a .safetensors file of ours
    /// @throws dev.isoflop.fault.InputException if there is none
    static FrozenEncoder of(Path from) {
        return isFile(from) ? FrozenFile.of(from) : FrozenRun.of(from);
    }

    /// The folder that what lies side by side shares.
    ///
    /// @param one of what lies there
    static Path sharedBeside(Path one) {
        Path plain = one.normalize();
        String name = String.valueOf(plain.getFileName());
        Path named = name.isEmpty() || name.equals("..") ? one.toAbsolutePath().normalize() : plain;
        return named.resolveSibling("untrained");
    }

    /// Whether a path is an encoder by itself, and no run.
    private static boolean isFile(Path from) {
        return Files.isDirectory(from)
                ? Files.exists(from.resolve("encoder.safetensors"))
                        && !Files.exists(from.resolve("recipe.yaml"))
                : Files.exists(from);
    }

    /// The same encoder, whose figures go to another file.
    ///
    /// @param figures a name that ends in .json
    /// @throws dev.isoflop.fault.InputException of a run, or if the name ends otherwise
    FrozenEncoder withFigures(Path figures);

    /// How complaints call it.
    String name();

    /// Side of the images that it was trained on, in pixels.
    int image();

    /// Which tokens are read where the settings say nothing.
    Vit.Pool pool();

    /// Data to learn from where the settings name none: the run's own.
    ///
    /// @throws dev.isoflop.fault.InputException of a file, which has none
    Source data();

    /// Whether its method brought images and texts together, so that it classifies zero-shot.
    boolean readsText();

    /// Why there is no zero-shot of it, after its name: ` is one of mae, which read no text`.
    String whyNoText();

    /// The folder that keeps features; may be deleted, and is made again.
    Path features();

    /// The folder of what untrained encoders show, which all that lie side by side share; may be
    /// deleted, and is made again.
    Path untrained();

    /// The file of figures.
    Path figures();

    /// Keeps other processes from writing where this encoder is.
    ///
    /// @throws dev.isoflop.fault.InputException if another process does so
    Hold hold();

    /// Finds the weights.
    ///
    /// @throws dev.isoflop.fault.InputException if there are none
    Weights weights(RunListener to);

    /// The network with its weights, on the CPU.
    ///
    /// @param precision in which it is to be used
    Vit network(Weights weights, Precision precision);

    /// The text tower and both projections, of one that {@link #readsText}.
    ///
    /// @throws dev.isoflop.fault.InputException if the words that it learned are gone
    ZeroShot zeroShot(Weights weights);

    /// Puts new figures beside those that are there, each in the place of one of the same protocol,
    /// data and encoder.
    ///
    /// @throws dev.isoflop.fault.RunException if they cannot be written
    void keep(ProbeReport newer, RunListener to);
}
