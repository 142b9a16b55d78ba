package dev.isoflop.cli;

import dev.isoflop.recipe.Table;
import dev.isoflop.report.Figure;
import dev.isoflop.report.ProbeSection;
import dev.isoflop.report.RunPage;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunFolder;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/// `isoflop probe`: what the frozen encoder of a run is worth, in minutes.
@Command(
        name = "probe",
        description = "What a run's encoder is worth, frozen, on labelled images: in minutes.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  isoflop probe --from runs/first",
            "  isoflop probe --from runs/first --knn --set train-images=2000",
            "  isoflop probe --from runs/first --linear --set train.kind=folder --set"
                    + " train.path=flowers",
            "",
            "Without --knn, --linear or --zero-shot: the first two, and the third of a run of"
                    + " clip.",
            "Without data of its own it takes the run's. Features are computed once and kept in the"
                    + " run's",
            "folder; figures go to probe.json there and to its page."
        })
final class ProbeVerb implements Callable<Integer> {

    @Parameters(
            paramLabel = "SETTINGS",
            arity = "0..1",
            description = "A YAML file of settings: train, validation, train-images and so on.")
    private @Nullable Path file;

    @Option(
            names = "--from",
            paramLabel = "RUN",
            required = true,
            description = "The run's folder; its last good checkpoint is probed.")
    private Path from = Path.of("");

    @Option(names = "--knn", description = "Weighted k-NN, as DINO's authors have it.")
    private boolean knn;

    @Option(names = "--linear", description = "A linear classifier.")
    private boolean linear;

    @Option(
            names = "--zero-shot",
            description = "Names of classes in sentences; of a run of method clip.")
    private boolean zeroShot;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting, such as --set train-images=2000; may be given again.")
    private List<String> changes = List.of();

    @Option(names = "--json", description = "The figures as one JSON object.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        try (RunFolder folder = RunFolder.resume(from)) {
            Table run = Table.parse(folder.recipe().toString(), folder.readRecipe());
            Recipe recipe = Recipe.from(run);
            Table start = file == null ? Table.parse("--set", "seed: 0\n") : Table.read(file);
            Table table = RecipeOptions.changed(start, changes);
            ProbeSettings settings = ProbeSettings.from(table, recipe.encoder().image());
            ProbeReport before = folder.readProbe().orElse(new ProbeReport(List.of()));
            ProbeReport now =
                    new ProbeReport(new Probing(folder, recipe, settings, protocols()).run());
            folder.writeProbe(before.with(now.probes()));
            turnPage(folder);
            PrintWriter out = spec.commandLine().getOut();
            out.print(json ? Json.write(now) + "\n" : ProbeSection.text(now.probes()));
            out.flush();
        }
        return 0;
    }

    private Set<Probing.Protocol> protocols() {
        EnumSet<Probing.Protocol> asked = EnumSet.noneOf(Probing.Protocol.class);
        if (knn) {
            asked.add(Probing.Protocol.K_NN);
        }
        if (linear) {
            asked.add(Probing.Protocol.LINEAR);
        }
        if (zeroShot) {
            asked.add(Probing.Protocol.ZERO_SHOT);
        }
        return asked;
    }

    /// Makes the run's page anew, unless that would lose pictures that only the page has.
    private static void turnPage(RunFolder folder) throws IOException {
        List<Figure> figures = Figure.in(folder.pictures());
        boolean lost =
                figures.isEmpty()
                        && Files.exists(folder.page())
                        && Files.readString(folder.page()).contains("data:image/png");
        if (lost) {
            System.err.println(
                    "page        is left as it was: its pictures are in no folder, and would be"
                            + " lost");
        } else {
            RunPage.write(folder, figures, folder.page());
            System.err.println("page        " + folder.page());
        }
        System.err.println("figures     " + folder.probe());
    }
}
