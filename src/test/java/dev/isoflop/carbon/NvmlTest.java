package dev.isoflop.carbon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

final class NvmlTest {

    private static final long SECOND = 1_000_000_000L;

    @TempDir private Path folder = Path.of("");

    private final Board.Gpu newer = new Board.Gpu("H100", true);
    private final Board.Gpu older = new Board.Gpu("P100", false);
    private final List<Board.Gpu> gpus = List.of(newer, older);

    private Found find(Gpus wanted) {
        return Nvml.find(() -> new Board(gpus), wanted);
    }

    private static double joules(Meter meter, long nanos) {
        Reading reading = meter.read(nanos);
        assertThat(reading).isInstanceOf(Reading.Counted.class);
        return ((Reading.Counted) reading).joules();
    }

    @Test
    void aGpuThatCountsIsReadByItsCounter() {
        newer.millijoules = 1_000_000;
        Meter meter = find(Gpus.every()).meters().getFirst();
        assertThat(meter.name()).isEqualTo("gpu-0");
        assertThat(meter.scope()).contains("the whole board of H100");
        assertThat(meter.sampled()).isFalse();
        newer.millijoules = 1_350_500;
        assertThat(joules(meter, System.nanoTime() + SECOND)).isCloseTo(350.5, within(1e-9));
    }

    @Test
    void theOldPowerOfAGpuThatDoesNotCountIsIntegrated() {
        older.milliwatts = 100_000;
        Meter meter = find(Gpus.every()).meters().getLast();
        assertThat(meter.sampled()).isTrue();
        assertThat(meter.how()).contains("integrated");
        long start = System.nanoTime();
        double _ = joules(meter, start);
        older.milliwatts = 300_000;
        assertThat(joules(meter, start + SECOND / 2)).isCloseTo(100, within(1e-6)); // 200 W, 0.5 s
        assertThat(joules(meter, start + 3 * SECOND / 2)).isCloseTo(300, within(1e-6));
    }

    @Test
    void aDriverThatWasResetOrAGpuThatIsLostEndsTheMeasurement() {
        newer.millijoules = 900_000;
        Meter meter = find(Gpus.every()).meters().getFirst();
        newer.millijoules = 10;
        assertThat(meter.read(System.nanoTime() + SECOND))
                .isEqualTo(
                        new Reading.Lost(
                                "its counter went from 900000 to 10: the driver was reset, and it"
                                        + " began anew"));
        newer.failure = 15;
        assertThat(meter.read(System.nanoTime() + SECOND))
                .isEqualTo(new Reading.Lost("answered 15"));
    }

    @Test
    void theGpusOfARunAreTheFirstThatItsRanksSee() {
        assertThat(Gpus.ofRun(Map.of()).chosen()).containsExactly("0");
        assertThat(Gpus.ofRun(Map.of("LOCAL_WORLD_SIZE", "2")).chosen()).containsExactly("0", "1");
        assertThat(Gpus.ofRun(Map.of("CUDA_VISIBLE_DEVICES", "1,0")).chosen()).containsExactly("1");
        assertThat(Gpus.ofRun(Map.of("CUDA_VISIBLE_DEVICES", "GPU-1")).chosen())
                .containsExactly("GPU-1");
        assertThat(Gpus.ofRun(Map.of("CUDA_VISIBLE_DEVICES", "-1,0")).chosen()).isEmpty();
    }

    @Test
    void onlyTheGpusOfTheRunAreMeasured() {
        Found found = find(Gpus.ofRun(Map.of("CUDA_VISIBLE_DEVICES", "GPU-1,GPU-0")));
        assertThat(found.meters()).extracting(Meter::name).containsExactly("gpu-GPU-1");
        assertThat(found.meters().getFirst().scope()).contains("P100");
        assertThat(find(Gpus.none()).meters()).isEmpty();
        assertThat(find(Gpus.none()).absent()).isEmpty();
    }

