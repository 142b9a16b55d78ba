package dev.isoflop.vit;

import dev.isoflop.budget.Work;
import dev.isoflop.fault.Check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The size of a head: linear layers on one vector an image, batch norm and a rectifier after each
/// but the last. Pure.
///
/// @param hidden width between the layers; 0 is that of the vector
/// @param out width of the result
/// @param layers linear layers
/// @param biased whether the layers ahead of a rectifier have a bias beside their norm's shift
/// @param normed whether the result is normed as well, without a shift
public record MlpShape(int hidden, int out, int layers, boolean biased, boolean normed)
        implements Scalable {

    public MlpShape {
        Check.that(
                hidden >= 0,
                "projectorHidden is %s; write a width, or 0 for that of what comes in",
                hidden);
        Check.that(out >= 1, "projectorOut is %s; it must be at least 1", out);
        Check.that(layers >= 1, "projectorLayers is %s; it must be at least 1", layers);
    }

    /// SimCLR's projector in its authors' code: no biases, and the result is normed.
    public static MlpShape simClr(int hidden, int out, int layers) {
        return new MlpShape(hidden, out, layers, false, true);
    }

    /// BYOL's projector and predictor in its authors' code: a bias in the first of two layers, none
    /// in the last, whose result is left as it is.
    public static MlpShape byol(int hidden, int out) {
        return new MlpShape(hidden, out, 2, true, false);
    }

    /// The width that a layer makes.
    ///
    /// @param in width of the vector
    int width(int layer, int in) {
        int between = hidden == 0 ? in : hidden;
        return isLast(layer) ? out : between;
    }

    boolean isLast(int layer) {
        return layer == layers - 1;
    }

    boolean hasBias(int layer) {
        return biased && !isLast(layer);
    }

    boolean hasNorm(int layer) {
        return normed || !isLast(layer);
    }

    /// The matrix products of one forward pass on one vector.
    ///
    /// @param name of the head
    /// @param in width of the vector
    public Work work(String name, int in) {
        List<Work> products = new ArrayList<>();
        int from = in;
        for (int i = 0; i < layers; i++) {
            products.add(Work.product("layer " + (i + 1), 1, 1, from, width(i, in)));
            from = width(i, in);
        }
        return Work.sum(name, products);
    }

    /// Parameters of the head.
    ///
    /// @param in width of the vector
    public long parameters(int in) {
        long count = 0;
        long from = in;
        for (int i = 0; i < layers; i++) {
            long width = width(i, in);
            long norm = isLast(i) ? width : 2 * width;
            count += from * width + (hasBias(i) ? width : 0) + (hasNorm(i) ? norm : 0);
            from = width;
        }
        return count;
    }

    @Override
    public Map<Size, Long> sizes() {
        return Map.of(Size.HIDDEN, (long) hidden);
    }

    @Override
    public MlpShape at(Map<Size, Long> sizes) {
        return new MlpShape(Scalable.count(sizes, Size.HIDDEN), out, layers, biased, normed);
    }

    @Override
    public List<List<Size>> monomials() {
        return List.of(
                List.of(Size.HIDDEN),
                List.of(Size.HIDDEN, Size.HIDDEN),
                List.of(Size.HIDDEN, Size.HEADS, Size.HEAD_WIDTH));
    }
}
