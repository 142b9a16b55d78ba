package dev.isoflop.carbon;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The energy counter of one processor package, or of the memory beside it, as Linux shows it.
///
/// Intel's *Running Average Power Limit* (Intel 64 and IA-32 Architectures Software Developer's
/// Manual, volume 3B, chapter on power and thermal management), which AMD has since Zen, read
/// through the kernel's [power capping
/// framework](https://docs.kernel.org/power/powercap/powercap.html): `energy_uj` counts microjoules
/// and begins again at 0 after `max_energy_range_uj`.
///
/// Counted are the zones named `package-N`, and the `dram` zone below each, which the package's own
/// counter leaves out. Not counted are `core` and `uncore`, which are parts of the package, nor
/// `psys`: it holds the packages already, few machines have it, and what else it holds depends on
/// how the maker wired it. Nor the zones of `intel-rapl-mmio`: the same counters by another way.
public final class Rapl implements Meter {

    /// Where Linux shows the counters.
    public static final Path POWERCAP = Path.of("/sys/class/powercap");

    /// No package draws as much: more is no wrap-around but a counter that began anew.
    private static final double HIGHEST_WATTS = 5_000;

    private static final Pattern ZONE = Pattern.compile("intel-rapl:\\d+");
    private static final Pattern SUBZONE = Pattern.compile("intel-rapl:\\d+:\\d+");
    private static final String ENERGY = "energy_uj";

    /// Reads the files of a folder: the system's, or a test's.
    interface Reader {
        String text(Path file) throws IOException;
    }

    private final String name;
    private final String scope;
    private final Path energy;
    private final double range; // microjoules
    private final Reader reader;
    private double last; // microjoules
    private long lastNanos;

    private Rapl(String name, String scope, Path folder, Reader reader) throws IOException {
        this.name = name;
        this.scope = scope;
        this.reader = reader;
        energy = folder.resolve(ENERGY);
        range = number(folder.resolve("max_energy_range_uj"));
        last = number(energy);
        lastNanos = System.nanoTime();
    }

    /// The counters below a folder of the power capping framework.
    ///
    /// @param powercap [#POWERCAP], or a tree like it
    public static Found find(Path powercap) {
        return find(powercap, Files::readString);
    }

    static Found find(Path powercap, Reader reader) {
        List<Meter> meters = new ArrayList<>();
        List<Absent> absent = new ArrayList<>();
        for (Path zone : below(powercap, ZONE)) {
            name(zone, reader)
                    .filter(name -> name.startsWith("package"))
                    .ifPresent(name -> {
                        String scope = "the whole processor " + name;
                        open(name, scope, zone, reader, powercap, meters, absent);
                        for (Path part : below(zone, SUBZONE)) {
                            if (name(part, reader).filter("dram"::equals).isPresent()) {
                                String memory = "the memory of processor " + name;
                                String both = name + " dram";
                                open(both, memory, part, reader, powercap, meters, absent);
                            }
                        }
                    });
        }
        if (meters.isEmpty() && absent.isEmpty()) {
            absent.add(none(powercap));
        }
        return new Found(meters, absent);
    }

    private static Absent none(Path powercap) {
        String why =
                Files.isDirectory(powercap)
                        ? powercap + " holds no counter of a package (intel-rapl:N)"
                        : "there is no " + powercap;
        return new Absent(
                "processor",
                why,
                "on a machine of your own with Linux, `sudo modprobe intel_rapl_msr` may bring it;"
                        + " virtual machines and containers seldom have it");
    }

    private static void open(
            String name,
            String scope,
            Path zone,
            Reader reader,
            Path powercap,
            List<Meter> meters,
            List<Absent> absent) {
        try {
            meters.add(
                    new Rapl(
                            name,
                            scope + ", with what other programs on this machine use",
                            zone,
                            reader));
        } catch (AccessDeniedException _) {
            absent.add(
                    new Absent(
                            name,
                            "the system lets only root read " + zone.resolve(ENERGY),
                            "until the next boot, `sudo chmod a+r %s/intel-rapl:*/energy_uj` opens it to all programs (they could then guess at each other's secrets: CVE-2020-8694); a udev rule keeps it open"
                                    .formatted(powercap)));
        } catch (IOException | NumberFormatException e) {
            absent.add(new Absent(name, why(e, zone.resolve(ENERGY)), ""));
        }
    }

    private static List<Path> below(Path folder, Pattern names) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> names.matcher(entry.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        } catch (IOException _) {
            return List.of(); // a folder that cannot be listed shows no counter
        }
    }

    private static Optional<String> name(Path zone, Reader reader) {
        try {
            return Optional.of(reader.text(zone.resolve("name")).strip());
        } catch (IOException _) {
            return Optional.empty(); // nothing can be said of a zone without a name
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String product() {
        return "processor";
    }

    @Override
    public String scope() {
        return scope;
    }

    @Override
    public String how() {
        return "RAPL, " + energy;
    }

    /// Neither Intel nor AMD says.
    @Override
    public OptionalDouble error() {
        return OptionalDouble.empty();
    }

    @Override
    public boolean sampled() {
        return false;
    }

    @Override
    public Reading read(long nanos) {
        double now;
        try {
            now = number(energy);
        } catch (IOException | NumberFormatException e) {
            return new Reading.Lost(why(e, energy));
        }
        if (now < 0) {
            return new Reading.Lost("%s says %.0f: a count is not negative".formatted(energy, now));
        }
        double counted = now < last ? now - last + range : now - last;
        double seconds = Math.max(1, (nanos - lastNanos) / 1e9);
        if (counted < 0 || counted / 1e6 / seconds > HIGHEST_WATTS) {
            return new Reading.Lost(
                    "%s went from %.0f to %.0f, which is no wrap-around: the counter began anew"
                            .formatted(energy, last, now));
        }
        last = now;
        lastNanos = nanos;
        return new Reading.Counted(counted / 1e6);
    }

    private double number(Path file) throws IOException {
        return Long.parseLong(reader.text(file).strip());
    }

    private static String why(Exception e, Path file) {
        return switch (e) {
            case NoSuchFileException _ -> file + " is gone";
            case AccessDeniedException _ -> file + " may not be read any more";
            case NumberFormatException _ -> file + " holds no number: " + e.getMessage();
            default -> file + " cannot be read: " + e.getMessage();
        };
    }

    /// Nothing is held open.
    @Override
    public void close() {}
}
