package dev.isoflop.run;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// The pictures of a dataset by name, with the length of each file: small enough to be kept beside
/// a run, so that what has changed since can be named.
///
/// @param lines one a picture, in the order of the data: its bytes, -1 where it has no file of its
///   own, a tab, and its name
public record DataListing(List<String> lines) {

    /// The most pictures of which a listing is kept; of more there is a checksum alone.
    public static final int MOST = 250_000;

    /// What the lines' checksum is called on a {@link DataCard}.
    public static final String PART = "images";

    public DataListing {
        lines = List.copyOf(lines);
    }

    /// The line of a picture; what would break a line is written `\n`, `\r`, `\t`, `\\`.
    public static String line(long bytes, String name) {
        String plain =
                name.replace("\\", "\\\\")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                        .replace("\t", "\\t");
        return bytes + "\t" + plain;
    }

    /// Writes it, compressed by gzip.
    void write(Path file) {
        DurableFiles.write(
                file,
                out -> {
                    var zip = new GZIPOutputStream(out); // which the writer closes
                    for (String line : lines) {
                        zip.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                    zip.finish();
                });
    }

    /// The listing in a file, if there is one.
    ///
    /// @throws InputException if it is damaged
    static Optional<DataListing> in(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (var zip =
                new GZIPInputStream(
                        new ByteArrayInputStream(
                                WholeFile.bytes(file, WholeFile.TEXT, "a list of images")))) {
            String text = new String(zip.readAllBytes(), StandardCharsets.UTF_8);
            return Optional.of(new DataListing(text.lines().toList()));
        } catch (IOException e) {
            throw new InputException(file + " is damaged: " + Reason.of(e) + "; remove it", e);
        }
    }

    /// The first picture that is another now, in words; nothing if all are the same.
    public Optional<String> firstDifference(DataListing now) {
        int both = Math.min(lines.size(), now.lines.size());
        int at = 0;
        while (at < both && lines.get(at).equals(now.lines.get(at))) {
            at++;
        }
        if (at == lines.size() && at == now.lines.size()) {
            return Optional.empty();
        }
        Map<String, String> here = lengths(now.lines);
        Map<String, String> there = lengths(lines);
        if (at < lines.size() && !here.containsKey(name(lines.get(at)))) {
            boolean other = at < now.lines.size() && !there.containsKey(name(now.lines.get(at)));
            return Optional.of(
                    name(lines.get(at))
                            + " is missing"
                            + (other ? ", and " + name(now.lines.get(at)) + " is new" : ""));
        }
        if (at < now.lines.size() && !there.containsKey(name(now.lines.get(at)))) {
            return Optional.of(name(now.lines.get(at)) + " is new");
        }
        String name = name(lines.get(Math.min(at, lines.size() - 1)));
        String then = there.get(name);
        String length = here.get(name);
        return Optional.of(
                then != null && then.equals(length)
                        ? name + " stands in another place"
                        : "%s had %s bytes and has %s".formatted(name, then, length));
    }

    private static Map<String, String> lengths(List<String> lines) {
        Map<String, String> lengths = HashMap.newHashMap(lines.size());
        lines.forEach(line -> lengths.put(name(line), line.substring(0, line.indexOf('\t'))));
        return lengths;
    }

    private static String name(String line) {
        return line.substring(line.indexOf('\t') + 1);
    }
}
