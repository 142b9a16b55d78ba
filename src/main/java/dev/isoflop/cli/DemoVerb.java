package dev.isoflop.cli;

import dev.isoflop.pretrain.Pretraining;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Result;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `isoflop demo`: a small run on generated images, from plan to page.
@Command(
        name = "demo",
        description = "Pre-train a small masked autoencoder on generated images, in two minutes.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  isoflop demo",
            "",
            "Prints the plan, the progress and the bill, and writes one page that opens in a"
                    + " browser",
            "without a network. The recipe is recipes/demo/mae.yaml."
        })
final class DemoVerb implements Callable<Integer> {

    private static final String RECIPE = "recipes/demo/mae.yaml";

    @Mixin private RecipeOptions options = new RecipeOptions();

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "The run's folder (default: runs/demo, or runs/demo-2 and so on).")
    private @Nullable Path out;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Table recipe = options.changed(Table.parse(RECIPE, text()));
        try (Console console = Console.of(spec)) {
            Path folder = out == null ? free(Path.of("runs", "demo")) : out;
            Result result = Pretraining.of(recipe).run(folder, console, console);
            return result.status() == Result.Status.FINISHED ? 0 : Isoflop.FAILED;
        }
    }

    private static String text() throws IOException {
        try (InputStream in = DemoVerb.class.getResourceAsStream("/" + RECIPE)) {
            if (in == null) {
                throw new IllegalStateException("the jar holds no " + RECIPE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// A folder that is not there yet.
    private static Path free(Path wanted) {
        Path folder = wanted;
        for (int i = 2; Files.exists(folder); i++) {
            folder = wanted.resolveSibling(wanted.getFileName() + "-" + i);
        }
        return folder;
    }
}
