package dev.isoflop.encoder;

import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.torch.SafetensorsLayout.Form;
import dev.isoflop.vit.Positions;
import dev.isoflop.vit.SinCos;
import dev.isoflop.vit.Vit;
import dev.isoflop.vit.VitShape;
import dev.isoflop.vit.VitStyle;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the shapes of an encoder's tensors say of it, and how the rest is known.
///
/// @param shape its size
/// @param pool which token speaks
/// @param style what it computes differently
/// @param reasons how that is known which no shape says
record Outline(VitShape shape, Vit.Pool pool, VitStyle style, Conversion.Reasons reasons) {

    private static final String PATCHES = "patch_embed.proj.weight";
    private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\..*");
    private static final int WIDEST =
            1 << 15; // of tokens, patches and grids; none known is as wide
    private static final int CLIP_HEAD = 64; // OpenAI's build_model: heads = width / 64

    /// Heads of the published sizes, by width.
    private static final Map<Integer, Integer> HEADS =
            Map.of(192, 3, 384, 6, 768, 12, 1024, 16, 1280, 16);

    /// Something known, and how.
    private record Known<T>(T value, String how) {}

    /// Reads the outline of an encoder.
    ///
    /// @param stored what is stored of each parameter, by our names; of three parts the first
    /// @param own what a file of ours says of itself
    /// @throws InputException if shapes contradict one another, or heads or an activation are not
    ///   known
    static Outline of(
            Path file,
            Recognition found,
            Map<String, Form> stored,
            Optional<Card> own,
            Choices choices) {
        HuggingFaceConfig config =
                found.naming() == Naming.HUGGING_FACE
                        ? HuggingFaceConfig.beside(file)
                        : new HuggingFaceConfig(
                                Optional.empty(), Optional.empty(), Optional.empty());
        boolean normFirst = stored.containsKey("norm_pre.weight");
        List<Long> patches = Objects.requireNonNull(stored.get(PATCHES)).shape();
        List<Long> table = Objects.requireNonNull(stored.get("pos_embed")).shape();
        requirePatches(file, patches);
        int width = Math.toIntExact(patches.getFirst());
        int patch = Math.toIntExact(patches.getLast());
        Known<Integer> heads = heads(file, width, found, own, config, choices);
        VitStyle usual =
                normFirst && found.naming() == Naming.TIMM ? VitStyle.CLIP : found.naming().style();
        Known<Double> epsilon =
                first(
                        choices.normEpsilon(),
                        own.map(it -> it.style().normEpsilon()),
                        config.normEpsilon(),
                        usual.normEpsilon(),
                        "the default of this naming");
        Known<VitStyle.Activation> activation =
                first(
                        choices.activation(),
                        own.map(it -> it.style().activation()),
                        config.activation(),
                        usual.activation(),
                        found.naming() == Naming.CLIP
                                ? "OpenAI's own weights have it; of OpenCLIP's, some need"
                                        + " --activation gelu"
                                : "the default of this naming");
        if (normFirst
                && found.naming() == Naming.TIMM
                && own.isEmpty()
                && choices.activation().isEmpty()) {
            throw new InputException(
                    file
                            + " norms before its blocks, as CLIP's towers do, and timm has those"
                            + " with either activation; say --activation quick-gelu (OpenAI's) or"
                            + " gelu");
        }
        Conversion.Reasons reasons =
                new Conversion.Reasons(heads.how(), epsilon.how(), activation.how());
        try {
            VitShape shape =
                    new VitShape(
                            width,
                            depth(stored),
                            heads.value(),
                            patch,
                            patch * grid(file, table, width));
            Vit.Pool pool =
                    stored.containsKey("fc_norm.weight") && !stored.containsKey("norm.weight")
                            ? Vit.Pool.MEAN_OF_PATCHES
                            : Vit.Pool.CLASS_TOKEN;
            VitStyle style = new VitStyle(epsilon.value(), activation.value(), normFirst);
            return new Outline(shape, pool, style, reasons);
        } catch (IllegalArgumentException e) {
            throw new InputException(file + " fits no encoder of ours: " + e.getMessage(), e);
        }
    }

    private static <T> Known<T> first(
            Optional<T> asked, Optional<T> own, Optional<T> config, T usual, String why) {
        return asked.map(it -> new Known<>(it, "as asked"))
                .or(() -> own.map(it -> new Known<>(it, "its metadata say so")))
                .or(() -> config.map(it -> new Known<>(it, HuggingFaceConfig.NAME + " says so")))
                .orElse(new Known<>(usual, why));
    }

