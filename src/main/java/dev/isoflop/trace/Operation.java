package dev.isoflop.trace;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// One operator, or one mark of autograd or the profiler, that ran while a trace was taken.
///
/// @param id rises in the order of starting: a parent's is smaller than its children's
/// @param parent the id of the operation that called this one
/// @param name such as `aten::mm`; marks have other names, such as `MmBackward0`
/// @param registered whether libtorch knows it as an operator with a schema; marks are not
/// @param sequence of an operator that autograd follows, the number of the node it makes or would
///   make next; of a node that runs backward, its own; else negative
/// @param node whether it is a node of autograd, running backward
/// @param inputs in the schema's order, and with its names
/// @param outputs in the schema's order, without names; none for operators that return nothing
public record Operation(
        long id,
        long parent,
        String name,
        boolean registered,
        long sequence,
        boolean node,
        List<Argument> inputs,
        List<Argument> outputs) {

    /// One tensor as it was passed.
    ///
    /// @param sizes the length of each dimension; none for a scalar
    /// @param type libtorch's name for the element type, such as `float` or `c10::BFloat16`
    /// @param storage which memory holds it; a number is used again when the memory is
    /// @param elementBytes of one element
    public record Shape(List<Long> sizes, String type, long storage, long elementBytes) {

        public Shape {
            sizes = List.copyOf(sizes);
        }

        /// The length of one dimension; negative ones count from the end.
        public long size(int dimension) {
            return sizes.get(dimension < 0 ? sizes.size() + dimension : dimension);
        }

        public long elements() {
            return sizes.stream().reduce(1L, Math::multiplyExact);
        }

        /// Bytes of its elements, one by one: an element that is repeated by a view counts each
        /// time.
        public long bytes() {
            return Math.multiplyExact(elements(), elementBytes);
        }
    }

    /// What was passed for one parameter.
    ///
    /// @param name the parameter's, from the schema; empty for an output
    /// @param changed whether the schema says that the operator changes it in place
    /// @param tensors one for a tensor, several for a list, none for anything else and for an
    ///   undefined tensor
    /// @param scalars numbers, flags and names as text; several for a list
    public record Argument(
            String name, boolean changed, List<Shape> tensors, List<String> scalars) {

        public Argument {
            tensors = List.copyOf(tensors);
            scalars = List.copyOf(scalars);
        }

        public long elements() {
            return tensors.stream().mapToLong(Shape::elements).reduce(0, Math::addExact);
        }

        public long bytes() {
            return tensors.stream().mapToLong(Shape::bytes).reduce(0, Math::addExact);
        }
    }

    public Operation {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /// What was passed for the parameter of this name.
    public Argument input(String parameter) {
        return inputs.stream()
                .filter(input -> input.name().equals(parameter))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException(
                                name
                                        + " has no parameter "
                                        + parameter
                                        + "; it has "
                                        + inputs.stream().map(Argument::name).toList()));
    }

    /// The tensor that was passed for the parameter of this name.
    public Shape tensor(String parameter) {
        List<Shape> tensors = input(parameter).tensors();
        if (tensors.size() != 1) {
            throw new IllegalStateException(
                    name + " was given " + tensors.size() + " tensors for " + parameter);
        }
        return tensors.getFirst();
    }

    /// Whether the output at this place was computed: backward operators leave out those that
    /// nobody asked for.
    public boolean computed(int output) {
        return !outputs.get(output).tensors().isEmpty();
    }

    /// Bytes of all tensors that it was given.
    public long bytesGiven() {
        return inputs.stream().mapToLong(Argument::bytes).reduce(0, Math::addExact);
    }

    /// Bytes of all tensors that it made or changed, each once.
    public long bytesFilled() {
        Set<Long> made = storages(outputs);
        return Math.addExact(
                outputs.stream().mapToLong(Argument::bytes).reduce(0, Math::addExact),
                inputs.stream()
                        .filter(Argument::changed)
                        .flatMap(input -> input.tensors().stream())
                        .filter(tensor -> !made.contains(tensor.storage()))
                        .mapToLong(Shape::bytes)
                        .reduce(0, Math::addExact));
    }

    /// The memory that some arguments are held in.
    static Set<Long> storages(List<Argument> arguments) {
        return arguments.stream()
                .flatMap(argument -> argument.tensors().stream())
                .map(Shape::storage)
                .collect(Collectors.toSet());
    }

    /// Elements of the first argument that holds tensors.
    public long read() {
        return inputs.stream()
                .filter(input -> !input.tensors().isEmpty())
                .findFirst()
                .map(Argument::elements)
                .orElse(0L);
    }

    /// Elements of the first output, or of what was changed in place by an operator without one.
    public long written() {
        return outputs.isEmpty() ? read() : outputs.getFirst().elements();
    }
}
