package dev.isoflop.carbon;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// The meters of a machine while a run goes on: read at every step, and between steps by a thread
/// of their own, so that no counter wraps around unseen.
///
/// A machine is counted once: of several ranks on it only local rank 0 has meters. A meter that
/// stops is not asked again; what it counted before stands.
public final class Metering implements AutoCloseable {

    /// A counter that has not moved for so long has stopped: NVML's moves every tenth of a second,
    /// RAPL's every millisecond.
    private static final double STANDSTILL_SECONDS = 5;

    private static final long MILLIS_BETWEEN = 1_000;
    private static final long MILLIS_BETWEEN_SAMPLES = 100;

    /// What was counted since the last time.
    ///
    /// @param seconds since then
    /// @param joules by meter; none of a meter that stopped
    /// @param lost meters that stopped since then, and why
    public record Since(double seconds, Map<String, Double> joules, Map<String, String> lost) {}

    private final LongSupplier nanos;
    private final List<Needle> needles = new ArrayList<>();
    private final @Nullable ScheduledExecutorService thread;
    private List<Absent> absent;
    private long taken;

    private Metering(Found found, LongSupplier nanos, boolean threaded) {
        this.nanos = nanos;
        absent = found.absent();
        taken = nanos.getAsLong();
        found.meters().forEach(meter -> needles.add(new Needle(meter, taken)));
        if (!threaded || needles.isEmpty()) {
            thread = null;
            return;
        }
        thread =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("meters").factory());
        boolean often = found.meters().stream().anyMatch(Meter::sampled);
        long millis = often ? MILLIS_BETWEEN_SAMPLES : MILLIS_BETWEEN;
        Future<?> _ =
                thread.scheduleAtFixedRate(this::sample, millis, millis, TimeUnit.MILLISECONDS);
    }

    /// Begins to read these meters, which are closed with it.
    public static Metering start(Found found) {
        return new Metering(found, System::nanoTime, true);
    }

    /// The same at a test's own time, without a thread.
    static Metering start(Found found, LongSupplier nanos) {
        return new Metering(found, nanos, false);
    }

    /// The meters that a process may read.
    ///
    /// @param powercap the folder of the processors' counters: [Rapl#POWERCAP]
    /// @param nvml NVIDIA's library: [Nvml#LIBRARY]
    /// @param gpus those to measure
    /// @param environment where `LOCAL_RANK` says whether another process counts this machine
    public static Found find(
            Path powercap, String nvml, Gpus gpus, Map<String, String> environment) {
        int rank = Ranks.of(environment).local();
        if (rank > 0) {
            String why =
                    "this is local rank %d; local rank 0 reads the machine's meters, so that they are counted once"
                            .formatted(rank);
            return new Found(List.of(), List.of(new Absent("machine", why, "")));
        }
        return Rapl.find(powercap).and(Nvml.find(nvml, gpus));
    }

    /// The meters that still count.
    public synchronized List<Meter> meters() {
        return needles.stream().map(needle -> needle.meter).toList();
    }

    /// The meters that there were not from the beginning.
    public synchronized List<Absent> absent() {
        return absent;
    }

    /// Reads every meter.
    synchronized void sample() {
        long now = nanos.getAsLong();
        for (Needle needle : needles) {
            needle.sample(now);
        }
    }

    /// What was counted since the last time this was asked, or since the start.
    public synchronized Since take() {
        sample();
        long now = nanos.getAsLong();
        Map<String, Double> joules = new LinkedHashMap<>();
        Map<String, String> lost = new LinkedHashMap<>();
        for (Needle needle : needles) {
            if (needle.lost == null) {
                joules.put(needle.meter.name(), needle.joules);
                needle.joules = 0;
            } else {
                lost.put(needle.meter.name(), needle.lost);
                needle.meter.close();
            }
        }
        needles.removeIf(needle -> needle.lost != null);
        double seconds = (now - taken) / 1e9;
        taken = now;
        return new Since(seconds, joules, lost);
    }

    /// The power of a machine at rest: of the time since the last [#take], in which nothing may
    /// have been computed. A meter that did not move then is none: some virtual machines show
    /// counters that stand still.
    ///
    /// @return watts by meter
    public synchronized Map<String, Double> idle() {
        Since since = take();
        Map<String, String> dead = new LinkedHashMap<>(since.lost);
        Map<String, Double> watts = new LinkedHashMap<>();
        since.joules.forEach((name, joules) -> {
            if (joules > 0) {
                watts.put(name, joules / since.seconds);
            } else {
                dead.put(name, "its counter stood still for %.1f s".formatted(since.seconds));
            }
        });
        List<Absent> all = new ArrayList<>(absent);
        dead.forEach((name, why) -> all.add(new Absent(name, why, "")));
        absent = List.copyOf(all);
        for (Needle needle : needles) {
            if (dead.containsKey(needle.meter.name())) {
                needle.meter.close();
            }
        }
        needles.removeIf(needle -> dead.containsKey(needle.meter.name()));
        return watts;
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.shutdownNow();
        }
        synchronized (this) {
            needles.forEach(needle -> needle.meter.close());
            needles.clear();
        }
    }

    /// A meter, and where it stands.
    private static final class Needle {

        private final Meter meter;
        private double joules;
        private long moved;
        private @Nullable String lost;

        Needle(Meter meter, long now) {
            this.meter = meter;
            moved = now;
        }

        void sample(long now) {
            if (lost != null) {
                return;
            }
            switch (meter.read(now)) {
                case Reading.Counted counted -> {
                    joules += counted.joules();
                    if (counted.joules() > 0) {
                        moved = now;
                    } else if (now - moved >= STANDSTILL_SECONDS * 1e9) {
                        lost = "its counter stood still for %.0f s".formatted((now - moved) / 1e9);
                    }
                }
                case Reading.Lost gone -> lost = gone.why();
            }
        }
    }
}
