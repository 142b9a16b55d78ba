package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `--set key=value`, for every verb that reads a recipe.
final class RecipeOptions {

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = {
                "Change a key of the recipe, such as --set method.mask-ratio=0.85; may be repeated."
            })
    private List<String> changes = new ArrayList<>();

    /// The recipe in a file with the changes of the command line.
    Table read(Path file) {
        return changed(Table.read(file));
    }

    /// A table with the changes of the command line.
    Table changed(Table start) {
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

    boolean any() {
        return !changes.isEmpty();
    }
}
