package dev.isoflop.trace;

import dev.isoflop.torch.Mark;
import dev.isoflop.torch.Part;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which part of a step each operation of a trace belongs to, in which direction it ran, and in
/// which micro-batch.
///
/// Forward, marks say it ({@link Part}). Backward, libtorch does: a node of autograd carries the
/// number that was next when an operator made it, and the trace has that number at the operator, so
/// the last operator with a node's number made the node. What adds a gradient to a parameter has no
/// such number; autograd runs it right after the node that brought the gradient, and it belongs to
/// that node's part.
public final class Attribution {

    private static final String NODE = "autograd::engine::evaluate_function";

    /// Where an operation stands.
    ///
    /// @param part none outside all marks
    /// @param microBatch the id of its micro-batch's mark; 0 outside all
    /// @param mark whether it is itself a mark of ours or of the profiler
    record Place(@Nullable Part part, boolean backward, long microBatch, boolean mark) {

        private static final Place OUTSIDE = new Place(null, false, 0, true);

        Part known() {
            return part == null ? Part.OTHER : part;
        }

        Bill.Pass pass() {
            if (backward) {
                return Bill.Pass.BACKWARD;
            }
            return switch (known()) {
                case ENCODER, DECODER, TEACHER, HEADS, TEXT_TOWER, LOSS -> Bill.Pass.FORWARD;
                case CLIPPING, OPTIMISER, EMA, OTHER -> Bill.Pass.UPDATE;
            };
        }
    }

    private final Map<Long, Place> places = new HashMap<>();
    private final Map<Long, Operation> nodes = new HashMap<>(); // by the id of their evaluation
    private final Set<Long> nodeIds = new HashSet<>();
    private final Map<Long, Place> makers = new HashMap<>(); // by the number of what they make

    /// @param operations of a trace
    Attribution(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation.node()) {
                nodes.putIfAbsent(operation.parent(), operation);
                nodeIds.add(operation.id());
            }
        }
        Place lastNode = Place.OUTSIDE;
        List<Operation> parentsFirst =
                operations.stream().sorted(Comparator.comparingLong(Operation::id)).toList();
        for (Operation operation : parentsFirst) {
            Place around = places.getOrDefault(operation.parent(), Place.OUTSIDE);
            Place place = place(operation, around, lastNode);
            places.put(operation.id(), place);
            if (operation.name().startsWith(NODE)) {
                lastNode = place;
            } else if (operation.sequence() >= 0 && !place.backward) {
                makers.put(operation.sequence(), place);
            }
        }
    }

    private Place place(Operation operation, Place around, Place lastNode) {
        String name = operation.name();
        if (name.startsWith(NODE)) {
            return new Place(made(operation, around, lastNode), true, around.microBatch, false);
        }
        if (operation.registered() || name.startsWith("aten::") || around.backward) {
            return new Place(around.part, around.backward, around.microBatch, false);
        }
        if (name.equals(Mark.MICRO_BATCH)) {
            return new Place(around.part, false, operation.id(), true);
        }
        Optional<Part> part = Part.marked(name);
        boolean mark = part.isPresent() || name.startsWith("[pytorch|");
        Part inner = around.part == Part.TEACHER ? Part.TEACHER : part.orElse(around.part);
        return new Place(inner, false, around.microBatch, mark);
    }

    /// The part that made the node which is evaluated here.
    private @Nullable Part made(Operation evaluation, Place around, Place lastNode) {
        Operation node = nodes.get(evaluation.id());
        if (node == null || node.sequence() < 0) {
            return lastNode.backward ? lastNode.part : around.part;
        }
        Place maker = makers.get(node.sequence());
        if (maker == null) {
            throw new IllegalStateException(
                    "the trace does not say which operator made " + node.name());
        }
        return maker.part;
    }

    Place of(Operation operation) {
        return places.getOrDefault(operation.id(), Place.OUTSIDE);
    }

    /// Whether a tensor that the operation returned went to the program itself, not to another
    /// operator.
    boolean outermost(Operation operation) {
        Place around = places.getOrDefault(operation.parent(), Place.OUTSIDE);
        return around.mark && !of(operation).backward;
    }

    /// Whether a node of autograd itself called the operator: what it is given are gradients, and
    /// what the node kept of the forward pass.
    boolean readByNode(Operation operation) {
        return nodeIds.contains(operation.parent());
    }

    /// The line of the bill that an operator's work goes to.
    Bill.Entry entry(Operation operation) {
        Place place = of(operation);
        return new Bill.Entry(place.known(), place.pass(), operation.name());
    }
}
