package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;
import dev.isoflop.recipe.Table;
import dev.isoflop.recipe.Variations;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// `--set key=value` and `--run NAME`, for every verb that reads a recipe.
final class RecipeOptions {

    private static final int NAMES_SHOWN = 4;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = {
                "Change a key of the recipe, such as --set method.mask-ratio=0.85; may be repeated."
            })
    private List<String> changes = new ArrayList<>();

    @Option(
            names = "--run",
            paramLabel = "NAME",
            description = "Of a study, a recipe that varies: the run of this name.")
    private @Nullable String run;

    /// The recipe in a file, or the chosen run of a study, with the changes of the command line.
    Table read(Path file) {
        List<Table> runs = readAll(file);
        if (runs.size() > 1) {
            List<String> names = runs.stream().map(table -> table.text("name")).toList();
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

    /// All recipes of a file or folder, studies run by run, with the changes of the command line.
    List<Table> readAll(Path path) {
        List<Table> all = new ArrayList<>();
        for (Path file : files(path)) {
            for (Table table : Variations.of(Table.read(file))) {
                all.add(changed(table));
            }
        }
        if (run == null) {
            return all;
        }
        List<Table> chosen = all.stream().filter(t -> t.text("name").equals(run)).toList();
        if (chosen.isEmpty()) {
            List<String> names = all.stream().map(t -> t.text("name")).toList();
            String near = Nearest.to(run, names).map(n -> "; did you mean " + n + "?").orElse("");
            throw new InputException("--run " + run + ": " + path + " has no such run" + near);
        }
        return chosen;
    }

    private static List<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> below = Files.walk(path)) {
            List<Path> recipes =
                    below.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
            if (recipes.isEmpty()) {
                throw new InputException(path + " holds no recipe: no file ends in .yaml");
            }
            return recipes;
        } catch (IOException e) {
            throw new InputException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// A table with the changes of the command line.
    Table changed(Table start) {
        return changed(start, changes);
    }

    /// A table with changes, each written `key=value`.
    static Table changed(Table start, List<String> changes) {
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

    /// The changes as they were written, `key=value`.
    List<String> changes() {
        return List.copyOf(changes);
    }

    boolean any() {
        return !changes.isEmpty() || run != null;
    }
}
