package dev.isoflop.carbon;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// The energy of one NVIDIA GPU, its memory and the rest of its board included, as the driver's
/// management library (NVML) reports it.
///
/// Volta and later count millijoules since the driver was loaded; the counter moves every 20 to 100
/// ms. Of older ones the power is read ten times a second and integrated: the mean of two readings
/// for the time between them.
public final class Nvml implements Meter {

    /// The library that NVIDIA's driver brings.
    public static final String LIBRARY = "libnvidia-ml.so.1";

    /// NVIDIA states it for power readings of Fermi and Kepler, and nothing newer (NVML API
    /// reference, nvmlDeviceGetPowerUsage).
    private static final double ERROR = 0.05;

    /// No GPU draws as much: more is a counter that began anew.
    private static final double HIGHEST_WATTS = 10_000;

    private static final String IDENTIFIER = "GPU ";

    /// Starts the library, or says why it cannot; each meter has a use of its own, for NVML counts
    /// its users.
    interface Opener {
        NvmlLibrary open() throws NvmlException;
    }

    private final NvmlLibrary library;
    private final long gpu;
    private final String name;
    private final String product;
    private final String scope;
    private final boolean counts; // energy; else it only knows its power
    private long last; // mJ or mW
    private long lastNanos;

    private Nvml(Opener opener, String which, boolean sure) throws NvmlException {
        library = opener.open();
        try {
            gpu = handle(library, which);
            name = "gpu-" + which;
            product = library.name(gpu);
            scope = scope(product, which, sure);
            counts = counts(library, gpu);
            last = value();
            lastNanos = System.nanoTime();
        } catch (NvmlException e) {
            library.close();
            throw e;
        }
    }

    /// The GPUs that are asked for.
    ///
    /// @param library its name or path
    /// @param gpus those of a run, or all
    public static Found find(String library, Gpus gpus) {
        return find(() -> NvmlBinding.open(library), gpus);
    }

    static Found find(Opener opener, Gpus gpus) {
        List<Meter> meters = new ArrayList<>();
        List<Absent> absent = new ArrayList<>();
        int there = 0;
        if (gpus.all() || !gpus.chosen().isEmpty()) {
            try (NvmlLibrary library = opener.open()) {
                there = library.count();
            } catch (NvmlException e) {
                absent.add(new Absent("GPU", text(e), "NVIDIA's driver brings the library"));
                return new Found(meters, absent);
            }
        }
        List<String> wanted =
                gpus.all()
                        ? IntStream.range(0, there).mapToObj(String::valueOf).toList()
                        : gpus.chosen();
        boolean sure = gpus.ordered() || there == 1;
        for (String which : wanted) {
            try {
                meters.add(new Nvml(opener, which, sure));
            } catch (NvmlException e) {
                absent.add(new Absent(IDENTIFIER + which, text(e), ""));
            }
        }
        if (gpus.hidden() > 0) {
            absent.add(
                    new Absent(
                            "GPUs of other local ranks",
                            "CUDA_VISIBLE_DEVICES hides %d of them from the rank that reads the meters"
                                    .formatted(gpus.hidden()),
                            "let local rank 0 see the GPUs of all ranks of its machine"));
        }
        return new Found(meters, absent);
    }

    private static long handle(NvmlLibrary library, String which) throws NvmlException {
        return which.matches("\\d{1,9}")
                ? library.byIndex(Integer.parseInt(which))
                : library.byIdentifier(which);
    }

    private static boolean counts(NvmlLibrary library, long gpu) throws NvmlException {
        try {
            return library.millijoules(gpu) >= 0;
        } catch (NvmlException e) {
            if (e.code() == NvmlLibrary.NOT_SUPPORTED) {
                return false;
            }
            throw e;
        }
    }

    private static String scope(String product, String which, boolean sure) {
        String order =
                sure || !which.matches("\\d+")
                        ? ""
                        : " (number "
                                + which
                                + " on the PCI bus; CUDA may count otherwise unless"
                                + " CUDA_DEVICE_ORDER is PCI_BUS_ID)";
        return "the whole board of " + product + order + ", with what other programs use";
    }

    private static String text(NvmlException e) {
        return String.valueOf(e.getMessage());
    }

    private long value() throws NvmlException {
        return counts ? library.millijoules(gpu) : library.milliwatts(gpu);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String product() {
        return product;
    }

    @Override
    public String scope() {
        return scope;
    }

    @Override
    public String how() {
        return counts
                ? "NVML, the driver's count of millijoules"
                : "NVML, the power read ten times a second and integrated";
    }

    @Override
    public OptionalDouble error() {
        return OptionalDouble.of(ERROR);
    }

    @Override
    public boolean sampled() {
        return !counts;
    }

    @Override
    public Reading read(long nanos) {
        long now;
        try {
            now = value();
        } catch (NvmlException e) {
            return new Reading.Lost(text(e));
        }
        double seconds = (nanos - lastNanos) / 1e9;
        double joules = counts ? (now - last) / 1e3 : (now + last) / 2e3 * seconds;
        if (now < 0 || joules < 0 || joules / Math.max(1, seconds) > HIGHEST_WATTS) {
            return new Reading.Lost(
                    "its counter went from %d to %d: the driver was reset, and it began anew"
                            .formatted(last, now));
        }
        last = now;
        lastNanos = nanos;
        return new Reading.Counted(joules);
    }

    @Override
    public void close() {
        library.close();
    }
}
