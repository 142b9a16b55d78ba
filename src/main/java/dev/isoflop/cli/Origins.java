package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Origin;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.torch.SafetensorsHeader;
import dev.isoflop.train.Checkpoint;
import dev.isoflop.train.Checkpoints;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.Resizing;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Where encoders come from: a run of ours, a file of tensors, or nothing.
final class Origins {

    private static final String TOKEN = "cls_token";
    private static final String POSITIONS = "pos_embed";
    private static final String PATCHES = "patch_embed.proj.weight";
    private static final String POOLED = "fc_norm.weight";
    private static final double ROUNDING = 1e-6; // of a table in single precision

    private Origins() {}

    /// What the `from` of a recipe names; no tensor is read.
    ///
    /// @param encoder the recipe's own, where it has one
    /// @param image side of the images to fine-tune on
    /// @throws InputException if there is no such encoder, or it is not the recipe's
    static Origin of(Table t, Optional<VitShape> encoder, int image) {
        String from = t.text("from", Origin.SCRATCH);
        if (from.equals(Origin.SCRATCH)) {
            VitShape shape =
                    encoder.orElseThrow(() ->
                            t.fault(
                                    "encoder",
                                    "is missing; an encoder from scratch needs a size, such as"
                                            + " B/16, or give another `from`"));
            return origin(from, null, null, shape, Positions.SINE_COSINE, pool(false), null, null);
        }
        Path path = Path.of(from);
        Origin found = Files.isDirectory(path) ? ofRun(path) : ofFile(path, encoder);
        encoder.ifPresent(wanted -> requireSame(wanted, shape(found), from));
        if (image % found.patch() != 0) {
            throw new InputException(
                    "image is %d, but the patches of %s have %d pixels a side; write a multiple of %d"
                            .formatted(image, from, found.patch(), found.patch()));
        }
        return found;
    }

    private static void requireSame(VitShape wanted, VitShape found, String from) {
        if (!wanted.at(wanted.patch()).equals(found.at(found.patch()))) {
            throw new InputException(
                    "encoder is %s (width %d, depth %d, heads %d, patch %d), but %s has %s (width %d, depth %d, heads %d, patch %d); leave encoder out, or give another `from`"
                            .formatted(
                                    wanted.name(),
                                    wanted.width(),
                                    wanted.depth(),
                                    wanted.heads(),
                                    wanted.patch(),
                                    from,
                                    found.name(),
                                    found.width(),
                                    found.depth(),
                                    found.heads(),
                                    found.patch()));
        }
    }

    /// The last good checkpoint of a run, and what it had cost.
    private static Origin ofRun(Path path) {
        try (RunFolder run = RunFolder.read(path)) {
            Table table = Table.parse(run.recipe().toString(), run.readRecipe());
            if (table.has("task")) {
                throw new InputException(
                        path
                                + " is a fine-tuning run; give the run that pre-trained its encoder,"
                                + " or the file encoder.safetensors of one of its checkpoints");
            }
            Recipe recipe = Recipe.from(table);
            Checkpoint last =
                    Checkpoints.latestValid(run.checkpoints(), System.err::println)
                            .orElseThrow(() ->
                                    new InputException(
                                            path + " has no checkpoint yet; let it run on"));
            run.readResult()
                    .filter(result -> result.status() == Result.Status.UNSTABLE)
                    .ifPresent(result -> System.err.println(path + ": " + result.message()));
            List<Measurement> steps =
                    run.readMeasurements().stream().filter(m -> m.step() <= last.step()).toList();
            Origin origin =
                    origin(
                            path.toString(),
                            recipe.method().name(),
                            run.readProvenance().map(Provenance::data).orElse(null),
                            recipe.encoder(),
                            recipe.method().positions(),
                            pool(SafetensorsHeader.read(last.encoder())
                                    .tensors()
                                    .containsKey(POOLED)),
                            last.encoder().toString(),
                            last.manifest().files().getFirst().sha256());
            return steps.isEmpty() || steps.getLast().step() < last.step()
                    ? origin
                    : costing(origin, steps);
        }
    }

    private static Origin costing(Origin o, List<Measurement> steps) {
        return new Origin(
                o.from(),
                o.method(),
                o.data(),
                o.width(),
                o.depth(),
                o.heads(),
                o.patch(),
                o.image(),
                o.positions(),
                o.pool(),
                o.file(),
                o.sha256(),
                steps.getLast().flops(),
                steps.stream().mapToDouble(Measurement::seconds).sum());
    }

