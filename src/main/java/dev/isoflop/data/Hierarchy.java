package dev.isoflop.data;

import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What classes are kinds of: names, and above each one or several others.
///
/// A text file with two names a line, the parent first, as WordNet's `is_a` lists: `animal dog`.
/// Names with spaces stand with a tab between them. Empty lines and lines that begin with `#` are
/// passed over.
final class Hierarchy {

    private final Path file;
    private final Map<String, Map<String, Integer>> parents = new LinkedHashMap<>(); // with lines

    private Hierarchy(Path file) {
        this.file = file;
    }

    /// Reads a file.
    ///
    /// @throws InputException naming the line that is not two names, or makes a class its own
    ///   ancestor
    static Hierarchy read(Path file) {
        try {
            var hierarchy = new Hierarchy(file);
            int line = 0;
            String text = WholeFile.text(file, WholeFile.TEXT, "a hierarchy");
            for (String names : text.lines().toList()) {
                line++;
                if (!names.isBlank() && !names.startsWith("#")) {
                    hierarchy.add(names.strip(), line);
                }
            }
            hierarchy.checkCycles();
            return hierarchy;
        } catch (IOException e) {
            throw new InputException(
                    file
                            + (Files.exists(file)
                                    ? " cannot be read: " + Reason.of(e)
                                    : " does not exist; name a file of lines such as animal dog"),
                    e);
        }
    }

    private void add(String names, int line) {
        String[] pair = names.split(names.contains("\t") ? "\t" : "\\s+", -1);
        if (pair.length != 2 || pair[0].isBlank() || pair[1].isBlank()) {
            throw new InputException(
                    "%s:%d  is \"%s\"; write two names, the parent first: animal dog (with a tab between names of several words)"
                            .formatted(file, line, names));
        }
        parents.computeIfAbsent(pair[1].strip(), _ -> new LinkedHashMap<>())
                .putIfAbsent(pair[0].strip(), line);
    }

    /// The names above some names, nearest first, those of one distance in the order of the file.
    List<List<String>> ancestors(Collection<String> names) {
        var levels = new ArrayList<List<String>>();
        var seen = new HashSet<String>(names);
        Set<String> level = above(names, seen);
        while (!level.isEmpty()) {
            levels.add(List.copyOf(level));
            level = above(level, seen);
        }
        return levels;
    }

    private Set<String> above(Collection<String> names, Set<String> seen) {
        var above = new LinkedHashSet<String>();
        for (String name : names) {
            for (String parent : parents.getOrDefault(name, Map.of()).keySet()) {
                if (seen.add(parent)) {
                    above.add(parent);
                }
            }
        }
        return above;
    }

    /// Demands that some line is about these classes, and every line about one of them or what is
    /// above it.
    ///
    /// @param classes every name that a class has
    /// @param dataset named in the error
    void demandClasses(Set<String> classes, String dataset) {
        if (parents.keySet().stream().noneMatch(classes::contains)) {
            throw new InputException(
                    "%s says nothing of the classes of %s, such as %s"
                            .formatted(
                                    file,
                                    dataset,
                                    ImageNames.some(classes.stream().sorted().toList())));
        }
        var inner = new HashSet<String>();
        parents.values().forEach(above -> inner.addAll(above.keySet()));
        parents.forEach((name, above) -> {
            if (!classes.contains(name) && !inner.contains(name)) {
                throw new InputException(
                        "%s:%d  is about %s, which is no class of %s, nor above one; %s"
                                .formatted(
                                        file,
                                        above.values().iterator().next(),
                                        name,
                                        dataset,
                                        Nearest.to(name, classes)
                                                .map(near -> "did you mean " + near + "?")
                                                .orElse("remove the line")));
            }
        });
    }

    /// Demands that no line is about a name that several classes have.
    ///
    /// @param shared names of more classes than one
    /// @param dataset named in the error
    void demandOneClassEach(Set<String> shared, String dataset) {
        parents.forEach((name, above) ->
                above.forEach((parent, line) -> {
                    for (String said : List.of(parent, name)) {
                        if (shared.contains(said)) {
                            throw new InputException(
                                    "%s:%d  is about %s, and %s has several classes of that name; give each a name of its own, or write its WordNet number"
                                            .formatted(file, line, said, dataset));
                        }
                    }
                }));
    }

    private void checkCycles() {
        var clear = new HashSet<String>();
        for (String name : parents.keySet()) {
            checkCycles(name, new ArrayList<>(), clear);
        }
    }

    private void checkCycles(String name, List<String> below, Set<String> clear) {
        if (clear.contains(name)) {
            return;
        }
        below.add(name);
        parents.getOrDefault(name, Map.of())
                .forEach((parent, line) -> {
                    if (below.contains(parent)) {
                        List<String> path = new ArrayList<>(below);
                        List<String> cycle = path.subList(path.indexOf(parent), path.size());
                        throw new InputException(
                                "%s:%d  makes %s its own ancestor: %s, %s; remove one of these lines"
                                        .formatted(
                                                file,
                                                line,
                                                parent,
                                                String.join(", ", cycle),
                                                parent));
                    }
                    checkCycles(parent, below, clear);
                });
        below.removeLast();
        clear.add(name);
    }
}
