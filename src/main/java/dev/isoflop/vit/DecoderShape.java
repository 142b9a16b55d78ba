package dev.isoflop.vit;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;

import java.util.List;
import java.util.Map;

/// The size of a masked autoencoder's decoder, a transformer of its own. Pure.
///
/// @param width of a token
/// @param depth blocks
/// @param heads of attention; they divide the width
public record DecoderShape(int width, int depth, int heads) implements Scalable {

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

    @Override
    public Map<Size, Long> sizes() {
        return Map.of(Size.SECOND_DEPTH, (long) depth, Size.SECOND_HEADS, (long) heads);
    }

    @Override
    public DecoderShape at(Map<Size, Long> sizes) {
        int n = Scalable.count(sizes, Size.SECOND_HEADS);
        return new DecoderShape(widthPerHead() * n, Scalable.count(sizes, Size.SECOND_DEPTH), n);
    }

    @Override
    public List<List<Size>> monomials() {
        return List.of(
                List.of(Size.SECOND_HEADS),
                List.of(Size.SECOND_HEADS, Size.SECOND_HEADS),
                List.of(Size.SECOND_HEADS, Size.HEADS, Size.HEAD_WIDTH),
                List.of(Size.SECOND_DEPTH),
                List.of(Size.SECOND_DEPTH, Size.SECOND_HEADS),
                List.of(Size.SECOND_DEPTH, Size.SECOND_HEADS, Size.SECOND_HEADS));
    }

    @Override
    public int widthPerHead() {
        return width / heads;
    }
}
