package dev.isoflop.encoder;

import dev.isoflop.fault.RunException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Sha256;
import dev.isoflop.torch.SafetensorsHeader.Dtype;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a conversion says of itself: every tensor, and what is known without being in the file.
///
/// @param to the file that was written; none if it only looked
public record ConversionReport(Conversion conversion, @Nullable Path to, Conversion.As as) {

    private static final String INDENT = " ".repeat(12);

    /// For people: tensors of all blocks on one line.
    public String text() {
        Card card = conversion.card();
        Conversion.Reasons how = conversion.reasons();
        List<String> lines = new ArrayList<>();
        line(
                lines,
                "read",
                conversion.file()
                        + ": "
                        + conversion.kind()
                        + ", "
                        + count(conversion.count())
                        + " tensors");
        line(lines, "naming", conversion.whose() + ": " + conversion.why());
        line(
                lines,
                "encoder",
                card.shape().name()
                        + ", images of "
                        + card.shape().image()
                        + ", "
                        + count(numbers())
                        + " numbers");
        line(lines, "heads", card.shape().heads() + ": " + how.heads());
        line(lines, "positions", positions(card));
        line(lines, "pooled", Card.word(card.pool()));
        line(lines, "norms", "epsilon " + card.style().normEpsilon() + ": " + how.epsilon());
        String activation = Card.word(card.style().activation());
        line(lines, "activation", activation + ": " + how.activation());
        if (card.style().normFirst()) {
            line(lines, "tokens", "normed before the first block; patches without a bias");
        }
        line(lines, "numbers", formats());
        grouped(lines, "used", used());
        grouped(lines, "left", left());
        grouped(lines, "names only", conversion.beside());
        line(lines, "missing", "none");
        if (to == null) {
            line(lines, "written", "nothing: name a file with --to");
        } else {
            String size =
                    stays(to) ? ", " + count(bytes(to)) + " bytes, SHA-256 " + sha256(to) : "";
            line(lines, "written", to + size);
            if (as == Conversion.As.TIMM) {
                String python = Timm.lines(card, to);
                line(lines, "in Python", python.replace("\n", "\n" + INDENT));
            }
        }
        return String.join("\n", lines);
    }

    private static void line(List<String> lines, String word, String text) {
        lines.add(word + " ".repeat(INDENT.length() - word.length()) + text);
    }

    private static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String positions(Card card) {
        return switch (card.positions()) {
            case SINE_COSINE -> "fixed: they equal the table of sines and cosines";
            case LEARNED -> "learned: they are not the table of sines and cosines";
        };
    }

    private String formats() {
        List<String> texts = new ArrayList<>();
        conversion.formats().forEach((dtype, count) -> texts.add(format(dtype, count)));
        return String.join("; ", texts);
    }

    private String format(Dtype dtype, int count) {
        return dtype == conversion.written()
                ? count + " tensors of " + dtype + ", as they are"
                : count + " tensors from " + dtype + " to " + conversion.written() + ", exactly";
    }

    private long numbers() {
        return conversion.used().stream()
                .mapToLong(it -> it.shape().stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    private Map<String, String> used() {
        Map<String, String> rows = new LinkedHashMap<>();
        for (Conversion.Used it : conversion.used()) {
            rows.put(
                    it.name(),
                    it.from().isEmpty()
                            ? "zeros, held still: this naming has none"
                            : "from " + String.join(", ", it.from()));
        }
        return rows;
    }

    private Map<String, String> left() {
        Map<String, String> rows = new LinkedHashMap<>();
        conversion.left().forEach(it -> rows.put(it.name(), it.why()));
        return rows;
    }

    /// One line for all names that differ in numbers only.
    private static void grouped(List<String> lines, String word, Map<String, String> rows) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        rows.forEach((name, what) -> {
            String pattern = name + "  " + what;
            counts.merge(pattern.replaceAll("\\.\\d+(?=\\.|\\s|$)", ".*"), 1, Integer::sum);
        });
        line(lines, word, count(rows.size()) + (rows.isEmpty() ? "" : ":"));
        counts.forEach((pattern, count) ->
                lines.add(INDENT + pattern + (count > 1 ? "  x " + count : "")));
    }

    /// For machines: tensor by tensor.
    public Map<String, Object> json() {
        Card card = conversion.card();
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("file", conversion.file().toString());
        root.put("kind", conversion.kind());
        root.put("tensors", conversion.count());
        root.put("naming", conversion.whose());
        root.put("because", conversion.why());
        root.put("encoder", card.shape().name());
        root.put("card", card.metadata());
        root.put("reasons", conversion.reasons());
        root.put("numbers", conversion.written().name());
        root.put("used", conversion.used());
        root.put("left", conversion.left());
        root.put("namesOnly", conversion.beside());
        root.put("missing", List.of());
        if (to != null) {
            Map<String, Object> written = new LinkedHashMap<>();
            written.put("file", to.toString());
            written.put("as", Card.word(as));
            if (stays(to)) {
                written.put("bytes", bytes(to));
                written.put("sha256", sha256(to));
            }
            if (as == Conversion.As.TIMM) {
                written.put("python", Timm.lines(card, to));
            }
            root.put("written", written);
        }
        return root;
    }

    /// Whether what was written is there to be read, which it is not behind a pipe.
    private static boolean stays(Path written) {
        return !DurableFiles.isWrittenThrough(written);
    }

    private static long bytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new RunException(file + " was written and cannot be read: " + Reason.of(e), e);
        }
    }

    private static String sha256(Path file) {
        try {
            return Sha256.of(file);
        } catch (IOException e) {
            throw new RunException(file + " was written and cannot be read: " + Reason.of(e), e);
        }
    }
}
