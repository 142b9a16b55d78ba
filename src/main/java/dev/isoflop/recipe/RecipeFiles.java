package dev.isoflop.recipe;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;
import dev.isoflop.files.Reason;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/// How recipes are read from files: studies run by run, with changes, and one run of them where it
/// is chosen.
///
/// @param changes each written `key=value`, as after `--set`; the last one counts
/// @param run the name of the run that is wanted, as after `--run`; null for all
public record RecipeFiles(List<String> changes, @Nullable String run) {

    private static final int NAMES_SHOWN = 4;

    public RecipeFiles {
        changes = List.copyOf(changes);
    }

    /// The recipe in a file, or the chosen run of a study, with the changes.
    ///
    /// @throws InputException if there are several runs and none is chosen
    public Table read(Path file) {
        List<Table> runs = readAll(file);
        if (runs.size() > 1) {
            List<String> names = runs.stream().map(table -> table.name("name")).toList();
            String some = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())));
            throw new InputException(
                    "%s holds %,d runs; choose one with --run NAME: %s%s"
                            .formatted(
                                    file,
                                    names.size(),
                                    some,
                                    names.size() > NAMES_SHOWN ? ", ..." : ""));
        }
        return runs.getFirst();
    }

    /// All recipes of a file, or of every `.yaml` file below a folder, with the changes. Links are
    /// followed, and a folder that leads back to itself is read once.
    ///
    /// @throws InputException if there is none, or none of the chosen name, or a folder below
    ///   cannot be read
    public List<Table> readAll(Path path) {
        List<Table> all = new ArrayList<>();
        for (Path file : files(path)) {
            for (Table table : Variations.of(Table.read(file))) {
                all.add(changed(table));
            }
        }
        if (run == null) {
            return all;
        }
        List<Table> chosen = all.stream().filter(t -> t.name("name").equals(run)).toList();
        if (chosen.isEmpty()) {
            List<String> names = all.stream().map(t -> t.name("name")).toList();
            String near = Nearest.to(run, names).map(n -> "; did you mean " + n + "?").orElse("");
            throw new InputException("--run " + run + ": " + path + " has no such run" + near);
        }
        return chosen;
    }

    private static List<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        List<Path> recipes = new ArrayList<>();
        gather(path, new HashSet<>(), recipes);
        if (recipes.isEmpty()) {
            throw new InputException(path + " holds no recipe: no file ends in .yaml");
        }
        return recipes.stream().sorted().toList();
    }

    /// The recipes below a folder that was not seen yet.
    private static void gather(Path folder, Set<Path> seen, List<Path> recipes) {
        try (Stream<Path> inside = Files.list(folder)) {
            if (!seen.add(folder.toRealPath())) {
                return;
            }
            for (Path path : inside.toList()) {
                if (Files.isDirectory(path)) {
                    if (!path.endsWith("lost+found")) { // the file system's own
                        gather(path, seen, recipes);
                    }
                } else if (path.toString().endsWith(".yaml")) {
                    recipes.add(path);
                }
            }
        } catch (IOException e) {
            throw unreadable(folder, e);
        } catch (UncheckedIOException e) {
            throw unreadable(folder, Objects.requireNonNull(e.getCause()));
        }
    }

    private static InputException unreadable(Path folder, IOException e) {
        return new InputException(
                "%s cannot be read: %s; make it readable, or name a folder without it"
                        .formatted(folder, Reason.of(e)),
                e);
    }

    /// A table with the changes.
    ///
    /// @throws InputException if one is not written `key=value`
    public Table changed(Table start) {
        Table table = start;
        for (String change : changes) {
            int equals = change.indexOf('=');
            if (equals < 1) {
                throw new InputException("--set " + change + "; write --set key=value");
            }
            table = table.with(change.substring(0, equals), change.substring(equals + 1));
        }
        return table;
    }
}
