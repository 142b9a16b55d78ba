package dev.isoflop.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

class DevicesTest {

    @TempDir private Path folder = Path.of("");

    @Test
    void everyDeviceHasARateAndASource() {
        assertThat(Devices.known().all())
                .hasSizeGreaterThan(14)
                .allSatisfy(device -> {
                    assertThat(device.peak()).isNotEmpty();
                    assertThat(device.source()).matches(".+, \\d{4}-\\d{2}-\\d{2}");
                });
    }

    @Test
    void noTwoDevicesShareAName() {
        List<String> names =
                Devices.known().all().stream()
                        .flatMap(device -> device.also().stream())
                        .map(String::toLowerCase)
                        .toList();
        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void theStudysDeviceDraws283Watts() {
        Device device = Devices.named("TPUv3");
        assertThat(device.id()).isEqualTo("tpu-v3");
        assertThat(device.powerOrFault().mean().value()).isEqualTo(283);
        assertThat(device.peak()).containsEntry(Precision.BF16, 123e12);
    }

    @Test
    void aMisspeltDeviceIsToldTheNearest() {
        assertThatThrownBy(() -> Devices.named("h10"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("did you mean h100?");
    }

    @Test
    void anyonesDeviceIsReadFromAFile() throws IOException {
        Device device =
                Devices.named(
                        file(
                                """
                                mine:
                                  name: My card
                                  peak: {f32: 10 TFLOP/s}
                                  power: {mean: 200 W, meaning: measured, source: a meter, date: 2026-01-02}
                                  steps:
                                    f32: {flops: [1e9, 1e10, 1e11], steps-per-second: [100, 10, 1], how: by hand}
                                  source: my own measurement
                                  date: 2026-01-02
                                """));
        assertThat(device.name()).isEqualTo("My card");
        Estimate step =
                Speed.of(device, Precision.F32, Optional.empty())
                        .stepSeconds(BigInteger.valueOf(50_000_000_000L), 1);
        assertThat(step.value()).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void aNegativeOrAbsurdPowerIsRefusedWithItsPlace() throws IOException {
        assertThatThrownBy(() -> Devices.named(file(withPower("-5 W"))))
                .hasMessageContaining("mine.yaml:4")
                .hasMessageContaining("mean");
        assertThatThrownBy(() -> Devices.named(file(withPower("5 MW"))))
                .hasMessageContaining("mine.yaml:4")
                .hasMessageContaining("the power of one device lies above 0");
        assertThatThrownBy(() -> Devices.named(file(withPower("200 kWh"))))
                .hasMessageContaining("write an amount in W, such as 283 W");
    }

    @Test
    void aKeyThatIsNotKnownIsRefused() throws IOException {
        assertThatThrownBy(() ->
                        Devices.named(
                                file(withPower("200 W").replace("name:", "title: x\n  name:"))))
                .hasMessageContaining("mine.title is not known here");
    }

    private static String withPower(String mean) {
        return """
        mine:
          name: My card
          peak: {f32: 10 TFLOP/s}
          power: {mean: %s, meaning: measured, source: a meter, date: 2026-01-02}
          source: my own measurement
          date: 2026-01-02
        """
                .formatted(mean);
    }

    private String file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("mine.yaml"), yaml).toString();
    }

    @Test
    void aDeviceThatWasNotTimedIsTakenAtAShareOfItsPeak() {
        Device device = Devices.named("a100");
        Speed speed = Speed.of(device, Precision.BF16, Optional.empty());
        BigInteger work = BigInteger.valueOf(312_000_000_000_000L);
        Estimate step = speed.stepSeconds(work, 1);
        assertThat(step.value()).isCloseTo(1 / Speed.USUAL_SHARE, within(1e-9));
        assertThat(step.low()).isLessThan(step.value());
        assertThat(step.explain()).contains("share of peak").contains("3.12e+14");
    }
}
