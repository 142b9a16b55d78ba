package dev.isoflop.trace;

/// What an operator did, in four columns that are never added to each other.
///
/// @param matmul FLOPs of matrix products, convolutions and attention; a multiply-add is two
/// @param elementwise one for each addition, multiplication, comparison or selection of an element
/// @param transcendental calls of exp, log, erf, tanh, sqrt, sin, pow and their kin, and random
///   numbers, as XLA's cost analysis separates them
/// @param moved elements written without arithmetic: copies, gathers, fills
public record Cost(long matmul, long elementwise, long transcendental, long moved) {

    public static final Cost NOTHING = new Cost(0, 0, 0, 0);

    public Cost {
        if (matmul < 0 || elementwise < 0 || transcendental < 0 || moved < 0) {
            throw new IllegalArgumentException("a cost cannot be negative");
        }
    }

    static Cost ofMultiplyAdds(long multiplyAdds) {
        return new Cost(Math.multiplyExact(2, multiplyAdds), 0, 0, 0);
    }

    static Cost ofElements(long elementwise, long transcendental) {
        return new Cost(0, elementwise, transcendental, 0);
    }

    public Cost plus(Cost other) {
        return new Cost(
                Math.addExact(matmul, other.matmul),
                Math.addExact(elementwise, other.elementwise),
                Math.addExact(transcendental, other.transcendental),
                Math.addExact(moved, other.moved));
    }
}
