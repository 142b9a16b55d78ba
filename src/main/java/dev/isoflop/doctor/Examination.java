package dev.isoflop.doctor;

import dev.isoflop.budget.Precision;
import dev.isoflop.carbon.Gpus;
import dev.isoflop.carbon.Meter;
import dev.isoflop.carbon.Metering;
import dev.isoflop.fault.RunException;
import dev.isoflop.run.Machine;
import dev.isoflop.run.Version;
import dev.isoflop.torch.Engine;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.trainer.EnergyMeters;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.pytorch.global.torch;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Looks at a machine, part by part: the system, its disks and meters, then what computes.
final class Examination {

    private static final double GIGA = 1e9;
    private static final long GIBI = 1L << 30;
    private static final Runtime.Version OLDEST = Runtime.Version.parse("25.0.3");

    private final List<Diagnosis.Fact> facts = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    /// What comes of it.
    Diagnosis diagnosis() throws IOException, InterruptedException {
        machine();
        meters();
        try {
            engine();
        } catch (RunException e) {
            complaints.add(String.valueOf(e.getMessage()));
        }
        return new Diagnosis(facts, complaints);
    }

    private void add(String name, Object value) {
        add(name, value, value.toString());
    }

    private void add(String name, Object value, String text) {
        facts.add(new Diagnosis.Fact(name, value, text));
    }

    private void machine() throws IOException {
        add("isoflop", Version.described());
        add("jdk", Machine.java() + " at " + System.getProperty("java.home"));
        if (Runtime.version().compareTo(OLDEST) < 0) {
            complaints.add(
                    "isoflop needs JDK " + OLDEST + " or newer: install it and set JAVA_HOME");
        }
        add("system", Machine.system());
        add("processor", Machine.processor());
        add("cores", Machine.cores());
        add("bf16 in hardware", Machine.has("avx512_bf16") || Machine.has("amx_bf16"));
        Machine.availableMemory()
                .ifPresentOrElse(
                        bytes -> {
                            add("memory available", gibi(bytes));
                            if (bytes < 4 * GIBI) {
                                complaints.add(
                                        "little memory is left ("
                                                + gibi(bytes)
                                                + "): close"
                                                + " programs, or train with a smaller micro-batch");
                            }
                        },
                        () -> add("memory available", "unknown on this system"));
        disk("disk here", Path.of("").toAbsolutePath());
        Path cache = Path.of(System.getProperty("user.home"), ".javacpp", "cache");
        String moved = System.getProperty("org.bytedeco.javacpp.cachedir");
        disk("disk of natives", moved == null ? cache : Path.of(moved));
    }

    /// Energy meters; a machine without one is well: its energy is estimated.
    private void meters() throws InterruptedException {
        try (Metering metering = Metering.start(EnergyMeters.find(Gpus.every(), Map.of()))) {
            Map<String, Double> watts = EnergyMeters.atRest(metering);
            add(
                    "energy",
                    watts.isEmpty()
                            ? "estimated: no meter can be read"
                            : "measured by " + String.join(", ", watts.keySet()));
            for (Meter meter : metering.meters()) {
                add(
                        "meter " + meter.name(),
                        String.format(
                                Locale.ROOT,
                                "%.1f W now; %s (%s)",
                                watts.get(meter.name()),
                                meter.scope(),
                                meter.how()));
            }
            for (int i = 0; i < metering.absent().size(); i++) {
                add("no meter, " + (i + 1), metering.absent().get(i).text());
            }
        }
    }

    private void disk(String name, Path wanted) throws IOException {
        Path place = existing(wanted);
        FileStore store = Files.getFileStore(place);
        add(name, gibi(store.getUsableSpace()) + " free at " + wanted);
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
        add("libtorch", LibTorch.version() + " from " + origin());
        String opencv = Mat.class.getPackage().getImplementationVersion();
        add("opencv", opencv == null ? "of an unknown version" : opencv);
        add("simd", torch.get_cpu_capability().getString());
        add("threads", Engine.threads());
        rate("cpu", "cpu", Precision.F32);
        rate("cpu", "cpu", Precision.BF16);
        boolean gpu = torch.cuda_is_available();
        add("gpu", gpu ? "CUDA" : "none that this build of libtorch can use");
        if (gpu) {
            rate("gpu", "cuda", Precision.F32);
            rate("gpu", "cuda", Precision.BF16);
        }
    }

    private void rate(String name, String device, Precision precision) {
        double rate = Engine.peak(Engine.device(device), precision);
        String format = precision.name().toLowerCase(Locale.ROOT);
        add(
                name + " " + format + " products",
                rate,
                String.format(Locale.ROOT, "%.1f GFLOP/s", rate / GIGA));
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
