package dev.isoflop.profile;

import dev.isoflop.run.Machine;
import dev.isoflop.run.Version;
import dev.isoflop.torch.Engine;

import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The conditions under which something was timed, said with every figure that comes of it: where,
/// when, with which threads, and what else wanted the processor.
///
/// @param processor its own name
/// @param cores that this process may use
/// @param threads of one operator
/// @param load processes that wanted to run, the mean of the minute before; negative where the
///   system does not say
/// @param version of isoflop
/// @param date of the measurement
record TimingConditions(
        String processor, int cores, int threads, double load, String version, LocalDate date) {

    /// This machine as it is; loads the native library.
    public static TimingConditions now(Clock clock) {
        return new TimingConditions(
                Machine.processor(),
                Machine.cores(),
                Engine.threads(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Version.isoflop(),
                LocalDate.now(clock));
    }

    /// What the machine is called.
    public String device() {
        return device(processor, cores);
    }

    public static String device(String processor, int cores) {
        return processor + ", " + counted(cores, "core");
    }

    private static String counted(int n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    /// Whether others want the processor too, so that times are longer than they could be.
    public boolean isShared() {
        return load > cores;
    }

    /// One line.
    public String words() {
        String others =
                load < 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "; load %.1f when it began%s",
                                load,
                                isShared() ? ", so others used the machine too" : "");
        return "%s, %s%s; isoflop %s, %s"
                .formatted(device(), counted(threads, "thread"), others, version, date);
    }

    /// For machines.
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("processor", processor);
        json.put("cores", cores);
        json.put("threads", threads);
        json.put("load", load);
        json.put("isoflop", version);
        json.put("date", date.toString());
        return json;
    }
}
