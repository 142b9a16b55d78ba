package dev.isoflop.data;

import dev.isoflop.files.Sha256;
import dev.isoflop.run.DataCard;
import dev.isoflop.run.DataListing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Which data these are: their card, and where there are not too many of them their names.
///
/// Names, lengths, classes and annotations are read, pictures are not: a folder's files are asked
/// for their lengths, a `.tar` has them in its index.
///
/// @param listing of the pictures; none if there are too many, or they are drawn by number
public record Identity(DataCard card, Optional<DataListing> listing) {

    /// That of a dataset, as it is now.
    public static Identity of(Dataset data) {
        Traits traits = data.traits();
        Map<String, String> parts = new TreeMap<>(traits.parts());
        if (!data.classNames().isEmpty()) {
            parts.put(
                    "classes",
                    Traits.checksum(
                            Stream.concat(data.classIds().stream(), data.classNames().stream())));
        }
        if (traits.lengths().isEmpty()) {
            return new Identity(DataCard.of(traits.kind(), data.size(), parts), Optional.empty());
        }
        Traits.Lengths lengths = traits.lengths().get();
        boolean kept = data.size() <= DataListing.MOST;
        List<String> lines = new ArrayList<>();
        Stream<String> all =
                IntStream.range(0, data.size())
                        .mapToObj(i -> DataListing.line(lengths.of(i), data.nameOf(i)));
        parts.put(DataListing.PART, Sha256.ofLines((kept ? all.peek(lines::add) : all).iterator()));
        return new Identity(
                DataCard.of(traits.kind(), data.size(), parts),
                kept ? Optional.of(new DataListing(lines)) : Optional.empty());
    }
}
