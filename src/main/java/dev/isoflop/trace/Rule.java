package dev.isoflop.trace;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// How much an operator costs, as a function of the shapes it was given.
public sealed interface Rule {

    /// Why it costs this much.
    String reason();

    /// A matrix product, convolution or attention kernel.
    ///
    /// @param multiplyAdds each counts two FLOPs
    /// @param beside element-wise work of the same kernel, such as adding the bias
    record Product(
            ToLongFunction<Operation> multiplyAdds, Function<Operation, Cost> beside, String reason)
            implements Rule {}

    /// The same work for every element.
    ///
    /// @param flops operations an element
    /// @param transcendentals calls of transcendental functions an element
    /// @param elements {@link Operation#written} for maps, {@link Operation#read} for reductions
    record Elementwise(
            int flops, int transcendentals, ToLongFunction<Operation> elements, String reason)
            implements Rule {}

    /// Element-wise work in several terms.
    record Formula(Function<Operation, Cost> cost, String reason) implements Rule {}

    /// Elements are written, nothing is computed.
    record Movement(ToLongFunction<Operation> elements, String reason) implements Rule {}

    /// Only metadata or allocation: views, shapes, questions.
    record Free(String reason) implements Rule {}

    /// Costs what the operators cost that it calls; they are in the trace and counted there.
    record Composite(String reason) implements Rule {}

    /// Whether the operators that this one calls are already counted in it.
    default boolean coversItsChildren() {
        return switch (this) {
            case Product _, Elementwise _, Formula _, Movement _ -> true;
            case Free _, Composite _ -> false;
        };
    }

    /// What one call cost.
    default Cost cost(Operation operation) {
        return switch (this) {
            case Product rule ->
                    Cost.ofMultiplyAdds(rule.multiplyAdds().applyAsLong(operation))
                            .plus(rule.beside().apply(operation));
            case Elementwise rule -> {
                long elements = rule.elements().applyAsLong(operation);
                yield Cost.ofElements(
                        Math.multiplyExact(rule.flops(), elements),
                        Math.multiplyExact(rule.transcendentals(), elements));
            }
            case Formula rule -> rule.cost().apply(operation);
            case Movement rule -> new Cost(0, 0, 0, rule.elements().applyAsLong(operation));
            case Free _, Composite _ -> Cost.NOTHING;
        };
    }

    /// Bytes that one call reads and writes, each tensor once: what it is given and what it fills.
    /// A copy reads as much as it writes, a fill nothing.
    default Usage usage(Operation operation) {
        return switch (this) {
            case Product _, Elementwise _, Formula _ ->
                    new Usage(1, cost(operation), operation.bytesGiven(), operation.bytesFilled());
            case Movement rule -> {
                long moved = rule.elements().applyAsLong(operation);
                yield new Usage(
                        1,
                        cost(operation),
                        Math.multiplyExact(moved, elementBytes(sources(operation))),
                        Math.multiplyExact(moved, elementBytes(results(operation))));
            }
            case Free _, Composite _ -> new Usage(1, Cost.NOTHING, 0, 0);
        };
    }

    /// What elements are copied from; nothing for a fill.
    private static List<Operation.Shape> sources(Operation movement) {
        return movement.inputs().stream()
                .filter(input -> !input.changed())
                .flatMap(input -> input.tensors().stream())
                .toList();
    }

    private static List<Operation.Shape> results(Operation movement) {
        List<Operation.Argument> filled =
                movement.outputs().isEmpty() ? movement.inputs() : movement.outputs();
        return filled.stream().flatMap(it -> it.tensors().stream()).toList();
    }

    private static long elementBytes(List<Operation.Shape> tensors) {
        return tensors.isEmpty() ? 0 : tensors.getFirst().elementBytes();
    }
}
