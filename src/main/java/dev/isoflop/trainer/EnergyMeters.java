package dev.isoflop.trainer;

import dev.isoflop.budget.Device;
import dev.isoflop.budget.Devices;
import dev.isoflop.budget.Estimate;
import dev.isoflop.carbon.Absent;
import dev.isoflop.carbon.Conditions;
import dev.isoflop.carbon.Found;
import dev.isoflop.carbon.Gpus;
import dev.isoflop.carbon.Grid;
import dev.isoflop.carbon.Grids;
import dev.isoflop.carbon.Meter;
import dev.isoflop.carbon.Metering;
import dev.isoflop.carbon.Nvml;
import dev.isoflop.carbon.Rapl;
import dev.isoflop.run.Machine;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Provenance;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The electricity of a run: the meters of this machine while it trains, and the figures to reckon
/// with.
///
/// The folder of the processors' counters and NVIDIA's library may be elsewhere, as in a container:
/// `-Disoflop.powercap=FOLDER`, `-Disoflop.nvml=FILE`.
public final class EnergyMeters implements AutoCloseable {

    private static final Duration QUIET = Duration.ofSeconds(1);

    /// Cores of the catalogue's processor, whose power is shared out among them.
    private static final int CATALOGUE_CORES = 32;

    private final Metering metering;
    private final boolean cuda;
    private final Optional<Conditions> cost;

    /// @param cuda whether the run computes on a GPU
    /// @param cost where the recipe says its electricity comes from
    private EnergyMeters(Metering metering, boolean cuda, Optional<Conditions> cost) {
        this.metering = metering;
        this.cuda = cuda;
        this.cost = cost;
    }

    /// Begins to read the meters that are the run's.
    public static EnergyMeters start(boolean cuda, Optional<Conditions> cost) {
        Map<String, String> environment = System.getenv();
        Gpus gpus = cuda ? Gpus.ofRun(environment) : Gpus.none();
        return new EnergyMeters(Metering.start(find(gpus, environment)), cuda, cost);
    }

    /// The meters of this machine.
    public static Found find(Gpus gpus, Map<String, String> environment) {
        return Metering.find(
                Path.of(System.getProperty("isoflop.powercap", Rapl.POWERCAP.toString())),
                System.getProperty("isoflop.nvml", Nvml.LIBRARY),
                gpus,
                environment);
    }

    /// What the meters counted since this was last asked, or since [#electricity].
    public Measurement.Meters take() {
        Metering.Since since = metering.take();
        return new Measurement.Meters(since.seconds(), since.joules(), since.lost());
    }

    /// What a run's provenance says of its electricity. Where there are meters, this takes a
    /// second, in which they are read while nothing computes.
    ///
    /// @param before what it said when the run began, if it is resumed
    public Provenance.Electricity electricity(Provenance.@Nullable Electricity before)
            throws InterruptedException {
        Map<String, Double> idle = atRest(metering);
        List<Provenance.Meter> meters =
                new ArrayList<>(before == null ? List.of() : before.meters());
        for (Meter meter : metering.meters()) {
            if (meters.stream().noneMatch(known -> known.name().equals(meter.name()))) {
                meters.add(
                        new Provenance.Meter(
                                meter.name(),
                                meter.scope(),
                                meter.how(),
                                meter.error().isPresent() ? meter.error().getAsDouble() : null,
                                idle.get(meter.name())));
            }
        }
        if (before != null) {
            return new Provenance.Electricity(
                    meters,
                    before.absent(),
                    before.power(),
                    before.grid(),
                    before.intensity(),
                    before.pue(),
                    before.embodied());
        }
        List<String> absent = metering.absent().stream().map(Absent::text).toList();
        List<String> products = metering.meters().stream().map(Meter::product).toList();
        return figures(cuda, products, cost, meters, absent);
    }

    /// The watts of meters while nothing computes, by name; meters that stand still are given up.
    public static Map<String, Double> atRest(Metering metering) throws InterruptedException {
        if (metering.meters().isEmpty()) {
            return Map.of();
        }
        var _ = metering.take();
        Thread.sleep(QUIET);
        return metering.idle();
    }

    /// The figures to reckon with.
    ///
    /// @param products what the makers call what the meters measure
    public static Provenance.Electricity figures(
            boolean cuda,
            List<String> products,
            Optional<Conditions> cost,
            List<Provenance.Meter> meters,
            List<String> absent) {
        Grid grid = cost.map(Conditions::grid).orElseGet(() -> Grids.named(Grids.WORLD));
        Estimate pue =
                cost.map(Conditions::pue)
                        .or(grid::pue)
                        .orElseGet(() ->
                                Estimate.stated(
                                        "PUE",
                                        1,
                                        "",
                                        "nobody states one here, so none",
                                        "assumed"));
        String where =
                grid.id().equals(Grids.WORLD)
                        ? grid.name() + ", for the recipe names no region"
                        : grid.name();
        Optional<Device> device = cuda ? gpu(products, cost) : Optional.empty();
        return new Provenance.Electricity(
                meters,
                absent,
                cuda ? device.map(EnergyMeters::power).orElse(null) : processor(Machine.cores()),
                where,
                grid.intensity(),
                pue,
                device.flatMap(Device::embodied).map(EnergyMeters::perHour).orElse(null));
    }

    private static @Nullable Estimate power(Device device) {
        return device.power()
                .map(power -> power.mean().named("power of " + device.name()))
                .orElse(null);
    }

    /// The catalogue's device of the GPU's own name; else the recipe's.
    private static Optional<Device> gpu(List<String> products, Optional<Conditions> cost) {
        return Devices.known().all().stream()
                .filter(device ->
                        Stream.concat(Stream.of(device.name()), device.also().stream())
                                .anyMatch(
                                        name -> products.stream().anyMatch(name::equalsIgnoreCase)))
                .findFirst()
                .or(() -> cost.map(Conditions::device));
    }

    /// The power of this machine's processor: that of the catalogue's, by the cores that the system
    /// shows.
    public static Estimate processor(int cores) {
        Estimate whole = Devices.named("cpu").powerOrFault().mean();
        double watts = whole.value() / CATALOGUE_CORES * cores;
        String how =
                "%s W of %d cores, by the %d that the system shows; half if two of them share one"
                        .formatted(Estimate.plain(whole.value()), CATALOGUE_CORES, cores);
        return Estimate.stated(
                        "power of the processor", watts, "W", how, String.valueOf(whole.source()))
                .within(watts / 2, watts);
    }

    private static Estimate perHour(Device.Embodied made) {
        return Estimate.stated(
                "embodied",
                made.kilograms() / made.hours(),
                "kg CO2e/h",
                "%s kg of one device, spread over %s hours"
                        .formatted(Estimate.plain(made.kilograms()), Estimate.plain(made.hours())),
                made.source());
    }

    @Override
    public void close() {
        metering.close();
    }
}
