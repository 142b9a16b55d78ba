package dev.isoflop.probe;

import dev.isoflop.budget.Precision;
import dev.isoflop.data.Source;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.WholeFile;
import dev.isoflop.method.JointEmbedding;
import dev.isoflop.method.Method;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.Figure;
import dev.isoflop.report.RunPage;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.text.Tokenizer;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The encoder of a pre-training run.
///
/// Reads of the recipe only what belongs to the encoder: a run of an isoflop that knew other keys
/// can still be probed.
///
/// @param folder of the run
/// @param method that pre-trained it
/// @param encoder its size, and the side of the images that it was trained on
/// @param data that it was trained on
/// @param precision in which it was trained
record FrozenRun(
        RunFolder folder, Method.Config method, VitShape encoder, Source data, Precision precision)
        implements FrozenEncoder {

    private static final int IMAGE = 224; // side in pixels where a recipe says none

    /// Reads the recipe.
    ///
    /// @throws InputException if it is no pre-training run
    static FrozenRun of(Path from) {
        RunFolder folder = RunFolder.read(from);
        Table recipe = Table.parse(folder.recipe().toString(), folder.readRecipe());
        if (recipe.has("task")) {
            throw new InputException(
                    from
                            + " is a fine-tuning run; name a checkpoint of it, such as "
                            + folder.checkpoints().resolve("step-100"));
        }
        VitShape encoder = VitShape.from(recipe, recipe.count("image", IMAGE));
        return new FrozenRun(
                folder,
                Method.Config.from(recipe.table("method")),
                encoder,
                Source.from(recipe.table("data"), encoder.image()),
                recipe.choice("precision", Precision.F32));
    }

    @Override
    public FrozenEncoder withFigures(Path figures) {
        throw new InputException(
                "--out is for an encoder's file; the figures of a run go to "
                        + figures()
                        + ": leave it out");
    }

    @Override
    public String name() {
        return folder.path().toString();
    }

    @Override
    public int image() {
        return encoder.image();
    }

    @Override
    public Vit.Pool pool() {
        return method.probed();
    }

    @Override
    public boolean readsText() {
        return method.jointEmbedding().isPresent();
    }

    @Override
    public String whyNoText() {
        return " is one of %s, which read no text".formatted(method.name());
    }

    @Override
    public Path features() {
        return folder.features();
    }

    @Override
    public Path untrained() {
        return FrozenEncoder.sharedBeside(folder.path());
    }

    @Override
    public Path figures() {
        return folder.probe();
    }

    @Override
    public Hold hold() {
        RunFolder taken = RunFolder.resume(folder.path());
        return taken::close;
    }

    @Override
    public Weights weights(RunListener to) {
        Checkpoint last =
                Checkpoints.latestValid(folder.checkpoints(), to::said)
                        .orElseThrow(() ->
                                new InputException(
                                        folder.path()
                                                + " has no checkpoint yet, so there is no encoder"
                                                + " to probe; continue it with isoflop pretrain"
                                                + " --resume "
                                                + folder.path()));
        return new Weights(last.encoder(), last.state(), sha256(last), last.step(), null);
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

    @Override
    public Vit network(Weights weights, Precision used) {
        Vit vit = new Vit(encoder, method.positions(), method.feature());
        vit.to(Engine.parameterType(precision), false);
        Map<String, String> _ = Safetensors.readInto(weights.encoder(), Parameters.named(vit));
        return vit;
    }

    @Override
    public ZeroShot zeroShot(Weights weights) {
        JointEmbedding joint = method.jointEmbedding().orElseThrow();
        Path tokenizer = folder.tokenizer();
        if (!Files.exists(tokenizer)) {
            throw new InputException(
                    tokenizer
                            + " is missing: without the words that the run learned there is no"
                            + " zero-shot; put it back, or ask for --knn or --linear");
        }
        return new ZeroShot(
                joint,
                Tokenizer.read(tokenizer),
                encoder.width(),
                weights.state(),
                Engine.parameterType(precision));
    }

    @Override
    public void keep(ProbeReport newer, RunListener to) {
        try (RunFolder taken = RunFolder.resume(folder.path())) {
            ProbeReport before = taken.readProbe().orElse(new ProbeReport(List.of()));
            taken.writeProbe(before.with(newer.probes()));
            writePage(taken, to);
        }
        to.said("figures     " + figures());
    }

    /// Makes the run's page anew, unless that would lose pictures that only the page has.
    private static void writePage(RunFolder folder, RunListener to) {
        List<Figure> figures = Figure.in(folder.pictures());
        if (figures.isEmpty() && hasPictures(folder.page())) {
            to.said(
                    "page        is left as it was: its pictures are in no folder, and would be"
                            + " lost");
        } else {
            RunPage.write(folder, figures, folder.page());
            to.said("page        " + folder.page());
        }
    }

    private static boolean hasPictures(Path page) {
        try {
            return Files.exists(page)
                    && WholeFile.text(page, WholeFile.RECORD, "a page").contains("data:image/png");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
