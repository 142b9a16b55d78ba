package dev.isoflop.trace;

import dev.isoflop.fault.RunException;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What really ran: every operator that libtorch executed, forward and backward, with the shapes it
/// was given.
///
/// Recorded by libtorch itself, not by wrapping calls, so nothing escapes it. The recorder is
/// global to the process: operators that other threads execute meanwhile are recorded too, and one
/// trace cannot be taken inside another. Works on Linux.
///
/// @param operations in the order of ending: children before their parents
public record Trace(List<Operation> operations) {

    public Trace {
        operations = List.copyOf(operations);
    }

    /// Runs the body and records it. What the body throws is passed on, and tracing stays usable.
    ///
    /// @throws IllegalStateException if a trace is being taken already
    /// @throws RunException if this system's libtorch cannot trace, or the trace cannot be written
    public static Trace of(Runnable body) {
        return of(body, Optional.empty());
    }

    /// The same, and keeps libtorch's own file, in the MLCommons Chakra format.
    ///
    /// @param chakra where to; an existing file is replaced
    public static Trace of(Runnable body, Path chakra) {
        return of(body, Optional.of(chakra));
    }

    private static Trace of(Runnable body, Optional<Path> chakra) {
        try (Recording recording = Recording.of(body)) {
            chakra.ifPresent(recording::keep);
            return recording.read();
        }
    }

    /// What each operator cost, by name; operators that are free have a row too.
    ///
    /// @throws UnknownOperatorException naming every operator without a counting rule
    public SortedMap<String, Usage> table() {
        SortedMap<String, Usage> table = new TreeMap<>();
        OperatorRules.each(
                operations,
                (operation, usage) -> table.merge(operation.name(), usage, Usage::plus));
        return table;
    }

    /// What each part of the step cost, by operator, and what memory it kept.
    ///
    /// @throws UnknownOperatorException naming every operator without a counting rule
    public Bill bill() {
        Attribution parts = new Attribution(operations);
        SortedMap<Bill.Entry, Usage> entries = new TreeMap<>();
        OperatorRules.each(
                operations,
                (operation, usage) -> entries.merge(parts.entry(operation), usage, Usage::plus));
        return new Bill(entries, new Liveness(operations, parts).bytes());
    }

    /// What all of it cost.
    ///
    /// @throws UnknownOperatorException naming every operator without a counting rule
    public Cost total() {
        return table().values().stream().map(Usage::cost).reduce(Cost.NOTHING, Cost::plus);
    }
}
