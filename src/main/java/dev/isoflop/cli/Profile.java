package dev.isoflop.cli;

import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Work;
import dev.isoflop.fault.InputException;
import dev.isoflop.method.Method;
import dev.isoflop.recipe.Table;
import dev.isoflop.torch.Cost;
import dev.isoflop.torch.Trace;
import dev.isoflop.vit.VitShape;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.math.BigInteger;
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
            "With --trace one real step runs; its matrix products must equal the formula exactly."
        })
final class Profile implements Callable<Integer> {

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
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting of the method, such as --set mask-ratio=0.85.")
    private List<String> changes = List.of();

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
            description = "With --trace: f32 or bf16 (default: f32).")
    private Precision precision = Precision.F32;

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Method.Config config = config();
        VitShape shape = shape();
        if (batch < 1) {
            throw new InputException("--batch is " + batch + "; it must be at least 1");
        }
        Work perImage = perImage(config, shape);
        Rehearsal step = new Rehearsal(config, shape, batch, precision, chakra);
        Work again = step.atOnce() < batch ? config.again(shape) : Work.none("again");
        Optional<Trace> traced = trace ? Optional.of(step.trace()) : Optional.empty();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.write(json(config, shape, perImage, traced, again)));
        } else {
            print(out, config, shape, perImage, traced, again);
        }
        out.flush();
        return 0;
    }

    private Method.Config config() {
        Table table = Table.parse("--method", "name: " + method + "\n");
        for (String change : changes) {
            int equals = change.indexOf('=');
            if (equals < 1) {
                throw new InputException("--set " + change + "; write --set key=value");
            }
            String key = change.substring(0, equals);
            String inMethod = key.startsWith("method.") ? key.substring("method.".length()) : key;
            table = table.with(inMethod, change.substring(equals + 1));
        }
        Method.Config config = Recipe.withClasses(Recipe.method(table), CLASSES);
        table.done();
        return config;
    }

    private Work perImage(Method.Config config, VitShape shape) {
        try {
            return config.perImage(shape, batch);
        } catch (IllegalArgumentException e) {
            throw new InputException("--method " + method + ": " + e.getMessage(), e);
        }
    }

    private VitShape shape() {
        try {
            return VitShape.of(encoder, image);
        } catch (IllegalArgumentException e) {
            throw new InputException("--encoder " + encoder + ": " + e.getMessage(), e);
        }
    }

    private Map<String, Object> json(
            Method.Config config,
            VitShape shape,
            Work perImage,
            Optional<Trace> traced,
            Work again) {
        Map<String, BigInteger> parts = new LinkedHashMap<>();
        for (Work direction : perImage.parts()) {
            for (Work part : direction.parts()) {
                parts.merge(part.name(), part.flops(), BigInteger::add);
            }
        }
        Map<String, Object> matmul = new LinkedHashMap<>();
        matmul.put("perImage", perImage.flops());
        matmul.put("perStep", perStep(perImage));
        matmul.put("forward", perImage.of("forward"));
        matmul.put("backward", perImage.of("backward"));
        matmul.put("parts", parts);
        traced.ifPresent(t -> {
            matmul.put("traced", t.total().matmul());
            matmul.put("again", perStep(again)); // of the traced: forward passes of a cut batch
        });
        Map<String, Object> flops = new LinkedHashMap<>();
        flops.put("unit", "FLOP");
        flops.put("scope", "total; forward, backward and parts are per image");
        flops.put("matmul", matmul);
        traced.ifPresent(t -> flops.put("executed", executed(t)));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("method", config.name());
        root.put("encoder", shape.name());
        root.put("image", shape.image());
        root.put("batch", batch);
        root.put("parameters", config.parameters(shape));
        root.put("encoderParameters", shape.parameters());
        root.put("flops", flops);
        root.put("derivation", perImage);
        return root;
    }

    private static Map<String, Object> executed(Trace trace) {
        Cost total = trace.total();
        Map<String, Object> executed = new LinkedHashMap<>();
        executed.put("matmul", total.matmul());
        executed.put("elementwise", total.elementwise());
        executed.put("transcendental", total.transcendental());
        return executed;
    }

    private BigInteger perStep(Work perImage) {
        return perImage.flops().multiply(BigInteger.valueOf(batch));
    }

    private void print(
            PrintWriter out,
            Method.Config config,
            VitShape shape,
            Work perImage,
            Optional<Trace> traced,
            Work again) {
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
                config.name(),
                shape.name(),
                shape.image(),
                batch,
                config.parameters(shape),
                shape.parameters(),
                perImage.flops(),
                perImage.of("forward"),
                perImage.of("backward"),
                perStep(perImage),
                Work.readable(perStep(perImage)),
                perImage.explain());
        traced.ifPresent(t -> printTrace(out, t, perStep(perImage), perStep(again)));
    }

    private static void printTrace(
            PrintWriter out, Trace trace, BigInteger price, BigInteger again) {
        out.printf(
                Locale.ROOT,
                "%nexecuted by one step (traced)%n%-44s %8s %20s %18s %18s%n",
                "operator",
                "calls",
                "matmul FLOP",
                "element-wise",
                "transcendental");
        trace.table()
                .forEach((operator, row) ->
                        out.printf(
                                Locale.ROOT,
                                "%-44s %,8d %,20d %,18d %,18d%n",
                                operator,
                                row.calls(),
                                row.cost().matmul(),
                                row.cost().elementwise(),
                                row.cost().transcendental()));
        long matmul = trace.total().matmul();
        BigInteger all = price.add(again);
        out.printf(
                Locale.ROOT,
                "traced      %,d FLOP of matrix products; the formula says %,d%s: %s%n",
                matmul,
                price,
                again.signum() == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " and %,d of forward passes that ran again, the batch being cut",
                                again),
                BigInteger.valueOf(matmul).equals(all) ? "equal" : "NOT EQUAL, a defect");
    }
}
