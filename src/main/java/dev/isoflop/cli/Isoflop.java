package dev.isoflop.cli;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.run.Version;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

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
        System.exit(run(arguments));
    }

    /// Runs a verb.
    ///
    /// @return its exit status
    public static int run(String... arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        return run(out, err, arguments);
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
        line.setExecutionExceptionHandler((e, verb, _) -> failed(e, verb));
        return line.execute(arguments);
    }

    /// A user's mistake is one text; a defect of ours keeps its trace.
    private static int failed(Exception e, CommandLine verb) throws Exception {
        if (e instanceof InputException || e instanceof RunException) {
            verb.getErr().println("isoflop: " + e.getMessage());
            verb.getErr().flush();
            return e instanceof InputException ? WRONG_INPUT : FAILED;
        }
        throw e;
    }

    /// `--version`: which isoflop, and which Java.
    static final class Versions implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"isoflop " + Version.described(), "JDK " + Runtime.version()};
        }
    }
}
