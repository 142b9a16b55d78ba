package dev.isoflop.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

final class MeasurementsTest {

    @TempDir private Path folder;

    @Test
    void whatIsAppendedIsReadBackExactly() {
        Measurement odd =
                new Measurement(
                        3,
                        0.1,
                        new Measurement.Learning(
                                Math.nextUp(0.3),
                                MadeUpRun.parts("z/last", 1e-300, "a", 2),
                                Double.MIN_VALUE,
                                1.0),
                        new Measurement.Spent(
                                192, new BigInteger("123456789012345678901234567890")),
                        new Measurement.Pace(0.5, 128, null, 0),
                        Measurement.Embeddings.NONE);
        List<Measurement> all = List.of(MadeUpRun.step(1, 0.9), MadeUpRun.step(2, 0.8), odd);
        append(all);
        assertThat(Measurements.read(file())).isEqualTo(all);
        assertThat(Measurements.read(file()).getLast().parts().keySet())
                .containsExactly("z/last", "a");
    }

    @Test
    void aLineIsOneJsonObjectWithExactFlops() throws IOException {
        append(List.of(MadeUpRun.step(40, 0.5)));
        assertThat(file())
                .hasContent(
                        """
                        {"step":40,"share":0.1,"loss":0.5,"parts":{"pixels":0.5},"learningRate":1.5E-4,\
                        "gradientNorm":0.7142857142857143,"images":2560,"flops":1342177284920,"seconds":0.25,\
                        "imagesPerSecond":256.0,"shareOfPeak":0.8,"waitSeconds":0.002,"spread":null,\
                        "effectiveRank":null,"joules":null,"meters":null,"probe":null}
                        """);
    }

    @Test
    void aNumberThatIsNotFiniteIsNullWithAWord() throws IOException {
        Measurement nan =
                new Measurement(
                        1,
                        0.5,
                        new Measurement.Learning(
                                Double.NaN,
                                Map.of("a/b", Double.NEGATIVE_INFINITY),
                                1,
                                Double.POSITIVE_INFINITY),
                        new Measurement.Spent(1, BigInteger.ONE),
                        new Measurement.Pace(1, 1, null, 0),
                        Measurement.Embeddings.NONE);
        append(List.of(nan));
        assertThat(Files.readString(file()))
                .contains("\"loss\":null", "\"gradientNorm\":null", "\"a/b\":null")
                .contains(
                        """
                        "nonFinite":{"/loss":"NaN","/parts/a~1b":"-Infinity","/gradientNorm":"Infinity"}\
                        """);
        assertThat(Measurements.read(file())).containsExactly(nan);
    }

    @Test
    void theHalfWrittenLineOfAKilledProcessIsDropped() throws IOException {
        append(MadeUpRun.steps(3));
        Files.writeString(file(), "{\"step\":4,\"sha", StandardOpenOption.APPEND);
        assertThat(Measurements.read(file())).isEqualTo(MadeUpRun.steps(3));

        append(List.of(MadeUpRun.step(4, 0.5)));
        assertThat(Measurements.read(file()))
                .extracting(Measurement::step)
                .containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void linesAfterTheCheckpointAreNotWrittenTwice() {
        append(MadeUpRun.steps(10));
        try (Measurements measurements = Measurements.open(file())) {
            measurements.truncateAfter(7);
            measurements.append(MadeUpRun.step(8, 0.25));
        }
        List<Measurement> read = Measurements.read(file());
        assertThat(read.subList(0, 7)).isEqualTo(MadeUpRun.steps(7));
        assertThat(read.subList(7, read.size())).containsExactly(MadeUpRun.step(8, 0.25));

        try (Measurements measurements = Measurements.open(file())) {
            measurements.truncateAfter(0);
        }
        assertThat(file()).isEmptyFile();
    }

    @Test
    void aLineIsSeenByOthersAsSoonAsItIsAppended() {
        try (Measurements measurements = Measurements.open(file())) {
            measurements.append(MadeUpRun.step(1, 0.5));
            assertThat(Measurements.read(file())).hasSize(1);
            measurements.force();
        }
    }

    @Test
    void withoutAFileThereAreNone() {
        assertThat(Measurements.read(file())).isEmpty();
    }

    @Test
    void aDamagedLineIsNamed() throws IOException {
        append(MadeUpRun.steps(2));
        Files.writeString(file(), "garbage\n", StandardOpenOption.APPEND);
        append(MadeUpRun.steps(1));
        assertThatThrownBy(() -> Measurements.read(file()))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file() + ":3 is damaged: ");
    }

    @Test
    void aLineWithoutItsStepIsNamed() throws IOException {
        Files.writeString(file(), "{}\n");
        assertThatThrownBy(() -> Measurements.read(file()))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file() + ":1 is damaged: ");
        Files.writeString(file(), "3\n");
        assertThatThrownBy(() -> Measurements.read(file()))
                .isInstanceOf(InputException.class)
                .hasMessage(file() + ":1 is not a JSON object");
    }

    private void append(List<Measurement> all) {
        try (Measurements measurements = Measurements.open(file())) {
            all.forEach(measurements::append);
        }
    }

    private Path file() {
        return folder.resolve("measurements.jsonl");
    }
}
