package dev.isoflop.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.RunException;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.torch.SafetensorsHeader;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

class CheckpointsTest {

    @TempDir Path run;

    private Path folder = Path.of("");
    private PointerScope scope = new PointerScope();

    @BeforeEach
    void openScope() {
        LibTorch.load();
        scope = new PointerScope();
        folder = run.resolve("checkpoints");
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private static Checkpoint write(Checkpoints checkpoints, long step) {
        return write(checkpoints, step, 100);
    }

    private static Checkpoint write(Checkpoints checkpoints, long step, long elements) {
        Tensor state = torch.full(new long[] {elements}, new Scalar((double) step));
        return checkpoints.write(
                step,
                8 * step,
                Map.of("patch_embed.weight", state.narrow(0, 0, 4)),
                Map.of("w", state),
                Map.of("method", "mae"));
    }

    private static double restored(Checkpoint checkpoint, long elements) {
        Tensor target = torch.zeros(elements);
        checkpoint.restore(Map.of("w", target));
        assertThat(target.min().item_double()).isEqualTo(target.max().item_double());
        return target.min().item_double();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(it -> it.getFileName().toString()).sorted().toList();
        }
    }

    private static void cut(Path file) throws IOException {
        try (RandomAccessFile end = new RandomAccessFile(file.toFile(), "rw")) {
            end.setLength(end.length() - 1);
        }
    }

