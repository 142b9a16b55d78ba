package dev.isoflop.torch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// How long each piece of memory lived that a traced step used.
///
/// A piece begins where an operator returns memory that it was not given, and ends at its last use;
/// but what an operator returned to the program is held until the end of its cut, since the program
/// frees at the end of a scope ({@link org.bytedeco.javacpp.PointerScope}), and what backward
/// reads of a forward pass was held until then.
final class Liveness {

    /// A piece of memory from one allocation to its end.
    private static final class Piece {

        private final long maker;
        private final Attribution.Place place;
        private final long bytes;
        private final int begin;
        private int end;
        private boolean held;
        private boolean outlives;

        Piece(long maker, Attribution.Place place, long bytes, int begin) {
            this.maker = maker;
            this.place = place;
            this.bytes = bytes;
            this.begin = begin;
            end = begin;
        }
    }

    private final List<Operation> operations;
    private final Attribution parts;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<Long, Piece> current = new HashMap<>();

    /// @param operations in the order of ending
    Liveness(List<Operation> operations, Attribution parts) {
        this.operations = operations;
        this.parts = parts;
        for (int i = 0; i < operations.size(); i++) {
            follow(operations.get(i), i);
        }
    }

    private void follow(Operation operation, int time) {
        Attribution.Place place = parts.of(operation);
        Set<Long> given = Operation.storages(operation.inputs());
        for (long storage : given) {
            Piece piece = current.get(storage);
            if (piece != null) {
                piece.end = time;
                piece.held |= parts.readByNode(operation) && !piece.place.backward();
                piece.outlives |= !place.backward() && piece.place.backward();
            }
        }
        Set<Long> done = new HashSet<>();
        for (Operation.Argument output : operation.outputs()) {
            for (Operation.Shape tensor : output.tensors()) {
                if (!given.contains(tensor.storage()) && done.add(tensor.storage())) {
                    returned(operation, place, tensor, time);
                }
            }
        }
    }

    /// Memory that the operator was not given: its own, or that of an operator that it called.
    private void returned(
            Operation operation, Attribution.Place place, Operation.Shape tensor, int time) {
        Piece piece = current.get(tensor.storage());
        if (piece == null || piece.maker < operation.id()) {
            piece = new Piece(operation.id(), place, tensor.bytes(), time);
            pieces.add(piece);
            current.put(tensor.storage(), piece);
        }
        piece.end = time;
        piece.held |= parts.outermost(operation);
    }

    Bill.Activations bytes() {
        return new Bill.Activations(kept(), working());
    }

    /// Of the cut that keeps the most, and outside all cuts.
    private SortedMap<Part, Long> kept() {
        Map<Long, SortedMap<Part, Long>> cuts = new HashMap<>();
        for (Piece piece : pieces) {
            if (piece.held && piece.place.pass() == Bill.Pass.FORWARD) {
                cuts.computeIfAbsent(piece.place.cut(), _ -> new TreeMap<>())
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

    /// What backward made and dropped again, at its most, by the part that it was at then.
    private SortedMap<Part, Long> working() {
        long[] change = new long[operations.size() + 1];
        for (Piece piece : pieces) {
            if (piece.place.backward() && !piece.outlives) {
                change[piece.begin] += piece.bytes;
                change[piece.end + 1] -= piece.bytes;
            }
        }
        SortedMap<Part, Long> most = new TreeMap<>();
        long now = 0;
        for (int i = 0; i < operations.size(); i++) {
            now += change[i];
            Attribution.Place place = parts.of(operations.get(i));
            if (place.backward()) {
                most.merge(place.known(), now, Math::max);
            }
        }
        return most;
    }
}
