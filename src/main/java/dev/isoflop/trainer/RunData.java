package dev.isoflop.trainer;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Identity;
import dev.isoflop.fault.InputException;
import dev.isoflop.run.DataCard;
import dev.isoflop.run.DataListing;
import dev.isoflop.run.Provenance;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;
import dev.isoflop.train.Checkpoint;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The data of a run as they are now, and whether they are still those that it was begun on.
///
/// A run that goes on over other images than it was begun on is neither the one run nor the other:
/// it is refused. The cards are kept in `provenance.json` and in every checkpoint's manifest, the
/// names beside them, so that what has changed can be named.
///
/// @param parts by what the run does with them: `training`, `validation`
public record RunData(Map<String, RunData.Part> parts) {

    private static final String META = "data."; // before a part's name in a manifest

    /// Data of a run.
    ///
    /// @param from where they come from, for people
    public record Part(Identity identity, String from) {}

    public RunData {
        parts = new LinkedHashMap<>(parts);
    }

    /// The data as they are now.
    ///
    /// @param training what is learned from
    /// @param validation what is evaluated on, where that is part of the run
    public static RunData of(Dataset training, Optional<Dataset> validation) {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("training", new Part(Identity.of(training), training.name()));
        validation.ifPresent(
                data -> parts.put("validation", new Part(Identity.of(data), data.name())));
        return new RunData(parts);
    }

    /// The cards, by part.
    Map<String, DataCard> cards() {
        Map<String, DataCard> cards = new TreeMap<>();
        parts.forEach((name, part) -> cards.put(name, part.identity.card()));
        return cards;
    }

    /// What a checkpoint's manifest says of them.
    Map<String, String> meta() {
        Map<String, String> meta = new TreeMap<>();
        cards().forEach((name, card) -> meta.put(META + name, card.line()));
        return meta;
    }

    /// Keeps the names of the pictures in the run's folder, where there are not too many.
    void keepListings(RunFolder folder) {
        parts.forEach((name, part) ->
                part.identity.listing().ifPresent(it -> folder.writeListing(name, it)));
    }

    /// Refuses to go on with a run that was begun on other data.
    ///
    /// @param last the checkpoint that it goes on from, if there is one
    /// @param to is told if the run is too old to say what its data were
    /// @throws InputException naming the data, what was recorded, what was found and the remedy
    void requireThoseOf(
            RunFolder folder,
            Optional<Provenance> provenance,
            Optional<Checkpoint> last,
            RunListener to) {
        Map<String, DataCard> recorded =
                new TreeMap<>(provenance.map(Provenance::cards).orElse(Map.of()));
        last.ifPresent(checkpoint -> recorded.putAll(cards(checkpoint)));
        parts.forEach((name, part) -> {
            DataCard then = recorded.get(name);
            if (then == null) {
                to.said(
                        "data        the %s data could not be compared with those that the run was begun on: it is older than the record of them; from here on they are recorded"
                                .formatted(name));
            } else {
                requireSame(folder, name, then, part, "or start a new run");
            }
        });
    }

    /// Refuses data that are not those of another run, which this one is to be compared with.
    ///
    /// @param folder of the other run
    /// @throws InputException likewise
    public void requireThoseOf(Path folder) {
        try (RunFolder other = RunFolder.read(folder)) {
            Map<String, DataCard> recorded =
                    other.readProvenance().map(Provenance::cards).orElse(Map.of());
            parts.forEach((name, part) -> {
                DataCard then = recorded.get(name);
                if (then != null) {
                    requireSame(other, name, then, part, "or start a new search");
                }
            });
        }
    }

    private static void requireSame(
            RunFolder folder, String name, DataCard then, Part part, String remedy) {
        Optional<String> difference = then.difference(part.identity.card());
        if (difference.isPresent()) {
            String first =
                    firstDifference(folder, name, part)
                            .map(it -> "; first difference: " + it)
                            .orElse("");
            throw new InputException(
                    "the %s data are not those that %s was begun on: %s%s; put them back as they were (%s), %s"
                            .formatted(
                                    name,
                                    folder.path(),
                                    difference.get(),
                                    first,
                                    part.from,
                                    remedy));
        }
    }

    /// The first picture that is another now, where the run's folder has their names.
    private static Optional<String> firstDifference(RunFolder folder, String name, Part part) {
        Optional<DataListing> then = folder.readListing(name);
        Optional<DataListing> now = part.identity.listing();
        return then.isPresent() && now.isPresent()
                ? then.get().firstDifference(now.get())
                : Optional.empty();
    }

    private static Map<String, DataCard> cards(Checkpoint checkpoint) {
        Map<String, DataCard> cards = new TreeMap<>();
        checkpoint
                .manifest()
                .meta()
                .forEach((key, line) -> {
                    if (key.startsWith(META)) {
                        String where = checkpoint.folder() + ", " + key;
                        cards.put(key.substring(META.length()), DataCard.of(line, where));
                    }
                });
        return cards;
    }
}
