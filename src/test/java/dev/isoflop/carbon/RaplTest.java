package dev.isoflop.carbon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

final class RaplTest {

    private static final long SECOND = 1_000_000_000L;

    @TempDir private Path folder = Path.of("");
    private Powercap tree = new Powercap(folder);

    @BeforeEach
    void plantTheTree() {
        tree = new Powercap(folder);
    }

    private static double joules(Meter meter, long seconds) {
        Reading reading = meter.read(System.nanoTime() + seconds * SECOND);
        assertThat(reading).isInstanceOf(Reading.Counted.class);
        return ((Reading.Counted) reading).joules();
    }

    private static String lost(Meter meter, long seconds) {
        Reading reading = meter.read(System.nanoTime() + seconds * SECOND);
        assertThat(reading).isInstanceOf(Reading.Lost.class);
        return ((Reading.Lost) reading).why();
    }

    private Meter only() {
        Found found = Rapl.find(folder);
        assertThat(found.absent()).isEmpty();
        assertThat(found.meters()).hasSize(1);
        return found.meters().getFirst();
    }

    @Test
    void aCounterCountsFromWhereItStood() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 5_000_000);
        Meter meter = only();
        assertThat(meter.name()).isEqualTo("package-0");
        assertThat(meter.scope())
                .isEqualTo(
                        "the whole processor package-0, with what other programs on this machine"
                                + " use");
        tree.set("intel-rapl:0", 47_500_000);
        assertThat(joules(meter, 1)).isCloseTo(42.5, within(1e-9));
        assertThat(joules(meter, 2)).isZero();
    }

    @Test
    void aCounterThatWrapsAroundGoesOn() throws IOException {
        tree.zone("intel-rapl:0", "package-0", Powercap.RANGE - 30_000_000);
        Meter meter = only();
        tree.set("intel-rapl:0", 12_000_000);
        assertThat(joules(meter, 1)).isCloseTo(42, within(1e-9));
    }

    @Test
    void aCounterThatBeginsAnewIsNoWrapAround() throws IOException {
        tree.zone("intel-rapl:0", "package-0", Powercap.RANGE / 2);
        Meter meter = only();
        tree.set("intel-rapl:0", 1_000);
        assertThat(lost(meter, 1)).contains("no wrap-around: the counter began anew");
    }

    @Test
    void twoPackagesAndTheirMemoryAreFourMeters() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 0)
                .zone("intel-rapl:0/intel-rapl:0:0", "dram", 0)
                .zone("intel-rapl:1", "package-1", 0)
                .zone("intel-rapl:1/intel-rapl:1:0", "dram", 0);
        assertThat(Rapl.find(folder).meters())
                .extracting(Meter::name)
                .containsExactly("package-0", "package-0 dram", "package-1", "package-1 dram");
    }

    @Test
    void nothingIsCountedTwice() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 0)
                .zone("intel-rapl:0/intel-rapl:0:0", "core", 0)
                .zone("intel-rapl:0/intel-rapl:0:1", "uncore", 0)
                .zone("intel-rapl:0/intel-rapl:0:2", "dram", 0)
                .zone("intel-rapl:0:2", "dram", 0) // Linux shows each subzone here as well
                .zone("intel-rapl:1", "psys", 0)
                .zone("intel-rapl-mmio:0", "package-0", 0);
        assertThat(Rapl.find(folder).meters())
                .extracting(Meter::name)
                .containsExactly("package-0", "package-0 dram");
    }

    @Test
    void aCounterThatOnlyRootReadsSaysHowToOpenIt() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 0);
        Found found =
                Rapl.find(
                        folder,
                        file -> {
                            if (file.endsWith("energy_uj")) {
                                throw new AccessDeniedException(file.toString());
                            }
                            return Files.readString(file);
                        });
        assertThat(found.meters()).isEmpty();
        assertThat(found.absent()).hasSize(1);
        assertThat(found.absent().getFirst().text())
                .startsWith(
                        "package-0: the system lets only root read "
                                + tree.energy("intel-rapl:0")
                                + "; until the next boot, `sudo chmod a+r "
                                + folder
                                + "/intel-rapl:*/energy_uj`")
                .contains("udev rule");
    }

    @Test
    void aMachineWithoutCountersSaysSo() {
        assertThat(Rapl.find(folder).absent().getFirst().why())
                .endsWith("holds no counter of a package (intel-rapl:N)");
        Path nowhere = folder.resolve("nowhere");
        assertThat(Rapl.find(nowhere).absent().getFirst().text())
                .startsWith("processor: there is no " + nowhere);
    }

    @Test
    void aCounterThatVanishesOrHoldsNonsenseIsLost() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 0);
        Meter meter = only();
        Files.writeString(tree.energy("intel-rapl:0"), "soon\n");
        assertThat(lost(meter, 1)).contains("holds no number");
        tree.set("intel-rapl:0", -3);
        assertThat(lost(meter, 2)).contains("says -3: a count is not negative");
        Files.delete(tree.energy("intel-rapl:0"));
        assertThat(lost(meter, 3)).isEqualTo(tree.energy("intel-rapl:0") + " is gone");
        Files.createDirectory(tree.energy("intel-rapl:0"));
        assertThat(lost(meter, 4)).contains("cannot be read");
    }
}
