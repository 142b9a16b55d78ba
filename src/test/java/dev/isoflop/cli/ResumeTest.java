package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.run.Measurement;
import dev.isoflop.run.Measurements;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/// A run that was killed or stopped ends with the same bytes as one that never was.
class ResumeTest {

    private static final long STEPS = 60;
    private static final String RECIPE =
            """
            name: small
            method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
            encoder: {width: 64, depth: 2, heads: 2, patch: 8}
            image: 32
            data: {kind: world, images: 200}
            budget: 60 steps
            batch: 16
            micro-batch: 8
            checkpoints: {every-steps: 4}
            seed: 3
            """;

    @TempDir private Path folder;

    @Test
    void aRunKilledSeveralTimesEndsWithTheSameBytes() throws Exception {
        byte[] expected = uninterrupted();
        Path run = folder.resolve("killed");
        Random random = new Random(11);
        ChildJvm child = pretrain(run);
        for (int kill = 1; kill <= 4; kill++) {
            awaitStep(run, kill * 11L + random.nextInt(6), child);
            child.kill();
            child = start("pretrain", "--resume", run.toString());
        }
        assertThat(child.status()).as(child.err()).isZero();
        assertThat(encoder(run)).isEqualTo(expected);
        assertThat(Measurements.read(run.resolve("measurements.jsonl")))
                .as("every step once")
                .extracting(Measurement::step)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, STEPS).boxed().toList());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aRunThatIsAskedToStopSavesAndSaysHowToGoOn() throws Exception {
        byte[] expected = uninterrupted();
        Path run = folder.resolve("stopped");
        ChildJvm child = pretrain(run);
        awaitStep(run, 9, child);
        child.terminate();
        assertThat(child.status()).as("128 + SIGTERM").isEqualTo(143);
        assertThat(child.err()).contains("isoflop pretrain --resume " + run);
        assertThat(Files.readString(run.resolve("result.json"))).contains("interrupted");
        ChildJvm resumed = start("pretrain", "--resume", run.toString());
        assertThat(resumed.status()).as(resumed.err()).isZero();
        assertThat(encoder(run)).isEqualTo(expected);
    }

    @Test
    void anAlteredCheckpointIsNamedAndTheOneBeforeItIsUsed() throws Exception {
        byte[] expected = uninterrupted();
        Path run = folder.resolve("whole");
        Path last = run.resolve("checkpoints/step-" + STEPS);
        byte[] state = Files.readAllBytes(last.resolve("state.safetensors"));
        state[state.length / 2] ^= 1;
        Files.write(last.resolve("state.safetensors"), state);
        ChildJvm resumed = start("pretrain", "--resume", run.toString());
        assertThat(resumed.status()).as(resumed.err()).isZero();
        assertThat(resumed.err())
                .contains("step-" + STEPS)
                .contains("state.safetensors")
                .contains("resuming after step 56");
        assertThat(encoder(run)).isEqualTo(expected);
    }

    private byte[] uninterrupted() throws IOException, InterruptedException {
        Path run = folder.resolve("whole");
        ChildJvm child = pretrain(run);
        assertThat(child.status()).as(child.err()).isZero();
        return encoder(run);
    }

    private ChildJvm pretrain(Path run) throws IOException {
        Path recipe = folder.resolve("small.yaml");
        Files.writeString(recipe, RECIPE);
        return start("pretrain", recipe.toString(), "--out", run.toString());
    }

    private ChildJvm start(String... arguments) throws IOException {
        return ChildJvm.start(folder, List.of(), arguments);
    }

    private static byte[] encoder(Path run) throws IOException {
        return Files.readAllBytes(
                run.resolve("checkpoints/step-" + STEPS + "/encoder.safetensors"));
    }

    /// Waits until a step is written down.
    private static void awaitStep(Path run, long step, ChildJvm child)
            throws InterruptedException, IOException {
        Path file = run.resolve("measurements.jsonl");
        long start = System.nanoTime();
        while (!Files.exists(file) || Files.readString(file).lines().count() < step) {
            assertThat(child.alive()).as(child.err()).isTrue();
            assertThat(System.nanoTime() - start).isLessThan(120_000_000_000L);
            Thread.sleep(5);
        }
    }
}
