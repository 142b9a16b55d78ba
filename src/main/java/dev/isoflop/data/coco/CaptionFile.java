package dev.isoflop.data.coco;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;

import dev.isoflop.fault.Excerpt;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Captions as lines of a file: JSON lines (`{"file_name": "a.jpg", "text": "a cat"}`), or a table
/// with a header, separated by commas or tabs.
public final class CaptionFile {

    private static final List<String> IMAGE = List.of("file_name", "image");
    private static final List<String> TEXT = List.of("text", "caption");
    private static final String WANTED = "file_name (or image) and text (or caption) are needed";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final String where;
    private final List<Row> rows = new ArrayList<>();

    /// A caption.
    ///
    /// @param image its name in the file
    /// @param line from 1; of a row of several lines the first
    public record Row(String image, String text, long line) {}

    private CaptionFile(String where) {
        this.where = where;
    }

    /// The captions of a file's text, by the ending of its name: `.jsonl`, `.csv`, `.txt` (commas)
    /// or `.tsv`.
    ///
    /// @param where names the file in errors
    /// @throws InputException naming the line that cannot be read
    public static List<Row> rows(String where, String text) {
        var file = new CaptionFile(where);
        String name = where.toLowerCase(Locale.ROOT);
        switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "jsonl" -> file.readLines(text);
            case "csv", "txt" -> file.readTable(text, ',');
            case "tsv" -> file.readTable(text, '\t');
            default ->
                    throw new InputException(
                            where
                                    + " is no .jsonl, .csv, .tsv or .txt; captions are read from"
                                    + " one");
        }
        if (file.rows.isEmpty()) {
            throw new InputException(where + " holds no captions");
        }
        return file.rows;
    }

    private void readLines(String text) {
        long line = 0;
        for (String json : text.lines().toList()) {
            line++;
            if (!json.isBlank()) {
                rows.add(row(json, line));
            }
        }
    }

    private Row row(String json, long line) {
        try {
            if (!(JSON.readTree(json) instanceof ObjectNode object)) {
                throw fault(line, "is no JSON object; " + WANTED);
            }
            List<String> keys = List.copyOf(object.propertyNames());
            JsonNode image = object.path(chosen(IMAGE, keys, line));
            JsonNode text = object.path(chosen(TEXT, keys, line));
            if (!image.isString() || !text.isString()) {
                throw fault(
                        line,
                        "has %s; write a text"
                                .formatted(
                                        image.isString()
                                                ? "the caption " + text
                                                : "the image " + image));
            }
            return row(image.stringValue(), text.stringValue(), line);
        } catch (JacksonException e) {
            throw new InputException(
                    "%s:%d%s  is no JSON: %s"
                            .formatted(
                                    where,
                                    line,
                                    Reason.place(e).replaceFirst(".*:", ":"), // the column
                                    Reason.of(e)),
                    e);
        }
    }

    private void readTable(String text, char separator) {
        try (CsvReader<CsvRecord> table =
                CsvReader.builder()
                        .fieldSeparator(separator)
                        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .allowUnclosedQuote(false)
                        .ofCsvRecord(text)) {
            Iterator<CsvRecord> records = table.iterator();
            if (!records.hasNext()) {
                return;
            }
            List<String> header = records.next().getFields().stream().map(String::strip).toList();
            int image = header.indexOf(chosen(IMAGE, header, 1));
            int caption = header.indexOf(chosen(TEXT, header, 1));
            while (records.hasNext()) {
                CsvRecord next = records.next();
                if (next.getFieldCount() != header.size()) {
                    throw fault(
                            next.getStartingLineNumber(),
                            "has %d fields, and the header %d; put a text with separators in double quotes"
                                    .formatted(next.getFieldCount(), header.size()));
                }
                rows.add(
                        row(
                                next.getField(image),
                                next.getField(caption),
                                next.getStartingLineNumber()));
            }
        } catch (CsvParseException e) {
            Throwable cause = Optional.ofNullable(e.getCause()).orElse(e);
            throw new InputException(where + " is no table: " + cause.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Row row(String image, String text, long line) {
        if (image.isBlank()) {
            throw fault(line, "names no image");
        }
        if (text.isBlank()) {
            throw fault(line, "has no text for " + image + "; write a caption or remove the line");
        }
        return new Row(image.strip(), text.strip(), line);
    }

    private String chosen(List<String> wanted, List<String> found, long line) {
        return wanted.stream()
                .filter(found::contains)
                .findFirst()
                .orElseThrow(() ->
                        fault(line, "has " + Excerpt.of(String.join(", ", found)) + "; " + WANTED));
    }

    private InputException fault(long line, String complaint) {
        return new InputException(where + ":" + line + "  " + complaint);
    }
}
