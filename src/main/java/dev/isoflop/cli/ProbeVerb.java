package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Json;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.probe.FrozenEncoder;
import dev.isoflop.probe.ProbeSettings;
import dev.isoflop.probe.Probing;
import dev.isoflop.recipe.RecipeFiles;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.Figure;
import dev.isoflop.report.ProbeSection;
import dev.isoflop.report.RunPage;
import dev.isoflop.run.ProbeReport;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunListener;

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
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting, such as --set train-images=2000; may be given again.")
    private List<String> changes = List.of();

    @Option(names = "--json", description = "The figures as one JSON object.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (FrozenEncoder.isEncoder(from)) {
            ofFile();
        } else {
            ofRun();
        }
        return 0;
    }

    private void ofRun() throws IOException {
        if (out != null) {
            throw new InputException(
                    "--out is for an encoder's file; the figures of a run go to "
                            + from.resolve("probe.json")
                            + ": leave it out");
        }
        try (RunFolder folder = RunFolder.resume(from)) {
            Table run = Table.parse(folder.recipe().toString(), folder.readRecipe());
            if (FineTuneRecipe.isOne(run)) {
                throw new InputException(
                        from
                                + " is a fine-tuning run; name a checkpoint of it, such as "
                                + folder.checkpoints().resolve("step-100"));
            }
            PretrainRecipe recipe = PretrainRecipe.from(run);
            ProbeSettings settings = settings(recipe.encoder().image());
            FrozenEncoder probed = FrozenEncoder.OfRun.of(folder, console());
            ProbeReport before = folder.readProbe().orElse(new ProbeReport(List.of()));
            ProbeReport now =
                    new ProbeReport(new Probing(probed, settings, protocols(), console()).run());
            folder.writeProbe(before.with(now.probes()));
            turnPage(folder);
            print(now);
        }
    }

    private void ofFile() {
        Path figures = out == null ? FrozenEncoder.beside(from) : out;
        if (!figures.toString().endsWith(".json")) {
            throw new InputException("--out is " + figures + "; write a name that ends in .json");
        }
        FrozenEncoder probed = FrozenEncoder.OfFile.of(from, FrozenEncoder.features(figures));
        ProbeReport before = ProbeReport.in(figures).orElse(new ProbeReport(List.of()));
        ProbeSettings settings = settings(probed.image());
        ProbeReport now =
                new ProbeReport(new Probing(probed, settings, protocols(), console()).run());
        print(now); // first, so that a place that cannot be written loses no figure
        before.with(now.probes()).writeTo(figures);
        System.err.println("figures     " + figures);
    }

    private RunListener console() {
        return new RunListener() {
            @Override
            public void said(String line) {
                spec.commandLine().getErr().println(line);
            }
        };
    }

    private ProbeSettings settings(int image) {
        Table start = file == null ? Table.parse("--set", "seed: 0\n") : Table.read(file);
        return ProbeSettings.from(new RecipeFiles(changes, null).changed(start), image);
    }

    private void print(ProbeReport report) {
        PrintWriter lines = spec.commandLine().getOut();
        lines.print(json ? Json.text(report) + "\n" : ProbeSection.text(report.probes()));
        lines.flush();
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