    /// A file with our names of parameters, which say its size; but for the number of heads, which
    /// comes from the recipe, or is that of the named size of this width and depth.
    private static Origin ofFile(Path path, Optional<VitShape> encoder) {
        Map<String, SafetensorsHeader.Entry> tensors = SafetensorsHeader.read(path).tensors();
        for (String name : List.of(TOKEN, POSITIONS, PATCHES)) {
            if (!tensors.containsKey(name)) {
                throw new InputException(
                        "%s holds no encoder: there is no tensor %s; give a file with the names of timm's vision transformer"
                                .formatted(path, name));
            }
        }
        List<Long> patches = Objects.requireNonNull(tensors.get(PATCHES)).shape();
        List<Long> table = Objects.requireNonNull(tensors.get(POSITIONS)).shape();
        int width = Math.toIntExact(patches.getFirst());
        int patch = Math.toIntExact(patches.getLast());
        int depth = 0;
        while (tensors.containsKey("blocks." + depth + ".norm1.weight")) {
            depth++;
        }
        int grid = (int) Math.round(Math.sqrt((double) table.get(1) - 1));
        if (table.size() != 3 || 1 + (long) grid * grid != table.get(1) || depth == 0) {
            throw new InputException(
                    "%s holds no encoder of ours: pos_embed is %s, with %d blocks; positions must be those of a square of patches and a class token"
                            .formatted(path, table, depth));
        }
        int heads = encoder.map(VitShape::heads).orElse(heads(path, width, depth));
        VitShape shape = new VitShape(width, depth, heads, patch, grid * patch);
        String pool = pool(tensors.containsKey(POOLED));
        Positions unknown = Positions.LEARNED; // until the file is read
        return origin(path.toString(), null, null, shape, unknown, pool, path.toString(), null);
    }

    private static int heads(Path path, int width, int depth) {
        for (String size : List.of("Ti/16", "S/16", "B/16", "L/16", "H/16")) {
            VitShape named = VitShape.of(size, 16);
            if (named.width() == width && named.depth() == depth) {
                return named.heads();
            }
        }
        throw new InputException(
                "%s has %d blocks of width %d, and does not say how many heads; give the recipe an encoder, such as {width: %d, depth: %d, heads: %d, patch: 16}"
                        .formatted(path, depth, width, width, depth, Math.max(1, width / 64)));
    }

    /// A network with the weights of an origin, for images of a size.
    ///
    /// @param begins whether weights are asked for at all: a run that goes on has its own
    static Vit encoder(Origin origin, int image, Resizing resizing, boolean begins) {
        String file = origin.file();
        VitShape shape = shape(origin);
        Vit.Pool pool = Vit.Pool.valueOf(constant(origin.pool()));
        Positions kind = Positions.valueOf(constant(origin.positions()));
        if (file == null || !begins) {
            return new Vit(shape.at(image), kind, pool);
        }
        Vit vit = new Vit(shape, kind, pool);
        Safetensors.readInto(Path.of(file), Parameters.named(vit));
        return vit.at(image, resizing);
    }

    /// The origin of a file with the kind of its positions, which only their numbers tell.
    static Origin looked(Origin origin) {
        String file = origin.file();
        if (file == null || origin.method() != null) {
            return origin;
        }
        Vit vit = new Vit(shape(origin), Positions.LEARNED, Vit.Pool.valueOf(constant(origin.pool())));
        Map<String, Tensor> parameters = Parameters.named(vit);
        Safetensors.readInto(Path.of(file), parameters);
        Tensor table = Objects.requireNonNull(parameters.get(POSITIONS)); // [1, 1 + N, D]
        Tensor fixed = Vit.positions(origin.width(), origin.image() / origin.patch());
        boolean same = table.sub(fixed).abs().max().item_double() < ROUNDING;
        return new Origin(
                origin.from(),
                null,
                null,
                origin.width(),
                origin.depth(),
                origin.heads(),
                origin.patch(),
                origin.image(),
                word(same ? Positions.SINE_COSINE : Positions.LEARNED),
                origin.pool(),
                file,
                null,
                null,
                null);
    }

    /// The size that an encoder has at home.
    static VitShape shape(Origin o) {
        return new VitShape(o.width(), o.depth(), o.heads(), o.patch(), o.image());
    }

    private static Origin origin(
            String from,
            @Nullable String method,
            @Nullable String data,
            VitShape shape,
            Positions positions,
            String pool,
            @Nullable String file,
            @Nullable String sha256) {
        return new Origin(
                from,
                method,
                data,
                shape.width(),
                shape.depth(),
                shape.heads(),
                shape.patch(),
                shape.image(),
                word(positions),
                pool,
                file,
                sha256,
                null,
                null);
    }

    private static String pool(boolean mean) {
        return word(mean ? Vit.Pool.MEAN_OF_PATCHES : Vit.Pool.CLASS_TOKEN);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String constant(String word) {
        return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