    @Test
    void gpusThatTheReadingRankDoesNotSeeAreSaidToBeMissing() {
        Found found =
                find(Gpus.ofRun(Map.of("CUDA_VISIBLE_DEVICES", "0", "LOCAL_WORLD_SIZE", "4")));
        assertThat(found.meters()).hasSize(1);
        assertThat(found.absent().getFirst().why()).contains("hides 3 of them");
        assertThat(find(Gpus.ofRun(Map.of("CUDA_VISIBLE_DEVICES", "7"))).absent().getFirst().text())
                .startsWith("GPU 7: nvmlDeviceGetHandleByIndex_v2 answered 2");
    }

    @Test
    void withoutTheDriversLibraryTheReasonIsSaid() {
        Found found = Nvml.find(folder.resolve("no.so").toString(), Gpus.every());
        assertThat(found.meters()).isEmpty();
        assertThat(found.absent().getFirst().text()).startsWith("GPU: there is no " + folder);
    }

    /// The binding against a library of the same functions, built here by the machine's compiler.
    @Test
    void theFunctionsOfTheLibraryAreCalledAsItsHeaderDeclaresThem() throws Exception {
        Path library = folder.resolve("libnvidia-ml.so.1");
        if (!compiled(library)) {
            System.err.println("NVML's binding was not called: there is no C compiler (cc) here");
            return;
        }
        Found found = Nvml.find(library.toString(), Gpus.every());
        assertThat(found.absent())
                .extracting(Absent::text)
                .containsExactly(
                        "GPU 2: nvmlDeviceGetTotalEnergyConsumption answered 15, the GPU is lost:"
                                + " it has fallen off the bus");
        assertThat(found.meters()).extracting(Meter::name).containsExactly("gpu-0", "gpu-1");
        Meter counts = found.meters().getFirst();
        Meter powers = found.meters().getLast();
        assertThat(counts.scope()).contains("the whole board of Made-up 0,");
        assertThat(powers.sampled()).isTrue();
        long now = System.nanoTime();
        assertThat(joules(counts, now))
                .isCloseTo(5_000, within(1e-6)); // each question adds as much
        double _ = joules(powers, now);
        assertThat(joules(powers, now + SECOND)).isCloseTo(250, within(1e-6));
        found.meters().forEach(Meter::close);
        Found byName =
                Nvml.find(library.toString(), Gpus.ofRun(Map.of("CUDA_VISIBLE_DEVICES", "GPU-x")));
        assertThat(byName.meters()).extracting(Meter::name).containsExactly("gpu-GPU-x");
    }

    private boolean compiled(Path library) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("nvml.c"), SOURCE);
        try {
            Process cc =
                    new ProcessBuilder(
                                    "cc",
                                    "-shared",
                                    "-fPIC",
                                    "-o",
                                    library.toString(),
                                    source.toString())
                            .inheritIO()
                            .start();
            assertThat(cc.waitFor()).isZero();
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static final String SOURCE =
            """
            #include <stdio.h>
            #include <string.h>
            typedef struct { int number; } gpu;
            static gpu gpus[3] = {{0}, {1}, {2}};
            static int users;
            static unsigned long long energy = 9000000000ULL;
            int nvmlInit_v2(void) { users++; return 0; }
            int nvmlShutdown(void) { users--; return 0; }
            int nvmlDeviceGetCount_v2(unsigned int *n) { *n = 3; return users > 0 ? 0 : 1; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned int i, gpu **g) { *g = &gpus[i]; return users > 0 ? 0 : 1; }
            int nvmlDeviceGetHandleByUUID(const char *id, gpu **g) { *g = &gpus[0]; return strcmp(id, "GPU-x") ? 6 : 0; }
            int nvmlDeviceGetName(gpu *g, char *text, unsigned int length) {
              snprintf(text, length, "Made-up %d", g->number);
              return users > 0 ? 0 : 1;
            }
            int nvmlDeviceGetTotalEnergyConsumption(gpu *g, unsigned long long *mj) {
              if (g->number == 1) return 3;
              if (g->number == 2) return 15;
              energy += 5000000ULL;
              *mj = energy;
              return 0;
            }
            int nvmlDeviceGetPowerUsage(gpu *g, unsigned int *mw) { *mw = 250000; return 0; }
            """;
}
