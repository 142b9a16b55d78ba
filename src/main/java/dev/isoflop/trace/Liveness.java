package dev.isoflop.trace;

import dev.isoflop.torch.Part;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Which memory a traced step kept until the end of a cut.
///
/// A piece begins where an operator returns memory that it was not given. What an operator returned
/// to the program is held until the end of its cut, since the program frees at the end of a scope
/// ({@link org.bytedeco.javacpp.PointerScope}), and what backward reads of a forward pass was held
/// until then.
final class Liveness {

    /// A piece of memory from one allocation to its end.
    private static final class Piece {

        private final long maker;
        private final Attribution.Place place;
        private final long bytes;
        private boolean held;

        Piece(long maker, Attribution.Place place, long bytes) {
            this.maker = maker;
            this.place = place;
            this.bytes = bytes;
        }
    }

    private final Attribution parts;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<Long, Piece> current = new HashMap<>();

    /// @param operations in the order of ending
    Liveness(List<Operation> operations, Attribution parts) {
        this.parts = parts;
        operations.forEach(this::follow);
    }

    private void follow(Operation operation) {
        Attribution.Place place = parts.of(operation);
        Set<Long> given = Operation.storages(operation.inputs());
        for (long storage : given) {
            Piece piece = current.get(storage);
            if (piece != null) {
                piece.held |= parts.readByNode(operation) && !piece.place.backward();
            }
        }
        Set<Long> done = new HashSet<>();
        for (Operation.Argument output : operation.outputs()) {
            for (Operation.Shape tensor : output.tensors()) {
                if (!given.contains(tensor.storage()) && done.add(tensor.storage())) {
                    returned(operation, place, tensor);
                }
            }
        }
    }

    /// Memory that the operator was not given: its own, or that of an operator that it called.
    private void returned(Operation operation, Attribution.Place place, Operation.Shape tensor) {
        Piece piece = current.get(tensor.storage());
        if (piece == null || piece.maker < operation.id()) {
            piece = new Piece(operation.id(), place, tensor.bytes());
            pieces.add(piece);
            current.put(tensor.storage(), piece);
        }
        piece.held |= parts.outermost(operation);
    }

    Bill.Activations bytes() {
        return new Bill.Activations(kept());
    }

    /// Of the cut that keeps the most, and outside all cuts.
    private SortedMap<Part, Long> kept() {
        Map<Long, SortedMap<Part, Long>> cuts = new HashMap<>();
        for (Piece piece : pieces) {
            if (piece.held && piece.place.pass() == Bill.Pass.FORWARD) {
                cuts.computeIfAbsent(piece.place.microBatch(), _ -> new TreeMap<>())
                        .merge(piece.place.known(), piece.bytes, Math::addExact);
            }
        }
        SortedMap<Part, Long> outside = cuts.getOrDefault(0L, new TreeMap<>());
        cuts.remove(0L);
        SortedMap<Part, Long> most = new TreeMap<>();
        for (SortedMap<Part, Long> cut : cuts.values()) {
            most = sum(cut) > sum(most) ? cut : most;
        }
        SortedMap<Part, Long> kept = new TreeMap<>(outside);
        most.forEach((part, bytes) -> kept.merge(part, bytes, Math::addExact));
        return kept;
    }

    private static long sum(SortedMap<Part, Long> bytes) {
        return bytes.values().stream().reduce(0L, Math::addExact);
    }
}
