package dev.isoflop.trace;

import dev.isoflop.torch.Part;

import java.util.Collections;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// What a step executed, by part, direction and operator: the bill in the convention `executed`.
///
/// The sum over parts is the sum over operators is the total, always: each is a view of the same
/// entries.
///
/// @param entries what was done
/// @param activations what memory the step held beside parameters, gradients and the optimiser's
public record Bill(SortedMap<Entry, Usage> entries, Activations activations) {

    /// In which direction of a step an operator ran.
    public enum Pass {
        /// Towards the loss, also for a second time.
        FORWARD,
        /// From the loss to the gradients.
        BACKWARD,
        /// After the gradients: clipping, update, moving averages.
        UPDATE;

        /// The name in tables.
        public String title() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// One line of a bill.
    ///
    /// @param operator such as `aten::mm`
    public record Entry(Part part, Pass pass, String operator) implements Comparable<Entry> {

        private static final Comparator<Entry> ORDER =
                Comparator.comparing(Entry::part)
                        .thenComparing(Entry::pass)
                        .thenComparing(Entry::operator);

        @Override
        public int compareTo(Entry other) {
            return ORDER.compare(this, other);
        }
    }

    /// Memory of a step that neither begins before it nor lasts beyond it, in bytes.
    ///
    /// @param kept by the part that made it: results that are held until the end of a cut, by the
    ///   program or for the backward pass; of the cut that holds the most, and of what is outside
    ///   all cuts
    public record Activations(SortedMap<Part, Long> kept) {

        public Activations {
            kept = Collections.unmodifiableSortedMap(new TreeMap<>(kept));
        }

        /// All that is kept.
        public long sum() {
            return kept.values().stream().reduce(0L, Math::addExact);
        }
    }

    public Bill {
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /// Of all entries together.
    public Usage total() {
        return entries.values().stream().reduce(Usage.NOTHING, Usage::plus);
    }

    /// By operator, over all parts.
    public SortedMap<String, Usage> byOperator() {
        return by(Entry::operator);
    }

    /// By part, in both directions.
    public SortedMap<Part, Usage> byPart() {
        return by(Entry::part);
    }

    /// Of a part in one direction.
    public Usage of(Part part, Pass pass) {
        return entries.entrySet().stream()
                .filter(it -> it.getKey().part() == part && it.getKey().pass() == pass)
                .map(Map.Entry::getValue)
                .reduce(Usage.NOTHING, Usage::plus);
    }

    private <K extends Comparable<K>> SortedMap<K, Usage> by(Function<Entry, K> key) {
        SortedMap<K, Usage> sums = new TreeMap<>();
        entries.forEach((entry, usage) -> sums.merge(key.apply(entry), usage, Usage::plus));
        return sums;
    }
}
