package dev.isoflop.cli;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Json;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.profile.DecoderTiming;
import dev.isoflop.profile.Profile;
import dev.isoflop.profile.Profiling;
import dev.isoflop.profile.Timing;
import dev.isoflop.recipe.Table;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `isoflop profile`: what a step costs, by formula, by what really ran, and by the clock.
///
/// What goes with what is said by groups of options; picocli refuses the rest.
@Command(
        name = "profile",
        description = "Parameters and FLOPs of a method: per image and step, forward and backward.",
        mixinStandardHelpOptions = true,
        customSynopsis = {
            "isoflop profile [RECIPE [--set KEY=VALUE] [--run NAME]] [--trace | --device meta]",
            "isoflop profile [--method NAME] [--encoder NAME] [--image N] [--batch N] [--set"
                    + " KEY=VALUE]",
            "                [--precision P] [--trace | --device meta]",
            "isoflop profile --all",
            "isoflop profile --measure [--methods NAMES] [--encoders NAMES] [--batches N,N] [--out"
                    + " FILE]",
            "isoflop profile --decoder-share [--encoders NAME] [--batches N]"
        },
        footer = {
            "",
            "Example:",
            "  isoflop profile --method mae --encoder B/16 --image 224 --batch 256 --set"
                    + " decoder-depth=1",
            "",
            "With --trace one real step runs; its matrix products must equal the formula exactly.",
            "With --device meta none of that size runs: tiny real steps are scaled to it. Counts"
                    + " are",
            "exact, and checked; memory is an estimate.",
            "",
            "  isoflop profile --method dino --encoder L/16 --batch 4096 --device meta --flame"
                    + " dino.svg",
            "  isoflop profile recipes/demo/mae.yaml --device meta",
            "",
            "  isoflop profile --all --svg figure-3.svg",
            "  isoflop profile --measure --precision bf16 --out my-machine.yaml",
            "  isoflop profile --decoder-share"
        })
final class ProfileVerb implements Callable<Integer> {

    private static final int SECONDS = 60; // of a minute

    @ArgGroup private Mode mode = new Mode();

    @Option(
            names = {"--svg", "--flame"},
            paramLabel = "FILE",
            description = {
                "Also a picture, an SVG: with --trace or --device meta where FLOPs go,",
                "with --all and --measure a figure."
            })
    private @Nullable Path picture;

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    /// All methods of the study, or what has an image and a precision.
    static final class Mode {

        @Option(
                names = "--all",
                description =
                        "A step of every method as Koppula et al. 2022 ran it, with ViT-B and"
                                + " ViT-L.")
        private boolean all;

        @ArgGroup(exclusive = false)
        private Sized sized = new Sized();
    }

    /// One step, or steps that are timed.
    static final class Sized {

        @Option(
                names = "--image",
                paramLabel = "N",
                description = "Side of the image in pixels (default: 224).")
        private @Nullable Integer image;

        @Option(
                names = "--precision",
                paramLabel = "P",
                description = "Of a step that runs: f32 or bf16 (default: f32).")
        private @Nullable Precision precision;

        @ArgGroup private Kind kind = new Kind();

        private int imageOr224() {
            return image == null ? 224 : image;
        }

        private Precision precisionOrF32() {
            return precision == null ? Precision.F32 : precision;
        }
    }

    /// One of the two.
    static final class Kind {

        @ArgGroup(exclusive = false, heading = "%nOne step:%n")
        private Step step = new Step();

        @ArgGroup(exclusive = false, heading = "%nReal steps by the clock, on this processor:%n")
        private @Nullable Clock clock;
    }

    /// One step.
    static final class Step {

        @ArgGroup private Origin origin = new Origin();

        @ArgGroup(exclusive = false)
        private RecipeOptions changes = new RecipeOptions();

        @Option(
                names = "--micro-batch",
                paramLabel = "N",
                description = {
                    "Images at once (default: with --trace up to 8, else the recipe's or the"
                            + " batch)."
                })
        private @Nullable Integer microBatch;

        @ArgGroup private @Nullable Execution execution;
    }

    /// Where it is from.
    static final class Origin {

        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "RECIPE",
                description = "A recipe whose step is profiled, in place of the options below.")
        private @Nullable Path recipe;