    private static void alterLastByte(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() - 1);
            int last = bytes.read();
            bytes.seek(bytes.length() - 1);
            bytes.write(last ^ 1);
        }
    }

    private Checkpoint latest(List<String> refusals) {
        Optional<Checkpoint> latest = Checkpoints.latestValid(folder, refusals::add);
        return latest.orElseThrow();
    }

    @Test
    void withoutAnyCheckpointThereIsNoLatest() {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(1, 0));

        assertThat(checkpoints.latestValid(refusal -> {})).isEmpty();
        assertThat(folder).doesNotExist();
    }

    @Test
    void theLatestGivesBackWhatWasWritten() {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(3, 0));
        write(checkpoints, 9);
        Checkpoint written = write(checkpoints, 10);

        Checkpoint latest = checkpoints.latestValid(refusal -> {}).orElseThrow();

        assertThat(latest).isEqualTo(written);
        assertThat(latest.folder()).isEqualTo(folder.resolve("step-10"));
        assertThat(latest.manifest().images()).isEqualTo(80);
        assertThat(latest.manifest().meta()).isEqualTo(Map.of("method", "mae"));
        assertThat(restored(latest, 100)).isEqualTo(10);
    }

    @Test
    void theEncoderIsAFileOfItsOwnThatOtherFrameworksLoad() {
        Checkpoint written = write(new Checkpoints(folder, new Keep(1, 0)), 3);

        assertThat(Safetensors.read(written.encoder()).keySet())
                .containsExactly("patch_embed.weight");
        assertThat(SafetensorsHeader.read(written.encoder()).metadata())
                .isEqualTo(Map.of("format", "pt", "method", "mae"));
    }

    @Test
    void theLatestFewAndOneEverySoOftenAreKept() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(2, 4));
        for (long step = 1; step <= 11; step++) {
            write(checkpoints, step);
        }

        assertThat(names()).containsExactly("step-10", "step-11", "step-4", "step-8");
    }

    @Test
    void aStepWrittenAgainReplacesItself() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(2, 0));
        write(checkpoints, 5, 100);
        write(checkpoints, 5, 200);

        assertThat(names()).containsExactly("step-5");
        assertThat(restored(latest(new ArrayList<>()), 200)).isEqualTo(5);
    }

    @Test
    void aTruncatedCheckpointIsRefusedByNameAndTheOneBeforeItUsed() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(5, 0));
        write(checkpoints, 1);
        Path state = write(checkpoints, 2).state();
        long length = Files.size(state);
        cut(state);
        List<String> refusals = new ArrayList<>();

        assertThat(latest(refusals).step()).isEqualTo(1);
        assertThat(refusals)
                .containsExactly(
                        "%s cannot be used: state.safetensors has %d bytes, its manifest says %d"
                                .formatted(folder.resolve("step-2"), length - 1, length));
    }

    @Test
    void eachKindOfDamageIsRefusedByName() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(9, 0));
        write(checkpoints, 1);
        alterLastByte(write(checkpoints, 2).encoder());
        Files.delete(write(checkpoints, 3).state());
        Files.delete(write(checkpoints, 4).folder().resolve("manifest.json"));
        Files.writeString(write(checkpoints, 5).folder().resolve("manifest.json"), "");
        cut(write(checkpoints, 6).folder().resolve("manifest.json"));
        Path images = write(checkpoints, 7).folder().resolve("manifest.json");
        Files.writeString(
                images, Files.readString(images).replace("\"images\" : 56", "\"images\" : 57"));
        Path format = write(checkpoints, 8).folder().resolve("manifest.json");
        Files.writeString(
                format, Files.readString(format).replace("\"format\" : 1", "\"format\" : 2"));
        Files.move(write(checkpoints, 9).folder(), folder.resolve("step-10"));
        List<String> refusals = new ArrayList<>();

        assertThat(latest(refusals).step()).isEqualTo(1);
        assertThat(refusals).hasSize(8);
        assertRefused(refusals.get(0), 10, "manifest.json is that of step-9");
        assertRefused(refusals.get(1), 8, "its format is 2; this isoflop reads 1");
        assertRefused(refusals.get(2), 7, "manifest.json was altered: its checksum is another");
        assertRefused(refusals.get(3), 6, "manifest.json is broken");
        assertRefused(refusals.get(4), 5, "manifest.json is broken");
        assertRefused(refusals.get(5), 4, "manifest.json is missing");
        assertRefused(refusals.get(6), 3, "state.safetensors is missing");
        assertRefused(refusals.get(7), 2, "encoder.safetensors was altered: its SHA-256 is ");
    }

    private void assertRefused(String refusal, long step, String reason) {
        assertThat(refusal)
                .startsWith(folder.resolve("step-" + step) + " cannot be used: " + reason);
    }

    @Test
    void withoutAnyValidCheckpointAllAreListed() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(5, 0));
        cut(write(checkpoints, 1).state());
        Files.delete(write(checkpoints, 2).state());

        assertThatThrownBy(() -> latest(new ArrayList<>()))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("no checkpoint in " + folder + " is valid:\n  ")
                .hasMessageContainingAll(
                        folder.resolve("step-1").toString(), folder.resolve("step-2").toString());
    }

    @Test
    void aRefusedLaterCheckpointDoesNotCrowdOutNewOnes() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(2, 0));
        write(checkpoints, 1);
        cut(write(checkpoints, 9).state());

        write(checkpoints, 2);
        write(checkpoints, 3);

        assertThat(names()).containsExactly("step-2", "step-3", "step-9");
        assertThat(latest(new ArrayList<>()).step()).isEqualTo(3);
    }

    @Test
    void leftoversOfAKilledRunAreClearedAtTheNextStart() throws IOException {
        write(new Checkpoints(folder, new Keep(5, 0)), 1);
        write(new Checkpoints(folder, new Keep(5, 0)), 2);
        Files.createDirectory(folder.resolve(".step-3.new"));
        Files.writeString(folder.resolve(".step-3.new").resolve("state.safetensors"), "part");
        Files.createDirectory(folder.resolve(".step-0.gone"));
        Files.move(folder.resolve("step-2"), folder.resolve(".step-2.old"));
        Files.createDirectory(folder.resolve(".step-1.old"));
        Files.writeString(folder.resolve("notes.txt"), "the user's own");

        assertThat(Checkpoints.latestValid(folder, refusal -> {}).orElseThrow().step())
                .as("a reader neither sees nor changes them")
                .isEqualTo(1);
        Checkpoints next = new Checkpoints(folder, new Keep(5, 0));

        assertThat(names()).containsExactly("notes.txt", "step-1", "step-2");
        assertThat(next.latestValid(refusal -> {}).orElseThrow().step()).isEqualTo(2);
    }

    @Test
    void aFileInTheFoldersPlaceIsNamed() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, new Keep(1, 0));
        Files.writeString(folder, "not a folder");

        assertThatThrownBy(() -> write(checkpoints, 1))
                .isInstanceOf(RunException.class)
                .hasMessageStartingWith(folder.resolve("step-1") + " could not be written: ")
                .hasMessageContaining(folder + ": something is in its place already");
        assertThatThrownBy(() -> new Checkpoints(folder, new Keep(1, 0)))
                .isInstanceOf(RunException.class)
                .hasMessage(folder + " cannot hold checkpoints: " + folder + ": it is no folder");
    }

    @Test
    void aPolicyThatKeepsNothingIsRefused() {
        assertThatThrownBy(() -> new Keep(0, 10))
                .hasMessage("keepLast is 0; at least the newest checkpoint must be kept");
        assertThatThrownBy(() -> new Keep(1, -1))
                .hasMessage("keepEvery is -1; write a number of steps, or 0 for none");
    }

    @Test
    void onAFullDiskNothingIsLost() throws IOException, InterruptedException {
        Path disk = Files.createDirectory(run.resolve("disk"));
        assumeTrue(
                succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()),
                "NOT TESTED on a really full disk: this user cannot mount a small one");
        try {
            folder = disk.resolve("checkpoints");
            Checkpoints checkpoints = new Checkpoints(folder, new Keep(2, 0));
            write(checkpoints, 1, 150_000);

            assertThatThrownBy(() -> write(checkpoints, 2, 150_000))
                    .isInstanceOf(RunException.class)
                    .hasMessage(
                            "%s could not be written: %s: no space left on device; %s is still valid"
                                    .formatted(
                                            folder.resolve("step-2"),
                                            folder.resolve(".step-2.new/state.safetensors"),
                                            folder.resolve("step-1")));

            assertThat(names()).containsExactly("step-1");
            assertThat(restored(latest(new ArrayList<>()), 150_000)).isEqualTo(1);
            assertThat(write(checkpoints, 2, 1_000).step()).as("room again").isEqualTo(2);
        } finally {
            assertThat(succeeds("umount", disk.toString())).isTrue();
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aFileThatCannotGrowEndsTheRunWithItsName() throws IOException, InterruptedException {
        Path shell = Path.of("/bin/bash");
        assumeTrue(Files.exists(shell), "NOT TESTED without a shell that limits file sizes");
        List<String> command = new ArrayList<>(List.of(shell.toString(), "-c"));
        command.add("ulimit -f 64; exec \"$@\"");
        command.add("limited");
        command.addAll(program("100000"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();

        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isEqualTo(EndlessCheckpoints.FAILED);
        assertThat(output)
                .contains(folder.resolve("step-1") + " could not be written: ")
                .contains("safetensors: file too large; there is no earlier checkpoint");
        assertThat(names()).isEmpty();
    }

    /// Kills at random moments while checkpoints of some megabytes are written without pause.

    @Test
    void afterAKillAtAnyMomentTheLatestCheckpointIsWhole()
            throws IOException, InterruptedException {
        long seed = System.nanoTime();
        System.out.println("moments of the kills: seed " + seed);
        Random random = new Random(seed);
        long elements = 500_000;
        long before = 0;
        int unfinished = 0;
        for (int kill = 0; kill < 5; kill++) {
            Path output = run.resolve("output-" + kill);
            Process process =
                    new ProcessBuilder(program(Long.toString(elements)))
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            awaitStepAfter(before, process);
            process.waitFor(random.nextInt(150), TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();

            assertThat(output).as("what the run said").isEmptyFile();
            List<String> refusals = new ArrayList<>();
            Checkpoint latest = latest(refusals);
            assertThat(refusals).isEmpty();
            assertThat(restored(latest, elements)).isEqualTo((double) latest.step());
            assertThat(latest.step()).isGreaterThan(before);
            before = latest.step();
            unfinished += names().stream().anyMatch(it -> it.startsWith(".")) ? 1 : 0;
        }
        System.out.println("kills that left something unfinished: " + unfinished);
    }

    private void awaitStepAfter(long step, Process process)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!Files.exists(folder) || names().stream().noneMatch(it -> isAfter(it, step))) {
            assertThat(process.isAlive()).isTrue();
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private static boolean isAfter(String name, long step) {
        return name.startsWith("step-") && Long.parseLong(name.substring(5)) > step;
    }

    private List<String> program(String elements) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                EndlessCheckpoints.class.getName(),
                folder.toString(),
                elements);
    }
}
