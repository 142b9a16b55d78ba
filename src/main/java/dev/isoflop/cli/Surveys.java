package dev.isoflop.cli;

import dev.isoflop.budget.DeviceFile;
import dev.isoflop.budget.Precision;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.DurableFiles;
import dev.isoflop.files.Json;
import dev.isoflop.method.Method;
import dev.isoflop.profile.DecoderShares;
import dev.isoflop.profile.DecoderTiming;
import dev.isoflop.profile.EveryMethod;
import dev.isoflop.profile.TimedSteps;
import dev.isoflop.profile.Timing;
import dev.isoflop.profile.TimingConditions;
import dev.isoflop.recipe.Table;
import dev.isoflop.run.Machine;
import dev.isoflop.vit.VitShape;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/// What `isoflop profile` shows of many steps instead of one: all methods of the study by formula,
/// the steps per second of this machine, and the share of a masked autoencoder's decoder.
///
/// No native type stands in a signature here: picocli reads those of every verb at each start.
final class Surveys {

    private static final int LEAST_POINTS = 3; // that a device's file can use
    private static final int BATCH_OF_SHARES = 4;

    /// Options that go with each way; any other has no effect on it.
    private static final Map<String, Set<String>> GO_WITH =
            Map.of(
                    "--all", Set.of("--svg", "--json"),
                    "--measure",
                            Set.of(
                                    "--methods",
                                    "--encoders",
                                    "--batches",
                                    "--image",
                                    "--precision",
                                    "--minutes",
                                    "--out",
                                    "--svg",
                                    "--json"),
                    "--decoder-share",
                            Set.of(
                                    "--encoders",
                                    "--batches",
                                    "--image",
                                    "--precision",
                                    "--minutes",
                                    "--json"));

    @Option(
            names = "--all",
            description =
                    "A step of every method as Koppula et al. 2022 ran it, with ViT-B and ViT-L.")
    private boolean all;

    @Option(
            names = "--measure",
            description =
                    "Time real steps here, of every method: steps per second by FLOPs of a step.")
    private boolean measure;

    @Option(
            names = "--decoder-share",
            description = "Time MAE here: its decoder's share, by mask ratio, with 8 blocks and 1.")
    private boolean decoderShare;

