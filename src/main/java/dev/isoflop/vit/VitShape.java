package dev.isoflop.vit;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.recipe.Table;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The size of a vision transformer and of the images it sees.
///
/// Alexey Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021,
/// [arXiv:2010.11929](https://arxiv.org/abs/2010.11929), table 1; Ti and S from Hugo Touvron et
/// al., *Training data-efficient image transformers*, ICML 2021.
///
/// Pure: prices and counts parameters without the native library.
///
/// @param width of a token, D
/// @param depth blocks
/// @param heads of attention; they divide the width
/// @param patch side in pixels
/// @param image side in pixels; a multiple of the patch
public record VitShape(int width, int depth, int heads, int patch, int image) {

    /// The hidden layer of each block's MLP is this many times as wide as a token.
    public static final int MLP_RATIO = 4;

    private static final int CHANNELS = 3;
    private static final String SIZES =
            "write Ti/16, S/16, B/16, L/16 or H/14 (any patch will do), or its width, depth, heads"
                    + " and patch";
    private static final Pattern PRESET = Pattern.compile("([A-Za-z]+)/([0-9]{1,4})");

    public VitShape {
        Check.that(
                width >= 4 && width % 4 == 0,
                "width is %s; it must be a positive multiple of 4",
                width);
        Check.that(depth >= 1, "depth is %s; it must be at least 1", depth);
        Check.that(
                heads >= 1 && width % heads == 0,
                "heads is %s; it must divide the width, %s",
                heads,
                width);
        Check.that(patch >= 1, "patch is %s; it must be at least 1", patch);
        Check.that(
                image >= patch && image % patch == 0,
                "image is %s; it must be a multiple of the patch, %s",
                image,
                patch);
    }

    /// Reads the `encoder` of a recipe: `B/16`, or a table of width, depth, heads and patch.
    ///
    /// @param image side in pixels
    public static VitShape from(Table t, int image) {
        if (!t.isTable("encoder")) {
            return t.parsed("encoder", name -> of(name, image));
        }
        Table e = t.table("encoder");
        return e.build(() ->
                new VitShape(
                        e.count("width"),
                        e.count("depth"),
                        e.count("heads"),
                        e.count("patch"),
                        image));
    }

    /// A named size with a patch, such as `B/16`: Ti, S, B, L or H.
    ///
    /// @throws IllegalArgumentException naming the sizes there are
    public static VitShape of(String preset, int image) {
        Matcher m = PRESET.matcher(preset.strip());
        Check.that(m.matches(), "%s", SIZES);
        int patch = Integer.parseInt(m.group(2));
        return switch (m.group(1).toLowerCase(Locale.ROOT)) {
            case "ti" -> new VitShape(192, 12, 3, patch, image);
            case "s" -> new VitShape(384, 12, 6, patch, image);
            case "b" -> new VitShape(768, 12, 12, patch, image);
            case "l" -> new VitShape(1024, 24, 16, patch, image);
            case "h" -> new VitShape(1280, 32, 16, patch, image);
            default -> throw new IllegalArgumentException(SIZES);
        };
    }

    /// Patches along one side.
    public int grid() {
        return image / patch;
    }

    /// Patches of an image, N.
    public int patches() {
        return grid() * grid();
    }

    /// Numbers in a patch: 3 x patch x patch.
    public int patchValues() {
        return CHANNELS * patch * patch;
    }

    /// The matrix products that turn an image into patch embeddings.
    public Work embeddingWork() {
        return Work.product("patch embedding", 1, patches(), patchValues(), width);
    }

    /// The matrix products of one forward pass on whole images.
    ///
    /// @param name of the part, such as `encoder`
    /// @param views how often an image is seen
    public Work forwardWork(String name, int views) {
        return Work.sum(name, embeddingWork(), blocksWork(patches() + 1)).times(views, "views");
    }

    /// The matrix products of the backward pass after {@link #forwardWork}. Images need no
    /// gradient, so the patch embedding has one product, not two.
    public Work backwardWork(String name, int views) {
        Work blocks = blocksWork(patches() + 1).times(2, "gradients");
        return Work.sum(name, embeddingWork(), blocks).times(views, "views");
    }

    /// The matrix products of all blocks on a sequence.
    ///
    /// @param tokens in the sequence, class token included
    public Work blocksWork(int tokens) {
        return blocksWork(tokens, width, depth, heads);
    }

    /// The same encoder for images of another size.
    ///
    /// @param side in pixels, a multiple of the patch
    public VitShape at(int side) {
        return new VitShape(width, depth, heads, patch, side);
    }

    /// The matrix products of transformer blocks of any size on one sequence.
    public static Work blocksWork(int tokens, int width, int depth, int heads) {
        int perHead = width / heads;
        int hidden = MLP_RATIO * width;
        return Work.sum(
                        "blocks",
                        Work.product("queries, keys, values", 1, tokens, width, 3L * width),
                        Work.product("attention scores", heads, tokens, perHead, tokens),
                        Work.product("attention values", heads, tokens, tokens, perHead),
                        Work.product("attention output", 1, tokens, width, width),
                        Work.product("mlp in", 1, tokens, width, hidden),
                        Work.product("mlp out", 1, tokens, hidden, width))
                .times(depth, "blocks");
    }

    /// Parameters of the encoder without a head, fixed positions included.
    public long parameters() {
        long embedding = (long) patchValues() * width + width;
        long positions = (patches() + 1L) * width;
        return embedding + width + positions + depth * blockParameters(width) + 2L * width;
    }

    /// Parameters of one block: two norms, attention, MLP.
    public static long blockParameters(int width) {
        long d = width;
        long attention = 3 * d * d + 3 * d + d * d + d;
        long mlp = 2 * MLP_RATIO * d * d + MLP_RATIO * d + d;
        return 4 * d + attention + mlp;
    }

    /// The name of a preset of this size, or its numbers.
    public String name() {
        for (String size : List.of("Ti", "S", "B", "L", "H")) {
            if (of(size + "/" + patch, image).equals(this)) {
                return "ViT-" + size + "/" + patch;
            }
        }
        return "ViT-" + width + "x" + depth + "x" + heads + "/" + patch;
    }
}
