package dev.isoflop.vit;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;

import java.util.List;
import java.util.Map;

/// The size of DINO's head. Pure.
///
/// @param headWidth of its two hidden layers
/// @param bottleneck width of what is compared with the prototypes
/// @param prototypes classes that nobody named
public record DinoHeadShape(int headWidth, int bottleneck, int prototypes) implements Scalable {

    public DinoHeadShape {
        Check.that(headWidth >= 1, "headWidth is %s; it must be at least 1", headWidth);
        Check.that(bottleneck >= 1, "bottleneck is %s; it must be at least 1", bottleneck);
        Check.that(
                prototypes >= 2,
                "prototypes is %s; there must be at least 2 to tell apart",
                prototypes);
    }

    /// The matrix products of one forward pass on the class tokens of one image.
    ///
    /// @param crops of the image, each with its class token
    /// @param width of a token
    public Work work(int crops, int width) {
        return Work.sum(
                "heads",
                Work.product("to hidden", 1, crops, width, headWidth),
                Work.product("hidden", 1, crops, headWidth, headWidth),
                Work.product("to bottleneck", 1, crops, headWidth, bottleneck),
                Work.product("prototypes", 1, crops, bottleneck, prototypes));
    }

    /// Parameters, the lengths of the prototypes included, which stay 1.
    ///
    /// @param width of a token
    public long parameters(int width) {
        long h = headWidth;
        long hidden = width * h + h + h * h + h;
        long last = (bottleneck + 1L) * prototypes;
        return hidden + h * bottleneck + bottleneck + last;
    }

    @Override
    public Map<Size, Long> sizes() {
        return Map.of(Size.HIDDEN, (long) headWidth, Size.WORDS, (long) prototypes);
    }

    @Override
    public DinoHeadShape at(Map<Size, Long> sizes) {
        return new DinoHeadShape(
                Scalable.count(sizes, Size.HIDDEN), bottleneck, Scalable.count(sizes, Size.WORDS));
    }

    @Override
    public List<List<Size>> monomials() {
        return List.of(
                List.of(Size.HIDDEN),
                List.of(Size.HIDDEN, Size.HIDDEN),
                List.of(Size.HIDDEN, Size.HEADS, Size.HEAD_WIDTH),
                List.of(Size.WORDS));
    }
}
