package dev.isoflop.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;

import dev.isoflop.files.Json;
import dev.isoflop.files.Sha256;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What tells the data of a run from other data, without that a picture is read.
///
/// Where the data lie is no part of it: a copy elsewhere has the same card. A picture that is
/// replaced by another of the same name and length is not noticed.
///
/// @param kind of the data, as a recipe's `data.kind` names it
/// @param images how many there are
/// @param parts what they consist of, by name, as SHA-256 or, where that is short, itself: `images`
///   (names and lengths of files, in the order of the data), `classes`, `captions`, `annotations`,
///   a generator's `seed`
/// @param digest SHA-256 of all of these
public record DataCard(String kind, long images, SortedMap<String, String> parts, String digest) {

    private static final int SHA256_DIGITS = 64;

    public DataCard {
        parts = Collections.unmodifiableSortedMap(new TreeMap<>(parts));
    }

    /// A card with its digest.
    public static DataCard of(String kind, long images, Map<String, String> parts) {
        List<String> lines = new ArrayList<>(List.of(kind, Long.toString(images)));
        new TreeMap<>(parts).forEach((name, value) -> lines.add(name + "\t" + value));
        String text = String.join("\n", lines);
        String digest = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
        return new DataCard(kind, images, new TreeMap<>(parts), digest);
    }

    /// Reads one; a later version may have written more of it.
    @JsonCreator
    static DataCard read(
            @JsonProperty("kind") String kind,
            @JsonProperty("images") long images,
            @JsonProperty("parts") @Nullable Map<String, String> parts,
            @JsonProperty("digest") String digest) {
        return new DataCard(kind, images, new TreeMap<>(parts == null ? Map.of() : parts), digest);
    }

    /// The card on one line, for a checkpoint's manifest.
    public String line() {
        return Json.line(this);
    }

    /// The card that was written on a line.
    ///
    /// @param where names the line in the error
    public static DataCard of(String line, String where) {
        return Json.read(line, DataCard.class, where);
    }

    /// What is different in data that should have this card, in words; nothing if they are the
    /// same. Parts that only one of both has cannot be compared; where the images are others, what
    /// is known of them is no news.
    public Optional<String> difference(DataCard now) {
        List<String> different = new ArrayList<>();
        if (!kind.equals(now.kind)) {
            different.add("kind %s then, %s now".formatted(kind, now.kind));
        }
        if (images != now.images) {
            different.add(
                    String.format(Locale.ROOT, "%,d images then, %,d now", images, now.images));
        } else if (!same(DataListing.PART, now)) {
            different.add(
                    String.format(
                            Locale.ROOT, "%,d images then and now, but not the same ones", images));
        } else {
            parts.keySet().stream()
                    .filter(name -> !same(name, now))
                    .forEach(name -> different.add(different(name, now)));
        }
        return different.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", different));
    }

    private boolean same(String name, DataCard now) {
        String then = parts.get(name);
        String found = now.parts.get(name);
        return then == null || found == null || then.equals(found);
    }

    private String different(String name, DataCard now) {
        String then = parts.getOrDefault(name, "");
        return then.length() == SHA256_DIGITS
                ? "other " + name
                : "%s %s then, %s now".formatted(name, then, now.parts.get(name));
    }
}
