package dev.isoflop.cli;

import dev.isoflop.budget.Precision;
import dev.isoflop.carbon.Gpus;
import dev.isoflop.carbon.Meter;
import dev.isoflop.carbon.Metering;
import dev.isoflop.fault.RunException;
import dev.isoflop.files.Json;
import dev.isoflop.run.Machine;
import dev.isoflop.run.Version;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.trainer.EnergyMeters;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.pytorch.global.torch;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/// `isoflop doctor`: what this machine has, how fast it multiplies matrices, and what is wrong.
@Command(
        name = "doctor",
        description = "What this machine has, how fast it is, and how to mend what is wrong.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  isoflop doctor --json",
            "",
            "Rates are the highest of square matrix products of side 2048 seen within 0.7 s."
        })
final class DoctorVerb implements Callable<Integer> {

    private static final double GIGA = 1e9;
    private static final long GIBI = 1L << 30;
    private static final Runtime.Version OLDEST = Runtime.Version.parse("25.0.3");

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final List<String> complaints = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        machine();
        meters();
        try {
            engine();
        } catch (RunException e) {
            complaints.add(String.valueOf(e.getMessage()));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>(facts);
            all.put("complaints", complaints);
            out.println(Json.text(all));
        } else {
            facts.forEach((name, fact) -> out.printf("%-24s %s%n", name, fact));
            complaints.forEach(complaint -> out.println("! " + complaint));
            out.println(complaints.isEmpty() ? "all is well" : complaints.size() + " to mend");
        }
        out.flush();
        return complaints.isEmpty() ? 0 : Isoflop.FAILED;
    }

    private void machine() throws IOException {
        facts.put("isoflop", Version.described());
        facts.put("jdk", Machine.java() + " at " + System.getProperty("java.home"));
        if (Runtime.version().compareTo(OLDEST) < 0) {
            complaints.add(
                    "isoflop needs JDK " + OLDEST + " or newer: install it and set JAVA_HOME");
        }
        facts.put("system", Machine.system());
        facts.put("processor", Machine.processor());
        facts.put("cores", Machine.cores());
        facts.put("bf16 in hardware", Machine.has("avx512_bf16") || Machine.has("amx_bf16"));
        Machine.availableMemory()
                .ifPresentOrElse(
                        bytes -> {
                            facts.put("memory available", gibi(bytes));
                            if (bytes < 4 * GIBI) {
                                complaints.add(
                                        "little memory is left ("
                                                + gibi(bytes)
                                                + "): close"
                                                + " programs, or train with a smaller micro-batch");
                            }
                        },
                        () -> facts.put("memory available", "unknown on this system"));
        disk("disk here", Path.of("").toAbsolutePath());
        Path cache = Path.of(System.getProperty("user.home"), ".javacpp", "cache");
        String moved = System.getProperty("org.bytedeco.javacpp.cachedir");
        disk("disk of natives", moved == null ? cache : Path.of(moved));
    }

    /// Energy meters; a machine without one is well: its energy is estimated.
    private void meters() throws InterruptedException {
        try (Metering metering = Metering.start(EnergyMeters.find(Gpus.every(), Map.of()))) {
            Map<String, Double> watts = EnergyMeters.atRest(metering);
            facts.put(
                    "energy",
                    watts.isEmpty()
                            ? "estimated: no meter can be read"
                            : "measured by " + String.join(", ", watts.keySet()));
            for (Meter meter : metering.meters()) {
                facts.put(
                        "meter " + meter.name(),
                        String.format(
                                Locale.ROOT,
                                "%.1f W now; %s (%s)",
                                watts.get(meter.name()),
                                meter.scope(),
                                meter.how()));
            }
            for (int i = 0; i < metering.absent().size(); i++) {
                facts.put("no meter, " + (i + 1), metering.absent().get(i).text());
            }
        }
    }

    private void disk(String name, Path wanted) throws IOException {
        Path place = existing(wanted);
        FileStore store = Files.getFileStore(place);
        facts.put(name, gibi(store.getUsableSpace()) + " free at " + wanted);
        if (store.getUsableSpace() < GIBI) {
            complaints.add(
                    name
                            + ": less than 1 GiB is free at "
                            + wanted
                            + "; make room, or move it with"
                            + " -Dorg.bytedeco.javacpp.cachedir=FOLDER (natives) or --out (runs)");
        }
        if (!Files.isWritable(place)) {
            complaints.add(name + ": " + place + " cannot be written; change its permissions");
        }
    }

    /// The folder itself, or the nearest one above it that is there.
    private static Path existing(Path folder) {
        Path parent = folder.getParent();
        return Files.exists(folder) || parent == null ? folder : existing(parent);
    }

    private void engine() {
        LibTorch.load();
        facts.put("libtorch", LibTorch.version() + " from " + origin());
        facts.put("opencv", Mat.class.getPackage().getImplementationVersion());
        facts.put("simd", torch.get_cpu_capability().getString());
        facts.put("threads", Engine.threads());
        rate("cpu", "cpu", Precision.F32);
        rate("cpu", "cpu", Precision.BF16);
        boolean gpu = torch.cuda_is_available();
        facts.put("gpu", gpu ? "CUDA" : "none that this build of libtorch can use");
        if (gpu) {
            rate("gpu", "cuda", Precision.F32);
            rate("gpu", "cuda", Precision.BF16);
        }
    }

    /// No native type stands in a signature here: picocli reads those of every verb at each start.
    private void rate(String name, String device, Precision precision) {
        double rate = Engine.peak(Engine.device(device), precision);
        String format = precision.name().toLowerCase(Locale.ROOT);
        facts.put(
                name + " " + format + " products",
                json ? rate : String.format(Locale.ROOT, "%.1f GFLOP/s", rate / GIGA));
    }

    /// The file that libtorch was unpacked to, or found at.
    private static String origin() {
        String file = Loader.load(torch.class);
        return file == null ? "an unknown place" : new File(file).getParent();
    }

    private static String gibi(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIBI);
    }
}
