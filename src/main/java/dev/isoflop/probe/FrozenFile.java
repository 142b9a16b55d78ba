package dev.isoflop.probe;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Source;
import dev.isoflop.encoder.EncoderFile;
import dev.isoflop.encoder.Encoders;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Sha256;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunListener;
import dev.isoflop.torch.Engine;
import dev.isoflop.vit.Vit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// An encoder in a file that is no run's, or in a checkpoint named by itself.
///
/// @param encoder the file, and what network it belongs to
/// @param figures the file that they go to; features go to a folder beside it
record FrozenFile(EncoderFile encoder, Path figures) implements FrozenEncoder {

    /// Finds the file; reads no tensor.
    ///
    /// @param from the file, or a checkpoint's folder
    /// @throws InputException if it is no encoder of ours
    static FrozenFile of(Path from) {
        return new FrozenFile(EncoderFile.find(from), beside(from));
    }

    /// Where the figures of an encoder go: beside it, and never into a checkpoint's folder, which
    /// goes when the checkpoint does.
    private static Path beside(Path from) {
        Path at = from.normalize();
        Path whole = at.toString().isEmpty() ? at.toAbsolutePath() : at;
        Path above = whole.toAbsolutePath().getParent();
        boolean within = above != null && Files.exists(above.resolve("manifest.json"));
        Path base = within && whole.getParent() != null ? whole.getParent() : whole;
        return base.resolveSibling(base.getFileName() + ".probe.json");
    }

    @Override
    public FrozenEncoder withFigures(Path wanted) {
        if (!wanted.toString().endsWith(".json")) {
            throw new InputException("--out is " + wanted + "; write a name that ends in .json");
        }
        return new FrozenFile(encoder, wanted);
    }

    @Override
    public String name() {
        return encoder.file().toString();
    }

    @Override
    public int image() {
        return encoder.card().shape().image();
    }

    @Override
    public Source data() {
        throw new InputException(
                name()
                        + " holds an encoder and no data; name images with labels: --set"
                        + " 'train={kind: folder, path: flowers}', or train in a file of settings");
    }

    @Override
    public Vit.Pool pool() {
        return encoder.card().pool();
    }

    @Override
    public boolean readsText() {
        return false;
    }

    @Override
    public String whyNoText() {
        return " holds an encoder of images alone";
    }

    @Override
    public Path features() {
        String name = String.valueOf(figures.getFileName()).replaceFirst("(\\.probe)?\\.json$", "");
        return figures.resolveSibling(name + ".features");
    }

    /// Of a run's checkpoint it is that of the run.
    @Override
    public Path untrained() {
        Path checkpoints = figures.toAbsolutePath().getParent();
        Path run = checkpoints == null ? null : checkpoints.getParent();
        boolean ofRun = run != null && Files.exists(run.resolve("recipe.yaml"));
        return FrozenEncoder.sharedBeside(run != null && ofRun ? run : figures);
    }

    /// Nothing: each of its files is replaced whole.
    @Override
    public Hold hold() {
        return () -> {};
    }

    @Override
    public Weights weights(RunListener to) {
        Path file = encoder.file();
        try {
            return new Weights(file, file, Sha256.of(file), null, file.toString());
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    @Override
    public Vit network(Weights weights, Precision used) {
        return Encoders.read(encoder, Engine.parameterType(used));
    }

    @Override
    public ZeroShot zeroShot(Weights weights) {
        throw new IllegalStateException(name() + " reads no text");
    }

    @Override
    public void keep(ProbeReport newer, RunListener to) {
        ProbeReport before = ProbeReport.in(figures).orElse(new ProbeReport(List.of()));
        before.with(newer.probes()).writeTo(figures);
        to.said("figures     " + figures);
    }
}
