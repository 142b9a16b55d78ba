package dev.isoflop.run;

import com.sun.management.OperatingSystemMXBean;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What this machine is, as its system says.
public final class Machine {

    private Machine() {}

    /// The processor's own name, or its architecture.
    public static String processor() {
        return line(Path.of("/proc/cpuinfo"), "model name")
                .orElse(System.getProperty("os.arch") + " processor");
    }

    public static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    /// Seconds that all threads of this process have had a processor.
    public static double processorSeconds() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
                / 1e9;
    }

    public static String system() {
        return System.getProperty("os.name")
                + " "
                + System.getProperty("os.version")
                + " "
                + System.getProperty("os.arch");
    }

    public static String java() {
        return System.getProperty("java.vm.vendor") + " " + Runtime.version();
    }

    /// Bytes of memory that programs may still take, where the system says so.
    public static Optional<Long> availableMemory() {
        return line(Path.of("/proc/meminfo"), "MemAvailable")
                .map(text -> Long.parseLong(text.replaceAll("[^0-9]", "")) * 1024);
    }

    /// Whether the processor has an instruction set, by the name Linux gives it.
    public static boolean has(String flag) {
        return line(Path.of("/proc/cpuinfo"), "flags")
                .map(flags -> (" " + flags + " ").contains(" " + flag + " "))
                .orElse(false);
    }

    private static Optional<String> line(Path file, String key) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException _) {
            return Optional.empty(); // the file is the system's; without it the fact is unknown
        }
    }
}
