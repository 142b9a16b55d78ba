package dev.isoflop.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The file of a machine that was measured.
class DeviceFileTest {

    private static final String NAME = "My \"CPU\": 2 GHz #1, 2 cores";
    private static final String FILE = "My Machine.yaml";
    private static final LocalDate DAY = LocalDate.of(2026, 11, 26);
    private static final Device.Timed STEPS = timed("two: steps # and one", 1e9, 2e10, 4e11);

    @TempDir private Path folder = Path.of("");

    private static Device.Timed timed(String how, double... flops) {
        return new Device.Timed(
                Arrays.stream(flops).mapToObj(f -> new PowerLaw.Point(f, 1e11 / f)).toList(), how);
    }

    private static DeviceFile measured() {
        return DeviceFile.empty(FILE, NAME).with(Precision.F32, 123.44e9, STEPS, DAY);
    }

    private Device named(String yaml) throws IOException {
        return Devices.named(Files.writeString(folder.resolve(FILE), yaml).toString());
    }

    private static DeviceFile read(String yaml) {
        return DeviceFile.read(Table.parse(FILE, yaml), FILE, NAME);
    }

    @Test
    void aMachineThatWasMeasuredIsADeviceByTheNameOfItsFile() throws IOException {
        Device device = named(measured().yaml());
        assertThat(device.id()).isEqualTo("my-machine");
        assertThat(device.name()).isEqualTo(NAME);
        assertThat(device.peak()).containsOnlyKeys(Precision.F32);
        assertThat(device.peak().get(Precision.F32)).isCloseTo(123.4e9, within(1.0));
        assertThat(device.timed().get(Precision.F32)).isEqualTo(STEPS);
        assertThat(device.source()).contains("profile --measure", "2026-11-26");
    }

    @Test
    void itsHoursComeFromItsTimedSteps() throws IOException {
        Speed speed = Speed.of(named(measured().yaml()), Precision.F32, Optional.empty());
        Estimate step = speed.stepSeconds(BigInteger.valueOf(5_000_000_000L), 1);
        assertThat(step.value()).isCloseTo(0.05, within(1e-6));
        assertThat(step.explain()).contains("3 timed steps", STEPS.how());
    }

    @Test
    void anotherPrecisionStandsBesideTheFirst() throws IOException {
        Device.Timed fast = timed("fast", 1e9, 1e10, 2e10);
        Device device =
                named(
                        read(measured().yaml())
                                .with(Precision.BF16, 2e11, fast, DAY.plusDays(1))
                                .yaml());
        assertThat(device.timed().get(Precision.F32)).isEqualTo(STEPS);
        assertThat(device.timed().get(Precision.BF16)).isEqualTo(fast);
        assertThat(device.peak()).containsOnlyKeys(Precision.F32, Precision.BF16);
    }

    @Test
    void theSamePrecisionTakesThePlaceOfWhatWasThere() throws IOException {
        Device.Timed newer = timed("newer", 1e9, 1e10, 2e10);
        Device device = named(read(measured().yaml()).with(Precision.F32, 9e10, newer, DAY).yaml());
        assertThat(device.timed()).hasSize(1).containsValue(newer);
    }

    @Test
    void thePowerThatAUserAddsStays() throws IOException {
        String none = measured().yaml();
        assertThat(none).contains("#   power:");
        String power =
                """
                  power:
                    mean: 310 W
                    meaning: measured at the wall
                    source: our meter
                    date: 2026-11-20
                """;
        String again =
                read(none + power)
                        .with(Precision.F32, 9e10, timed("newer", 1e9, 1e10, 2e10), DAY)
                        .yaml();
        assertThat(named(again).powerOrFault().mean().value()).isEqualTo(310);
        assertThat(again).doesNotContain("#   power:");
    }

    @Test
    void theCommentSaysHowToAddPowerSoThatItIsRead() throws IOException {
        String yaml = measured().yaml();
        String added =
                String.join(
                        "\n",
                        yaml.lines()
                                .filter(line -> line.startsWith("#   "))
                                .map(line -> line.substring(2))
                                .toList());
        assertThat(named(yaml + added + "\n").powerOrFault().mean().value()).isEqualTo(310);
    }

    @Test
    void aFileOfAnotherMachineIsNotOverwritten() {
        Table there = Table.parse(FILE, measured().yaml());
        assertThatThrownBy(() -> DeviceFile.read(there, FILE, "another, 8 cores"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(NAME)
                .hasMessageContaining("this machine is another, 8 cores")
                .hasMessageContaining("write to another file");
    }

    @Test
    void aFileOfSeveralDevicesIsRefused() {
        String two = measured().yaml() + measured().yaml().replaceAll("(?m)^my-", "your-");
        assertThatThrownBy(() -> read(two)).hasMessageContaining("describes 2 devices; write one");
    }

    @Test
    void aNameWithoutLettersStillNamesADevice() {
        assertThat(List.of("---.yml", "Über 9.yaml"))
                .map(name -> DeviceFile.empty(name, NAME).id())
                .containsExactly("my-machine", "ber-9");
    }
}
