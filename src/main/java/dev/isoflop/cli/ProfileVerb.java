package dev.isoflop.cli;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Json;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.method.Method;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.profile.ExecutedTable;
import dev.isoflop.profile.FlameGraph;
import dev.isoflop.profile.ScaledStep;
import dev.isoflop.profile.TracedStep;
import dev.isoflop.recipe.Table;
import dev.isoflop.vit.VitShape;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `isoflop profile`: what a method costs, by formula and, with `--trace`, by what really ran.
@Command(
        name = "profile",
        description = "Parameters and FLOPs of a method: per image and step, forward and backward.",
        mixinStandardHelpOptions = true,
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

    private static final int AT_ONCE = 8; // images, where a real step runs
    private static final int CLASSES = 1000; // of ImageNet, where none are given

    @Option(
            names = "--method",
            defaultValue = "mae",
            description = "mae, dino, simclr, byol, clip or supervised (default: mae).")
    private String method = "mae";

    @Option(
            names = "--encoder",
            defaultValue = "B/16",
            description = "Ti/16, S/16, B/16, L/16, H/14, or any patch (default: B/16).")
    private String encoder = "B/16";

    @Option(
            names = "--image",
            defaultValue = "224",
            description = "Side of the image in pixels (default: 224).")
    private int image;

    @Option(names = "--batch", defaultValue = "256", description = "Images a step (default: 256).")
    private int batch;

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            description = {
                "Images at once (default: with --trace up to 8, else the recipe's or the batch)."
            })
    private @Nullable Integer microBatch;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RECIPE",
            description = "A recipe whose step is profiled, in place of the options above.")
    private @Nullable Path recipe;

    @Mixin private RecipeOptions changes = new RecipeOptions();

    @Option(names = "--trace", description = "Run one real step and count what it executed.")
    private boolean trace;

    @Option(
            names = "--chakra",
            paramLabel = "FILE",
            description = "With --trace: also keep the execution trace (MLCommons Chakra JSON).")
    private @Nullable Path chakra;

    @Option(
            names = "--precision",
            defaultValue = "f32",
            description = "Of the executed step: f32 or bf16 (default: f32).")
    private Precision precision = Precision.F32;

    @Option(
            names = "--device",
            paramLabel = "meta",
            description = "meta: the executed bill of a step of any size, which is not run.")
    private @Nullable String device;

    @Option(
            names = "--flame",
            paramLabel = "FILE",
            description = "With --trace or --device meta: a picture of where FLOPs go, an SVG.")
    private @Nullable Path flame;

    @Mixin private Surveys surveys = new Surveys();

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (surveys.shown(spec, precision, image, json)) {
            return 0;
        }
        check();
        TracedStep step = recipe == null ? asOptionsSay() : asRecipeSays(recipe);
        Work perImage = perImage(step);
        Optional<ExecutedTable> executed = executed(step);
        PrintWriter out = spec.commandLine().getOut();
        if (flame != null && executed.isPresent()) {
            TracedStep of = executed.get().step();
            String title =
                    "%s, %s, images of %d, %,d a step"
                            .formatted(
                                    of.config().name(),
                                    of.shape().name(),
                                    of.shape().image(),
                                    of.batch());
            String picture = FlameGraph.of(executed.get().executed().bill(), title);
            DurableFiles.write(flame, picture.getBytes(StandardCharsets.UTF_8));
        }
        if (json) {
            out.println(Json.text(json(step, perImage, executed)));
        } else {
            print(out, step, perImage);
            executed.ifPresent(table -> table.print(out));
        }
        out.flush();
        return 0;
    }

    private void check() {
        if (device != null && !device.equalsIgnoreCase("meta")) {
            throw new InputException(
                    "--device is " + device + "; write meta, or --trace to run a real step here");
        }
        if (trace && device != null) {
            throw new InputException(
                    "--trace runs a real step and --device meta does not: write one of them");
        }
        if (chakra != null && !trace) {
            throw new InputException("--chakra keeps the trace of a real step: add --trace");
        }
        if (flame != null && !trace && device == null) {
            throw new InputException(
                    "--flame shows what a step executed: add --trace or --device meta");
        }
        if (recipe != null) {
            for (String name :
                    List.of("--method", "--encoder", "--image", "--batch", "--precision")) {
                if (spec.commandLine().getParseResult().hasMatchedOption(name)) {
                    throw new InputException(
                            "%s is the recipe's to say; change it with --set, such as --set batch=64"
                                    .formatted(name));
                }
            }
        }
    }

    private Optional<ExecutedTable> executed(TracedStep step) {
        if (device != null) {
            String how = "scaled from tiny real steps";
            return Optional.of(new ExecutedTable(ScaledStep.of(step), step, how));
        }
        return trace
                ? Optional.of(
                        new ExecutedTable(
                                step.executed(Optional.ofNullable(chakra)), step, "traced"))
                : Optional.empty();
    }

    private TracedStep asOptionsSay() {
        if (batch < 1) {
            throw new InputException("--batch is " + batch + "; it must be at least 1");
        }
        Method.Config config = config();
        int usual = trace ? Math.min(batch, AT_ONCE) : batch;
        return new TracedStep(
                config, shape(), batch, atOnce(batch, usual), precision, config.optimisation());
    }

    private TracedStep asRecipeSays(Path file) throws Exception {
        Table table = changes.read(file);
        FineTuneRecipe.refuse(
                table,
                file.toString(),
                "isoflop profile",
                "isoflop plan " + file + " for its price");
        PretrainRecipe read = PretrainRecipe.from(table).complete();
        return new TracedStep(
                read.method(),
                read.encoder(),
                read.batch(),
                atOnce(read.batch(), read.microBatch()),
                read.precision(),
                read.settings().optimisation());
    }

    private int atOnce(int images, int usual) {
        int wanted = microBatch == null ? usual : microBatch;
        if (wanted < 1 || wanted > images) {
            throw new InputException(
                    "--micro-batch is %d; it must lie between 1 and the batch, %d"
                            .formatted(wanted, images));
        }
        return wanted;
    }

    private Method.Config config() {
        Table table = Table.parse("--method", "name: " + method + "\n");
        for (String change : changes.changes()) {
            int equals = change.indexOf('=');
            if (equals < 1) {
                throw new InputException("--set " + change + "; write --set key=value");
            }
            String key = change.substring(0, equals);
            String inMethod = key.startsWith("method.") ? key.substring("method.".length()) : key;
            table = table.with(inMethod, change.substring(equals + 1));
        }
        Method.Config config = Method.Config.from(table).withClasses(CLASSES);
        table.done();
        return config;
    }

    private static Work perImage(TracedStep step) {
        try {
            return step.config().perImage(step.shape(), step.batch());
        } catch (IllegalArgumentException e) {
            throw new InputException("--method " + step.config().name() + ": " + e.getMessage(), e);
        }
    }

    private VitShape shape() {
        try {
            return VitShape.of(encoder, image);
        } catch (IllegalArgumentException e) {
            throw new InputException("--encoder " + encoder + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> json(
            TracedStep step, Work perImage, Optional<ExecutedTable> executed) {
        Map<String, BigInteger> parts = new LinkedHashMap<>();
        for (Work direction : perImage.parts()) {
            for (Work part : direction.parts()) {
                parts.merge(part.name(), part.flops(), BigInteger::add);
            }
        }
        Map<String, Object> matmul = new LinkedHashMap<>();
        matmul.put("perImage", perImage.flops());
        matmul.put("perStep", step.price());
        matmul.put("forward", perImage.of("forward"));
        matmul.put("backward", perImage.of("backward"));
        matmul.put("parts", parts);
        executed.ifPresent(t -> {
            matmul.put("traced", t.executed().bill().total().cost().matmul());
            matmul.put("again", step.again()); // of the traced: forward passes of a cut batch
        });
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("unit", "FLOP");
        flops.put("scope", "total; forward, backward and parts are per image");
        flops.put("matmul", matmul);
        executed.ifPresent(t -> flops.put("executed", t.json()));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("method", step.config().name());
        root.put("encoder", step.shape().name());
        root.put("image", step.shape().image());
        root.put("batch", step.batch());
        root.put("parameters", step.config().parameters(step.shape()));
        root.put("encoderParameters", step.shape().parameters());
        root.put("flops", flops);
        root.put("derivation", perImage);
        return root;
    }

    private static void print(PrintWriter out, TracedStep step, Work perImage) {
        out.printf(
                Locale.ROOT,
                """
                %s, %s, images of %d, %d a step
                parameters  %,d, of these %,d in the encoder (fixed positions included)
                per image   %,d FLOP: forward %,d, backward %,d
                per step    %,d FLOP = %s
                convention  matmul, total over all devices, multiply-add = 2

                %s
                """,
                step.config().name(),
                step.shape().name(),
                step.shape().image(),
                step.batch(),
                step.config().parameters(step.shape()),
                step.shape().parameters(),
                perImage.flops(),
                perImage.of("forward"),
                perImage.of("backward"),
                step.price(),
                Work.readable(step.price()),
                perImage.explain());
    }
}
