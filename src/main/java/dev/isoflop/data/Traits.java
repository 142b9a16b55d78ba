package dev.isoflop.data;

import dev.isoflop.files.Sha256;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;

/// What a dataset tells of itself for its card, beside the names of its pictures and classes.
///
/// @param kind as a recipe's `data.kind` names it
/// @param lengths of the files of its pictures; none where pictures are drawn by number, and their
///   names say nothing
/// @param parts what else decides what is learned from it, by name, as SHA-256 or, where that is
///   short, itself
public record Traits(String kind, Optional<Lengths> lengths, Map<String, String> parts) {

    /// Those of a dataset of which nothing is known but names.
    public static final Traits NAMES_ALONE = ofFiles("pictures", _ -> -1, Map.of());

    /// How long the file of each picture is.
    @FunctionalInterface
    public interface Lengths {

        /// In bytes; -1 where there is no such file.
        ///
        /// @param index of the picture
        long of(int index);
    }

    public Traits {
        parts = Map.copyOf(parts);
    }

    /// Those of a dataset of files.
    public static Traits ofFiles(String kind, Lengths lengths, Map<String, String> parts) {
        return new Traits(kind, Optional.of(lengths), parts);
    }

    /// Those of a dataset made of this one.
    ///
    /// @param at where this one has the picture of an index
    Traits at(IntUnaryOperator at) {
        return new Traits(
                kind, lengths.map(whole -> index -> whole.of(at.applyAsInt(index))), parts);
    }

    /// The same with one more part.
    Traits with(String name, String value) {
        var more = new TreeMap<>(parts);
        more.put(name, value);
        return new Traits(kind, lengths, more);
    }

    /// What is known of each picture, as a checksum.
    public static String checksum(Stream<?> known) {
        return Sha256.ofLines(known.map(String::valueOf).iterator());
    }
}
