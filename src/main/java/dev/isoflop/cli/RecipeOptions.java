package dev.isoflop.cli;

import dev.isoflop.recipe.RecipeFiles;
import dev.isoflop.recipe.Table;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `--set key=value` and `--run NAME`, for every verb that reads a recipe.
final class RecipeOptions {

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
        return files().read(file);
    }

    /// All recipes of a file or folder, studies run by run, with the changes of the command line.
    List<Table> readAll(Path path) {
        return files().readAll(path);
    }

    /// A table with the changes of the command line.
    Table changed(Table start) {
        return files().changed(start);
    }

    private RecipeFiles files() {
        return new RecipeFiles(changes, run);
    }

    /// The changes as they were written, `key=value`.
    List<String> changes() {
        return List.copyOf(changes);
    }

    boolean any() {
        return !changes.isEmpty() || run != null;
    }
}
