package dev.isoflop.vit;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;

/// The size of a masked autoencoder's decoder, a transformer of its own. Pure.
///
/// @param width of a token
/// @param depth blocks
/// @param heads of attention; they divide the width
public record DecoderShape(int width, int depth, int heads) {

    public DecoderShape {
        Check.that(
                width >= 4 && width % 4 == 0,
                "decoderWidth is %s; it must be a multiple of 4",
                width);
        Check.that(depth >= 1, "decoderDepth is %s; it must be at least 1", depth);
        Check.that(
                heads >= 1 && width % heads == 0,
                "decoderHeads is %s; it must divide the decoder's width, %s",
                heads,
                width);
    }

    /// The matrix products of one forward pass on one image.
    ///
    /// @param encoder whose tokens it reads
    /// @param seen tokens that it reads, class token included
    public Work work(VitShape encoder, int seen) {
        int all = encoder.patches() + 1;
        return Work.sum(
                "decoder",
                Work.product("from encoder", 1, seen, encoder.width(), width),
                VitShape.blocksWork(all, width, depth, heads),
                Work.product("to pixels", 1, all, width, encoder.patchValues()));
    }

    /// Parameters, fixed positions included.
    public long parameters(VitShape encoder) {
        long d = width;
        long in = encoder.width() * d + d;
        long tokens = (encoder.patches() + 2) * d;
        long blocks = depth * VitShape.blockParameters(width);
        long out = 2 * d + d * encoder.patchValues() + encoder.patchValues();
        return in + tokens + blocks + out;
    }
}
