package dev.isoflop.cli;

import dev.isoflop.encoder.Choices;
import dev.isoflop.encoder.Conversion;
import dev.isoflop.encoder.ConversionReport;
import dev.isoflop.files.Json;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/// `isoflop convert`: an encoder from elsewhere becomes one of ours, or one of ours timm's.
@Command(
        name = "convert",
        description =
                "Read an encoder from another program's checkpoint, or write one of ours for timm.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  isoflop convert mae_pretrain_vit_base.pth --to mae-b16.safetensors",
            "  isoflop convert runs/first --as timm --to first-timm.safetensors",
            "",
            "Reads safetensors and the .pth of torch.save, in the naming of MAE, DINO, timm,"
                    + " Hugging",
            "Face's ViT and OpenAI's CLIP. Nothing in a file is executed. Without --to it only"
                    + " looks."
        })
final class ConvertVerb implements Callable<Integer> {

    @Parameters(
            paramLabel = "IN",
            description = "A .safetensors or .pth file, a run's folder or a checkpoint's.")
    private Path in = Path.of("");

    @Option(
            names = "--to",
            paramLabel = "OUT",
            description = "The .safetensors file to write; none: only say what is in the file.")
    private @Nullable Path to;

    @Option(
            names = "--as",
            defaultValue = "isoflop",
            description = "isoflop, or timm for Python (default: isoflop).")
    private String as = "isoflop";

    @Option(
            names = "--key",
            description = "What the encoder's names begin with, where a file holds several.")
    private @Nullable String key;

    @Option(
            names = "--heads",
            description = "Heads of attention, where the file does not say and the width neither.")
    private @Nullable Integer heads;

    @Option(
            names = "--epsilon",
            description = "Of the layer norms, where it is not the usual one of the naming.")
    private @Nullable Double epsilon;

    @Option(
            names = "--activation",
            description = "gelu or quick-gelu, where it is not the usual one of the naming.")
    private @Nullable String activation;

    @Option(
            names = "--leave-out",
            paramLabel = "NAME",
            description = "Tensors whose names begin so do not belong to the encoder; repeatable.")
    private List<String> leaveOut = List.of();

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Conversion.As naming = Conversion.As.of(as);
        Choices choices = Choices.of(key, heads, epsilon, activation, leaveOut);
        try (Conversion conversion = Conversion.of(in, choices)) {
            if (to != null) {
                conversion.write(to, naming);
            }
            ConversionReport report = new ConversionReport(conversion, to, naming);
            PrintWriter out = spec.commandLine().getOut();
            out.println(json ? Json.text(report.json()) : report.text());
            out.flush();
        }
        return 0;
    }
}
