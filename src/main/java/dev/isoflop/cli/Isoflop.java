package dev.isoflop.cli;

import dev.isoflop.run.Version;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/// `isoflop`: the command with its verbs.
///
/// Exit status 0: done; 1: it ran and failed; 2: the input is wrong.
@Command(
        name = "isoflop",
        description = "Pre-train vision transformers within a budget of floating-point operations.",
        mixinStandardHelpOptions = true,
        versionProvider = Isoflop.Versions.class,
        synopsisSubcommandLabel = "VERB",
        subcommands = {
            DemoVerb.class,
            DoctorVerb.class,
            PlanVerb.class,
            ProfileVerb.class,
            PretrainVerb.class,
            FineTuneVerb.class,
            ConvertVerb.class,
            ProbeVerb.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Start here:",
            "  isoflop demo                             a small run on generated images, two"
                    + " minutes",
            "  isoflop plan recipes/demo/mae.yaml       what a recipe buys, and why",
            "  isoflop pretrain recipes/demo/mae.yaml   the run itself",
            "  isoflop probe --from runs/demo           what its encoder is worth, frozen",
            "  isoflop finetune recipes/demo/segmentation.yaml --from runs/demo",
            "                                           and what it is worth when it learns on",
            "  isoflop convert vit.pth --to vit.safetensors",
            "                                           encoders of others, for probe and finetune",
            "  isoflop VERB --help                      each verb, with an example",
            "",
            "Exit status: 0 done, 1 ran and failed, 2 the input is wrong."
        })
public final class Isoflop {

    static final int FAILED = 1;
    static final int WRONG_INPUT = 2;

    /// Runs a verb and ends the process with its status.
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT); // numbers and words are the same everywhere
        System.exit(run(arguments));
    }

    /// Runs a verb on the process's own standard streams.
    ///
    /// @return its exit status: 1 also where what it printed could not be written
    public static int run(String... arguments) {
        StandardOutput out = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        return out.ended(run(out.writer(), err, arguments), err);
    }

    /// Runs a verb that writes to these.
    ///
    /// @return its exit status
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(new Isoflop());
        line.setOut(out);
        line.setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setExecutionStrategy(parsed -> {
            if (!parsed.hasSubcommand()
                    && !parsed.isUsageHelpRequested()
                    && !parsed.isVersionHelpRequested()) {
                line.usage(err);
                return WRONG_INPUT;
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        line.setParameterExceptionHandler(new WrongWords(line.getParameterExceptionHandler()));
        line.setExecutionExceptionHandler(
                (e, _, _) -> say(Failure.of(e).orElseThrow(() -> e), err));
        line.registerConverter(Path.class, Isoflop::path);
        try {
            return line.execute(arguments);
        } catch (OutOfMemoryError e) {
            return say(Failure.of(e).orElseThrow(() -> e), err);
        }
    }

    private static int say(Failure failure, PrintWriter err) {
        err.println("isoflop: " + failure.text());
        err.flush();
        return failure.status();
    }

    /// A path of the command line.
    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("it is empty; name a file or a folder");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(Failure.unnameable(e));
        }
    }

    /// `--version`: which isoflop, and which Java.
    static final class Versions implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"isoflop " + Version.described(), "JDK " + Runtime.version()};
        }
    }
}
