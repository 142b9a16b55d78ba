package dev.isoflop.data;

import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;
import dev.isoflop.files.Json;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;
import dev.isoflop.text.ClassName;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A file with the names of classes, for folders that are called by numbers.
///
/// Its form is told by what is in it:
///
/// - a WordNet number and a name, with a space between: ImageNet's `synset_words.txt`;
/// - a folder's name and a name, with a tab between: `words.txt`, of WordNet or Tiny-ImageNet;
/// - a JSON object of pairs, `{"0": ["n01440764", "tench"]}`: `imagenet_class_index.json`;
/// - one name a line, in the order of the classes.
///
/// A name may be several between commas, the commonest first. The first three may name more classes
/// than there are. Two classes may have one name, as the crane and the crane have in ImageNet.
final class ClassNames {

    private static final String FORMS =
            "write lines such as n01440764 tench (or a tab between), one name a line in the order"
                    + " of the classes, or JSON such as {\"0\": [\"n01440764\", \"tench\"]}";

    private final Path file;
    private final boolean isKeyed; // by what the folders are called; else in the order of classes
    private final Map<String, Named> names = new LinkedHashMap<>(); // by id, or by place

    private record Named(String name, String where) {}

    private ClassNames(Path file, boolean isKeyed) {
        this.file = file;
        this.isKeyed = isKeyed;
    }

    /// Reads a file.
    ///
    /// @throws InputException naming the line that cannot be read, or that names a class again
    static ClassNames read(Path file) {
        String text;
        try {
            text = WholeFile.text(file, WholeFile.TEXT, "a list of class names");
        } catch (IOException e) {
            throw new InputException(
                    "%s cannot be read: %s; name a file of class names, such as synset_words.txt"
                            .formatted(file, Reason.of(e)),
                    e);
        }
        if (text.isBlank()) {
            throw new InputException(file + " is empty; " + FORMS);
        }
        return text.stripLeading().startsWith("{") ? json(file, text) : lines(file, text);
    }

    private static ClassNames json(Path file, String text) {
        Map<String, List<String>> index = Json.lists(text, file.toString(), FORMS);
        var read = new ClassNames(file, true);
        index.forEach((key, pair) -> {
            String where = file + ", key \"" + key + "\"";
            if (pair.size() != 2) {
                throw unknown(where, String.valueOf(pair));
            }
            read.add(pair.get(0), pair.get(1), where);
        });
        return read;
    }

    private static ClassNames lines(Path file, String text) {
        List<String> lines = text.lines().toList();
        String first = lines.stream().filter(line -> !line.isBlank()).findFirst().orElse("");
        String separator = first.contains("\t") ? "\t" : isNumbered(first) ? "\\s+" : "";
        var read = new ClassNames(file, !separator.isEmpty());
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            String where = file + ":" + (i + 1) + " ";
            if (line.isEmpty()) {
                continue;
            }
            if (!read.isKeyed) {
                if (line.contains("\t") || isNumbered(line)) {
                    throw unknown(where, line);
                }
                read.add(String.valueOf(read.names.size()), line, where);
                continue;
            }
            String[] pair = line.split(separator, 2);
            if (pair.length < 2 || (separator.equals("\\s+") && !isNumbered(line))) {
                throw unknown(where, line);
            }
            read.add(pair[0].strip(), pair[1].strip(), where);
        }
        return read;
    }

    /// Whether a line begins with a number of WordNet.
    private static boolean isNumbered(String line) {
        return ClassName.isWordNetNumber(line.strip().split("\\s+", 2)[0]);
    }

    private void add(String id, String name, String where) {
        if (id.isBlank() || name.isBlank() || ClassName.isWordNetNumber(name)) {
            throw unknown(where, (id + " " + name).strip());
        }
        Named before = names.putIfAbsent(id, new Named(name, where));
        if (before != null) {
            throw new InputException(
                    "%s names %s \"%s\", which is \"%s\" at %s; remove one of them"
                            .formatted(where, id, name, before.name, before.where.strip()));
        }
    }

    private static InputException unknown(String where, String found) {
        return new InputException("%s is \"%s\"; %s".formatted(where, found, FORMS));
    }

    /// The names of a dataset's classes, by label.
    ///
    /// @throws InputException if a class has none, or there are not as many as classes
    List<String> of(Dataset dataset) {
        List<String> ids = dataset.classIds();
        if (ids.isEmpty()) {
            throw new InputException(
                    "%s has no classes for %s to name; leave class-names out"
                            .formatted(dataset.name(), file));
        }
        if (!isKeyed) {
            if (names.size() != ids.size()) {
                throw new InputException(
                        "%s names %,d classes, one a line, but %s has %,d, such as %s; give it a line a class, in their order, or a class's folder before each name, with a tab between"
                                .formatted(
                                        file,
                                        names.size(),
                                        dataset.name(),
                                        ids.size(),
                                        ImageNames.some(ids)));
            }
            return names.values().stream().map(Named::name).toList();
        }
        List<String> nameless = ids.stream().filter(id -> !names.containsKey(id)).toList();
        if (!nameless.isEmpty()) {
            String missing = nameless.getFirst();
            throw new InputException(
                    "%s has no name for %,d of the %,d classes of %s: %s; %s"
                            .formatted(
                                    file,
                                    nameless.size(),
                                    ids.size(),
                                    dataset.name(),
                                    ImageNames.some(nameless),
                                    Nearest.to(missing, names.keySet())
                                            .filter(_ -> nameless.size() < ids.size())
                                            .map(near -> "it has " + near + "; add what is missing")
                                            .orElse(
                                                    "it names "
                                                            + some()
                                                            + "; add what is missing")));
        }
        var named = new ArrayList<String>();
        for (String id : ids) {
            Named name = names.get(id);
            named.add(name == null ? id : name.name);
        }
        return List.copyOf(named);
    }

    private String some() {
        return ImageNames.some(List.copyOf(names.keySet()));
    }
}
