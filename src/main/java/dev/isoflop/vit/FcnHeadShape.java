package dev.isoflop.vit;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;
import dev.isoflop.recipe.Table;

import java.util.ArrayList;
import java.util.List;

/// The size of a fully convolutional head on an encoder's tokens. Pure.
///
/// @param channels of its convolutions, C
/// @param convolutions of 3 x 3, one after the other
/// @param dilation from one of the nine places that such a convolution reads to the next, in
///   tokens; 1 are neighbours. Its border of zeros is as wide, and its price the same whatever it
///   is
/// @param concatenated whether one more convolution reads the tokens beside what the others made;
///   it is never dilated
/// @param norm after each convolution
public record FcnHeadShape(
        int channels, int convolutions, int dilation, boolean concatenated, Norm norm) {

    private static final long KERNEL = 9; // 3 x 3

    /// What stands between a convolution and its rectifier.
    public enum Norm {
        /// Nothing; the convolution has a bias.
        NONE,
        /// Batch norm, which has the bias.
        BATCH
    }

    public FcnHeadShape {
        Check.that(channels >= 1, "channels is %s; it must be at least 1", channels);
        Check.that(convolutions >= 1, "convolutions is %s; it must be at least 1", convolutions);
        Check.that(
                dilation >= 1,
                "dilation is %s; write 1 for neighbours, or more, such as 6",
                dilation);
    }

    /// Reads the keys of a recipe's `task` that say it; what they leave out is as usual.
    public static FcnHeadShape from(Table t, FcnHeadShape usual) {
        return t.build(() ->
                new FcnHeadShape(
                        t.count("channels", usual.channels),
                        t.count("convolutions", usual.convolutions),
                        t.count("dilation", usual.dilation),
                        t.flag("concatenated", usual.concatenated),
                        t.choice("norm", usual.norm)));
    }

    /// The matrix products of one forward pass on the tokens of one image.
    ///
    /// @param tokens on the grid, class token excluded
    /// @param width of a token
    /// @param classes that are told apart
    public Work work(int tokens, int width, int classes) {
        List<Work> products = new ArrayList<>();
        long from = width;
        for (int i = 1; i <= convolutions; i++) {
            products.add(Work.product("convolution " + i, 1, tokens, KERNEL * from, channels));
            from = channels;
        }
        if (concatenated) {
            long both = KERNEL * (width + channels);
            products.add(Work.product("concatenated convolution", 1, tokens, both, channels));
        }
        products.add(Work.product("classifier", 1, tokens, channels, classes));
        return Work.sum("head", products);
    }

    /// Parameters of the head.
    ///
    /// @param width of a token
    /// @param classes that are told apart
    public long parameters(int width, int classes) {
        long each = norm == Norm.NONE ? channels : 2L * channels;
        long count = (channels + 1L) * classes;
        long from = width;
        for (int i = 0; i < convolutions; i++) {
            count += KERNEL * from * channels + each;
            from = channels;
        }
        return concatenated ? count + KERNEL * (width + channels) * channels + each : count;
    }
}
