package dev.isoflop.cli;

import dev.isoflop.files.Json;
import dev.isoflop.probe.Probing;
import dev.isoflop.recipe.RecipeFiles;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.ProbeSection;
import dev.isoflop.run.ProbeReport;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/// `isoflop probe`: what a frozen encoder is worth, in minutes.
@Command(
        name = "probe",
        description = "What an encoder is worth, frozen, on labelled images: in minutes.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  isoflop probe --from runs/first",
            "  isoflop probe --from runs/first --knn --set train-images=2000",
            "  isoflop probe --from runs/first --linear --set train.kind=folder --set"
                    + " train.path=flowers",
            "  isoflop probe --from vit.safetensors --set 'train={kind: folder, path: flowers}'",
            "",
            "Without --knn, --linear or --zero-shot: the first two, and the third of a run of"
                    + " clip.",
            "Of a run it takes the run's data, unless told others. Features are computed once and"
                    + " kept in the",
            "run's folder; figures go to probe.json there and to its page.",
            "Beside each figure: chance, and what an untrained encoder of the same shape reaches,"
                    + " computed once",
            "and kept in a folder called untrained beside the run or the file, which may be"
                    + " deleted.",
            "Of a file (isoflop convert makes them of others') it needs to be told data. Figures go"
                    + " to",
            "FILE.probe.json or --out, features to a folder beside it."
        })
final class ProbeVerb implements Callable<Integer> {

    @Parameters(
            paramLabel = "SETTINGS",
            arity = "0..1",
            description = "A YAML file of settings: train, validation, train-images and so on.")
    private @Nullable Path file;

    @Option(
            names = "--from",
            paramLabel = "ENCODER",
            required = true,
            description = {
                "A run's folder (its last good checkpoint), a checkpoint's, or a .safetensors file",
                "of ours."
            })
    private Path from = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "FILE.json",
            description =
                    "Of a file or checkpoint: where figures go (default: ENCODER.probe.json).")
    private @Nullable Path out;

    @Option(names = "--knn", description = "Weighted k-NN, as DINO's authors have it.")
    private boolean knn;

    @Option(names = "--linear", description = "A linear classifier.")
    private boolean linear;

    @Option(
            names = "--zero-shot",
            description = "Names of classes in sentences; of a run of method clip.")
    private boolean zeroShot;

    @Option(
            names = "--no-baseline",
            description = {
                "Leaves out what an untrained encoder of the same shape reaches. Chance stays: it"
                        + " is",
                "free."
            })
    private boolean noBaseline;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting, such as --set train-images=2000; may be given again.")
    private List<String> changes = List.of();

    @Option(names = "--json", description = "The figures as one JSON object.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Table start = file == null ? Table.parse("--set", "seed: 0\n") : Table.read(file);
        Table asked = new RecipeFiles(changes, null).changed(start);
        Table settings = noBaseline ? asked.with("baseline", "false") : asked;
        Probing usual = Probing.of(from, settings, protocols());
        Probing probing = out == null ? usual : usual.withFigures(out);
        try (Console console = Console.of(spec)) {
            ProbeReport report = probing.run(console, console);
            console.print(
                    json ? Json.text(report) : ProbeSection.text(report.probes()).stripTrailing());
            probing.keep(report, console); // after, so that no figure is lost if it cannot be kept
            if (console.wanted()) {
                console.said("stopped: ask again for what is missing; features that are kept stay");
                return Isoflop.FAILED;
            }
            return 0;
        }
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
}
