package dev.isoflop.finetune;

import dev.isoflop.budget.Precision;
import dev.isoflop.encoder.Card;
import dev.isoflop.encoder.EncoderFile;
import dev.isoflop.encoder.Encoders;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Sha256;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.task.Transfer;
import dev.isoflop.torch.Engine;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Resizing;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where encoders come from: a run of ours, a file of ours, or nothing.
final class Origins {

    private Origins() {}

    /// What a `from` names.
    ///
    /// @param warnings what to know before it is used; none mostly
    record Found(Origin origin, List<String> warnings) {

        Found {
            warnings = List.copyOf(warnings);
        }
    }

    /// What the `from` of a recipe names; no tensor is read.
    ///
    /// @param encoder the recipe's own, where it has one
    /// @param image side of the images to fine-tune on
    /// @throws InputException if there is no such encoder, or it is not the recipe's
    static Found find(Table t, Optional<VitShape> encoder, int image) {
        String from = t.text("from", Origin.SCRATCH);
        if (from.equals(Origin.SCRATCH)) {
            VitShape shape =
                    encoder.orElseThrow(() ->
                            t.fault(
                                    "encoder",
                                    "is missing; an encoder from scratch needs a size, such as"
                                            + " B/16, or give another `from`"));
            Card card =
                    new Card(
                            shape,
                            Positions.SINE_COSINE,
                            Vit.Pool.CLASS_TOKEN,
                            VitStyle.TIMM,
                            Origin.SCRATCH);
            Origin origin = new Origin(from, null, null, card.metadata(), null, null, null, null);
            return new Found(origin, List.of());
        }
        Path path = Path.of(from);
        boolean run = Files.isDirectory(path) && Files.exists(path.resolve("recipe.yaml"));
        Found found = run ? ofRun(path) : new Found(ofFile(path), List.of());
        VitShape shape = shape(found.origin);
        encoder.ifPresent(wanted -> requireSame(wanted, shape, from));
        if (image % shape.patch() != 0) {
            throw new InputException(
                    "image is %d, but the patches of %s have %d pixels a side; write a multiple of %d"
                            .formatted(image, from, shape.patch(), shape.patch()));
        }
        return found;
    }

    private static void requireSame(VitShape wanted, VitShape found, String from) {
        if (!wanted.at(wanted.patch()).equals(found.at(found.patch()))) {
            throw new InputException(
                    "encoder is %s, but %s has %s; leave encoder out, or give another `from`"
                            .formatted(said(wanted), from, said(found)));
        }
    }

    private static String said(VitShape shape) {
        return "%s (width %d, depth %d, heads %d, patch %d)"
                .formatted(
                        shape.name(), shape.width(), shape.depth(), shape.heads(), shape.patch());
    }

    /// A file, or a checkpoint's folder.
    private static Origin ofFile(Path path) {
        EncoderFile found = EncoderFile.find(path);
        String file = found.file().toString();
        return new Origin(
                path.toString(), null, null, found.card().metadata(), file, null, null, null);
    }

    /// The last good checkpoint of a run, and what it had cost.
    private static Found ofRun(Path path) {
        try (RunFolder run = RunFolder.read(path)) {
            Table table = Table.parse(run.recipe().toString(), run.readRecipe());
            if (FineTuneRecipe.isOne(table)) {
                throw new InputException(
                        path
                                + " is a fine-tuning run; give the run that pre-trained its"
                                + " encoder, or the file encoder.safetensors of one of its"
                                + " checkpoints");
            }
            List<String> warnings = new ArrayList<>();
            Checkpoint last =
                    Checkpoints.latestValid(run.checkpoints(), warnings::add)
                            .orElseThrow(() ->
                                    new InputException(
                                            path + " has no checkpoint yet; let it run on"));
            run.readResult()
                    .filter(result -> result.status() == Result.Status.UNSTABLE)
                    .ifPresent(result -> warnings.add(path + ": " + result.message()));
            List<Measurement> steps =
                    run.readMeasurements().stream().filter(m -> m.step() <= last.step()).toList();
            boolean known = !steps.isEmpty() && steps.getLast().step() == last.step();
            Origin origin =
                    new Origin(
                            path.toString(),
                            PretrainRecipe.from(table).method().name(),
                            run.readProvenance().map(p -> p.subject().data()).orElse(null),
                            EncoderFile.find(last.folder()).card().metadata(),
                            last.encoder().toString(),
                            last.manifest().files().getFirst().sha256(),
                            known ? steps.getLast().flops() : null,
                            known ? steps.stream().mapToDouble(Measurement::seconds).sum() : null);
            return new Found(origin, warnings);
        }
    }

    /// An origin with the checksum of its file, where it has a file and the checksum is not known:
    /// which encoder this is, whatever becomes of the file.
    static Origin identified(Origin origin) {
        String file = origin.file();
        return file == null || origin.sha256() != null
                ? origin
                : new Origin(
                        origin.from(),
                        origin.method(),
                        origin.data(),
                        origin.network(),
                        file,
                        checksum(Path.of(file)),
                        origin.flops(),
                        origin.seconds());
    }

    private static String checksum(Path file) {
        try {
            return Sha256.of(file);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    /// Refuses an encoder that is not the one another run began with.
    ///
    /// @param folder of the other run
    /// @param origin with its checksum
    static void requireThatOf(Path folder, Origin origin) {
        try (RunFolder other = RunFolder.read(folder)) {
            String then = other.readOrigin().map(Origin::sha256).orElse(null);
            String now = origin.sha256();
            if (then != null && now != null && !then.equals(now)) {
                throw new InputException(
                        "the encoder of %s is not the one that %s began with: its SHA-256 is %s, and was %s; put it back, or start a new search"
                                .formatted(origin.from(), folder, now, then));
            }
        }
    }

    /// Refuses a file that holds another encoder than when the run was begun.
    private static void requireUnchanged(Origin origin, String file) {
        String then = origin.sha256();
        if (then == null) {
            return; // of a run from before it was written down
        }
        String now = checksum(Path.of(file));
        if (!now.equals(then)) {
            throw new InputException(
                    "%s is not the encoder that the run was begun with: its SHA-256 is %s, and was %s; put it back, or start a new run"
                            .formatted(file, now, then));
        }
    }

    /// A network with the weights of an origin, for images of a size.
    ///
    /// @param transfer what becomes of it
    /// @param begins whether weights are asked for at all: a run that goes on has its own
    /// @throws InputException if the file holds another encoder than the origin's
    static Vit encoder(
            Origin origin, int image, Transfer transfer, Precision precision, boolean begins) {
        Card card = card(origin);
        Positions kind = transfer.kind(card.positions());
        Resizing resizing =
                transfer.positions().of(card.positions(), Optional.ofNullable(origin.method()));
        String file = origin.file();
        if (file != null && begins) {
            requireUnchanged(origin, file);
            return Encoders.read(Path.of(file), Engine.parameterType(precision))
                    .at(image, resizing, kind);
        }
        VitShape shape = card.shape().at(image);
        Vit fresh = new Vit(shape, card.positions(), card.pool(), card.style(), resizing);
        return kind == card.positions() ? fresh : fresh.at(image, resizing, kind);
    }

    /// The size that an encoder has at home.
    static VitShape shape(Origin origin) {
        return card(origin).shape();
    }

    /// Which network it is, with its size at home.
    static Card card(Origin origin) {
        return Card.in(Path.of("origin.json"), origin.network())
                .orElseThrow(() -> new InputException("origin.json does not say which network"));
    }
}