    @Option(
            names = "--methods",
            split = ",",
            paramLabel = "NAME",
            description = "With --measure: which, separated by commas (default: all six).")
    private List<String> methods = new ArrayList<>();

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
            defaultValue = "2",
            description = "With both: time for it, about; large steps may need more (default: 2).")
    private double minutes = 2;

    @Option(
            names = "--out",
            paramLabel = "FILE.yaml",
            description = "With --measure: write or extend a file that plans this machine's hours.")
    private @Nullable Path file;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "With --all and --measure: also a picture.")
    private @Nullable Path svg;

    /// Shows what was asked for, if it was one of these.
    ///
    /// @return whether it was
    boolean shown(CommandSpec spec, Precision precision, int image, boolean json) {
        check(spec);
        if (all) {
            EveryMethod priced = EveryMethod.priced();
            print(spec, json ? Json.text(priced.json()) : priced.text());
            draw(priced::svg);
        } else if (measure) {
            measure(spec, precision, image, json);
        } else if (decoderShare) {
            decoderShare(spec, precision, image, json);
        }
        return all || measure || decoderShare;
    }

    private void check(CommandSpec spec) {
        List<String> given =
                spec.commandLine().getParseResult().matchedOptions().stream()
                        .map(OptionSpec::longestName)
                        .toList();
        List<String> ways = given.stream().filter(GO_WITH::containsKey).toList();
        if (ways.size() > 1) {
            throw new InputException(String.join(" and ", ways) + " are two things; ask for one");
        }
        if (!ways.isEmpty()
                && !spec.commandLine().getParseResult().matchedPositionals().isEmpty()) {
            throw new InputException(
                    "a recipe has no effect with %s; leave it out".formatted(ways.getFirst()));
        }
        for (String option : given) {
            if (ways.isEmpty() && isOnlyOurs(option)) {
                throw new InputException(
                        "%s has no effect without %s; add it, or leave %s out"
                                .formatted(option, String.join(" or ", waysOf(option)), option));
            }
            if (!ways.isEmpty()
                    && !ways.contains(option)
                    && !Objects.requireNonNull(GO_WITH.get(ways.getFirst())).contains(option)) {
                throw new InputException(
                        "%s has no effect with %s; leave it out"
                                .formatted(option, ways.getFirst()));
            }
        }
        if (file != null && !file.toString().matches(".*\\.ya?ml")) {
            throw new InputException(
                    "--out is %s; a device's file ends in .yaml, such as my-machine.yaml"
                            .formatted(file));
        }
        if (!(minutes > 0)) {
            throw new InputException(
                    "--minutes is %s; write a time above 0, such as 2".formatted(minutes));
        }
    }

    private static Set<String> waysOf(String option) {
        Set<String> ways = new TreeSet<>();
        GO_WITH.forEach((way, options) -> {
            if (options.contains(option)) {
                ways.add(way);
            }
        });
        return ways;
    }

    private static boolean isOnlyOurs(String option) {
        return Set.of("--methods", "--encoders", "--batches", "--minutes", "--out", "--svg")
                .contains(option);
    }

    private void measure(CommandSpec spec, Precision precision, int image, boolean json) {
        List<String> of = methods.isEmpty() ? Method.Config.NAMES : methods;
        List<String> with =
                encoders.isEmpty() ? List.of("Ti/32", "Ti/16", "S/16", "B/16") : encoders;
        List<Timing.Case> cases = Timing.cases(of, with, image, batches);
        String name = file == null ? "" : String.valueOf(file.getFileName());
        if (file != null) {
            existing(file, name); // before anything is timed
        }
        PrintWriter err = spec.commandLine().getErr();
        try (Console stop = Console.of(spec)) {
            TimedSteps timed =
                    new Timing(cases, precision, minutes * 60).measured(stop::wanted, err);
            if (file != null && timed.law().isPresent()) {
                DeviceFile whole =
                        existing(file, name)
                                .with(precision, timed.peak(), timed.timed(), timed.here().date());
                DurableFiles.write(file, whole.yaml().getBytes(StandardCharsets.UTF_8));
            }
            print(spec, json ? Json.text(timed.json()) : timed.text());
            if (file != null) {
                err.println(
                        timed.law().isPresent()
                                ? "written to " + file
                                : file
                                        + " is not written: it takes "
                                        + LEAST_POINTS
                                        + " steps of different size");
            }
            draw(timed::svg);
        }
    }

    /// The file that is there, or an empty one.
    private static DeviceFile existing(Path file, String name) {
        String device = TimingConditions.device(Machine.processor(), Machine.cores());
        return Files.exists(file)
                ? DeviceFile.read(Table.read(file), name, device)
                : DeviceFile.empty(name, device);
    }

    private void decoderShare(CommandSpec spec, Precision precision, int image, boolean json) {
        if (encoders.size() > 1 || batches.size() > 1) {
            throw new InputException(
                    "--decoder-share takes one of --encoders and one of --batches, such as"
                            + " --encoders B/16 --batches 4");
        }
        VitShape shape;
        String encoder = encoders.isEmpty() ? "B/16" : encoders.getFirst();
        try {
            shape = VitShape.of(encoder, image);
        } catch (IllegalArgumentException e) {
            throw new InputException("--encoders " + encoder + ": " + e.getMessage(), e);
        }
        int batch = batches.isEmpty() ? BATCH_OF_SHARES : batches.getFirst();
        if (batch < 1) {
            throw new InputException("--batches is " + batch + "; it must be at least 1");
        }
        try (Console stop = Console.of(spec)) {
            DecoderShares shares =
                    new DecoderTiming(shape, batch, precision, minutes * 60)
                            .measured(stop::wanted, spec.commandLine().getErr());
            print(spec, json ? Json.text(shares.json()) : shares.text());
        }
    }

    private static void print(CommandSpec spec, String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }

    private void draw(Supplier<String> picture) {
        if (svg != null) {
            DurableFiles.write(svg, picture.get().getBytes(StandardCharsets.UTF_8));
        }
    }
}