    private static Known<Integer> heads(
            Path file,
            int width,
            Recognition found,
            Optional<Card> own,
            HuggingFaceConfig config,
            Choices choices) {
        int usual =
                found.naming() == Naming.CLIP ? width / CLIP_HEAD : HEADS.getOrDefault(width, 0);
        String why =
                found.naming() == Naming.CLIP
                        ? "one for 64 channels, as OpenAI's code has it"
                        : "what the published size of this width has";
        Known<Integer> heads =
                first(
                        choices.heads(),
                        own.map(it -> it.shape().heads()),
                        config.heads(),
                        usual,
                        why);
        if (heads.value() == 0) {
            throw new InputException(
                    "%s does not say how many heads its attention has, and no published size is %d wide; say --heads"
                            .formatted(file, width));
        }
        return heads;
    }

    private static void requirePatches(Path file, List<Long> shape) {
        boolean fits =
                shape.size() == 4
                        && shape.get(0) <= WIDEST
                        && shape.get(1) == 3
                        && shape.get(2) <= WIDEST
                        && shape.get(2).equals(shape.get(3));
        if (!fits) {
            throw new InputException(
                    "%s embeds patches by a tensor of shape %s; isoflop's network has [width, 3, patch, patch]"
                            .formatted(file, shape));
        }
    }

    private static int depth(Map<String, Form> stored) {
        int depth = 0;
        for (String name : stored.keySet()) {
            Matcher block = BLOCK.matcher(name);
            if (block.matches()) {
                depth = Math.max(depth, Integer.parseInt(block.group(1)) + 1);
            }
        }
        Check.that(
                depth <= stored.size(),
                "depth is %s; its tensors are of %s parameters only",
                depth,
                stored.size());
        return depth;
    }

    /// Patches along a side, from a row of positions for each patch and one for the class token.
    private static int grid(Path file, List<Long> table, int width) {
        long rows = table.size() < 2 ? 0 : table.get(table.size() - 2);
        long grid = Math.round(Math.sqrt((double) rows - 1));
        if (rows < 2 || grid > WIDEST || grid * grid + 1 != rows || table.getLast() != width) {
            throw new InputException(
                    "%s has positions of shape %s; isoflop's network has a row for the class token and one for each patch of a square, %d wide"
                            .formatted(file, table, width));
        }
        return (int) grid;
    }

    /// The parameters of such an encoder, in the network's order.
    Map<String, Form> forms(Dtype dtype) {
        return new Card(shape, Positions.LEARNED, pool, style, "").forms(dtype);
    }

    /// What is wrong with the tensors for a parameter: nothing, or text to put behind their names.
    static String misfit(Form wanted, List<Stored> pieces) {
        if (pieces.size() == 2) {
            return ": of queries, keys and values one is missing";
        }
        List<Long> each = new ArrayList<>(withoutLeadingOnes(wanted.shape()));
        each.set(0, each.getFirst() / pieces.size());
        for (Stored piece : pieces) {
            if (!withoutLeadingOnes(piece.form().shape()).equals(each)) {
                return " is %s%s, not %s"
                        .formatted(piece.form().dtype(), piece.form().shape(), each);
            }
        }
        return "";
    }

    private static List<Long> withoutLeadingOnes(List<Long> shape) {
        int ones = 0;
        while (ones < shape.size() - 1 && shape.get(ones) == 1) {
            ones++;
        }
        return shape.subList(ones, shape.size());
    }

    /// Whether positions are the fixed table, up to what their format rounds.
    ///
    /// @param table `[1 + N, D]`
    Positions positions(Dtype dtype, MemorySegment table) {
        double[] fixed = SinCos.table(shape.width(), shape.grid());
        double tolerance =
                switch (dtype) {
                    case F64, F32 -> 1e-6; // the authors round their table to 32 bits
                    case F16 -> 0x1p-11;
                    case BF16 -> 0x1p-8;
                    case I64, I32, U8, BOOL -> 0;
                };
        for (int i = 0; i < fixed.length; i++) {
            double difference = Math.abs(Numbers.number(dtype, table, i) - fixed[i]);
            if (!(difference <= tolerance)) {
                return Positions.LEARNED;
            }
        }
        return Positions.SINE_COSINE;
    }
}