        @ArgGroup(exclusive = false)
        private Options options = new Options();
    }

    /// A method that trains an encoder.
    static final class Options {

        @Option(
                names = "--method",
                paramLabel = "NAME",
                defaultValue = "mae",
                description = "mae, dino, simclr, byol, clip or supervised (default: mae).")
        private String method = "mae";

        @Option(
                names = "--encoder",
                paramLabel = "NAME",
                defaultValue = "B/16",
                description = "Ti/16, S/16, B/16, L/16, H/14, or any patch (default: B/16).")
        private String encoder = "B/16";

        @Option(
                names = "--batch",
                paramLabel = "N",
                defaultValue = "256",
                description = "Images a step (default: 256).")
        private int batch = 256;
    }

    /// What of it is executed.
    static final class Execution {

        @ArgGroup(exclusive = false)
        private @Nullable Trace trace;

        @Option(
                names = "--device",
                paramLabel = "meta",
                description = "meta: the executed bill of a step of any size, which is not run.")
        private @Nullable String device;
    }

    /// A real step.
    static final class Trace {

        @Option(
                names = "--trace",
                required = true,
                description = "Run one real step and count what it executed.")
        @SuppressWarnings("UnusedVariable") // picocli's: where it stands, there is a Trace
        private boolean trace;

        @Option(
                names = "--chakra",
                paramLabel = "FILE",
                description = "With --trace: also keep the execution trace (MLCommons Chakra).")
        private @Nullable Path chakra;
    }

    /// Steps that are timed.
    static final class Clock {

        @ArgGroup(multiplicity = "1")
        private Timed timed = new Timed();

        @Option(
                names = "--encoders",
                split = ",",
                paramLabel = "NAME",
                description = {
                    "With --measure: which (default: Ti/32,Ti/16,S/16,B/16).",
                    "With --decoder-share: one (default: B/16)."
                })
        private List<String> encoders = new ArrayList<>();

        @Option(
                names = "--batches",
                split = ",",
                paramLabel = "N",
                description = {
                    "With --measure: images a step (default: 2,8, but no step above 600 GFLOP).",
                    "With --decoder-share: one number (default: 4)."
                })
        private List<Integer> batches = new ArrayList<>();

        @Option(
                names = "--minutes",
                paramLabel = "N",
                defaultValue = "2",
                description = "Time for it, about; large steps may need more (default: 2).")
        private double minutes = 2;
    }

    /// What of them.
    static final class Timed {

        @ArgGroup(exclusive = false)
        private @Nullable Measure measure;

        @Option(
                names = "--decoder-share",
                description =
                        "Time MAE here: its decoder's share, by mask ratio, with 8 blocks and 1.")
        private boolean decoderShare;
    }

    /// Steps per second.
    static final class Measure {

        @Option(
                names = "--measure",
                required = true,
                description =
                        "Time real steps here, of every method: steps per second by FLOPs of a"
                                + " step.")
        @SuppressWarnings("UnusedVariable") // picocli's: where it stands, there is a Measure
        private boolean measure;

        @Option(
                names = "--methods",
                split = ",",
                paramLabel = "NAME",
                description = "With --measure: which, separated by commas (default: all six).")
        private List<String> methods = new ArrayList<>();

        @Option(
                names = "--out",
                paramLabel = "FILE.yaml",
                description =
                        "With --measure: write or extend a file that plans this machine's hours.")
        private @Nullable Path out;
    }

    @Override
    public Integer call() {
        Clock clock = mode.sized.kind.clock;
        if (mode.all) {
            show(Profiling.everyMethod());
        } else if (clock != null) {
            try (Console console = Console.of(spec)) {
                show(clock.timed.decoderShare ? share(clock, console) : times(clock, console));
            }
        } else {
            show(oneStep(mode.sized.kind.step));
        }
        return 0;
    }

    private void show(Profile profile) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Json.text(profile.json()) : profile.text());
        out.flush();
        if (picture != null) {
            String svg = profile.picture().orElseThrow();
            DurableFiles.write(picture, svg.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Profile oneStep(Step step) {
        Execution execution = step.execution;
        if (picture != null && execution == null) {
            throw new InputException(
                    "--flame shows what a step executed: add --trace or --device meta; and --svg is"
                            + " for --all or --measure, too");
        }
        Profiling profiling = profiling(step.origin, step.changes);
        if (step.microBatch != null) {
            profiling = profiling.withMicroBatch(step.microBatch);
        }
        if (execution == null) {
            return profiling.byFormula();
        }
        if (execution.trace != null && execution.trace.trace) {
            return profiling.traced(Optional.ofNullable(execution.trace.chakra));
        }
        if (!"meta".equalsIgnoreCase(execution.device)) {
            throw new InputException(
                    "--device is %s; write meta, or --trace to run a real step here"
                            .formatted(execution.device));
        }
        return profiling.scaled();
    }

    private Profiling profiling(Origin origin, RecipeOptions changes) {
        Sized sized = mode.sized;
        if (origin.recipe == null) {
            Options of = origin.options;
            return Profiling.of(
                            of.method, changes.changes(), of.encoder, sized.imageOr224(), of.batch)
                    .withPrecision(sized.precisionOrF32());
        }
        if (sized.image != null || sized.precision != null) {
            throw new InputException(
                    "%s is the recipe's to say; change it with --set, such as --set batch=64"
                            .formatted(sized.image == null ? "--precision" : "--image"));
        }
        Table table = changes.read(origin.recipe);
        FineTuneRecipe.refuse(
                table,
                origin.recipe.toString(),
                "isoflop profile",
                "isoflop plan " + origin.recipe + " for its price");
        return Profiling.of(PretrainRecipe.from(table));
    }

    private Profile times(Clock clock, Console console) {
        Measure measure = clock.timed.measure;
        Timing steps =
                new Timing(
                        measure != null && measure.measure ? measure.methods : List.of(),
                        clock.encoders,
                        mode.sized.imageOr224(),
                        clock.batches,
                        mode.sized.precisionOrF32(),
                        seconds(clock));
        Optional<Path> file = Optional.ofNullable(measure == null ? null : measure.out);
        return Profiling.timed(steps, file, console, console);
    }

    private Profile share(Clock clock, Console console) {
        if (clock.encoders.size() > 1 || clock.batches.size() > 1) {
            throw new InputException(
                    "--decoder-share takes one of --encoders and one of --batches, such as"
                            + " --encoders B/16 --batches 4");
        }
        if (picture != null) {
            throw new InputException("--svg has no effect with --decoder-share; leave it out");
        }
        DecoderTiming of =
                DecoderTiming.of(
                        clock.encoders.isEmpty() ? "B/16" : clock.encoders.getFirst(),
                        mode.sized.imageOr224(),
                        clock.batches.isEmpty() ? 4 : clock.batches.getFirst(),
                        mode.sized.precisionOrF32(),
                        seconds(clock));
        return Profiling.decoderShare(of, console, console);
    }

    private static double seconds(Clock clock) {
        if (!(clock.minutes > 0)) {
            throw new InputException(
                    "--minutes is %s; write a time above 0, such as 2".formatted(clock.minutes));
        }
        return clock.minutes * SECONDS;
    }
}
