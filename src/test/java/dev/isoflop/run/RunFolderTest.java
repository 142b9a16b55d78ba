package dev.isoflop.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Sha256;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

final class RunFolderTest {

    @TempDir private Path runs;

    @Test
    void partsAreWhereTheDesignSaysAndReadBackTheSame() {
        Provenance provenance = MadeUpRun.provenance("mae", "world");
        Result result =
                Result.of(
                                Result.Status.FINISHED,
                                MadeUpRun.steps(40),
                                new Result.Broken(
                                        1,
                                        0.5,
                                        List.of(new Result.BrokenImage("a.jpg", "ends early"))),
                                new Result.Artifact("encoder.safetensors", Sha256.of(new byte[0])),
                                "went well")
                        .with(List.of(new Result.LeftOut("empty captions", 2, List.of("a.jpg"))));
        try (RunFolder folder = RunFolder.create(runs.resolve("mae"))) {
            folder.writeRecipe("seed: 1\n");
            folder.writeProvenance(provenance);
            folder.writeResult(result);
        }
        RunFolder read = RunFolder.read(runs.resolve("mae"));
        assertThat(read.name()).isEqualTo("mae");
        assertThat(read.readRecipe()).isEqualTo("seed: 1\n");
        assertThat(read.readProvenance()).contains(provenance);
        assertThat(read.readResult()).contains(result);
        assertThat(read.readMeasurements()).isEmpty();
        assertThat(runs.resolve("mae"))
                .isDirectoryContaining("glob:**/recipe.yaml")
                .isDirectoryContaining("glob:**/provenance.json")
                .isDirectoryContaining("glob:**/result.json");
    }

    @Test
    void aPartThatWasNotWrittenIsNoPart() {
        RunFolder folder = newRun("young");
        folder.close();
        assertThat(folder.readProvenance()).isEmpty();
        assertThat(folder.readResult()).isEmpty();
    }

    @Test
    void aFolderThatHoldsARunIsNotTakenForANewOne() {
        newRun("mae").close();
        Path path = runs.resolve("mae");
        refused(
                () -> RunFolder.create(path),
                path
                        + " holds a run already (recipe.yaml); continue it with --resume, or give"
                        + " another --out");
        RunFolder.resume(path).close();
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(runs.resolve("file"), "x");
        refused(() -> RunFolder.create(file), file + " is a file; give a folder with --out");
    }

    @Test
    void aFolderWithoutARunCannotGoOn() throws IOException {
        newRun("mae-small").close();
        Path absent = runs.resolve("mea-small");
        refused(
                () -> RunFolder.resume(absent),
                absent + " does not exist; did you mean " + runs.resolve("mae-small") + "?");
        Path empty = Files.createDirectory(runs.resolve("zzz"));
        refused(() -> RunFolder.resume(empty), empty + " holds no run: it has no recipe.yaml");
        refused(() -> RunFolder.read(empty), empty + " holds no run: it has no recipe.yaml");
    }

    @Test
    void aDamagedResultIsNamed() throws IOException {
        RunFolder folder = newRun("mae");
        Files.writeString(folder.result(), "{\"status\": \"finished\"");
        assertThatThrownBy(folder::readResult)
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(folder.result() + " is damaged: ");
        folder.close();
    }

    @Test
    void aSecondRunInTheSameProcessIsKeptOutAndTheFirstStaysLocked() throws Exception {
        RunFolder first = newRun("mae");
        Path path = first.path();
        long pid = ProcessHandle.current().pid();
        for (int i = 0; i < 2; i++) {
            refused(
                    () -> RunFolder.resume(path),
                    path
                            + " is being written by process "
                            + pid
                            + "; wait until it ends, or give another --out");
        }
        Process other = jvm(path);
        assertThat(firstLine(other)).contains("is being written by process " + pid);
        other.waitFor(10, TimeUnit.SECONDS);
        first.close();
        RunFolder.resume(path).close();
    }

    @Test
    void aRunInAnotherProcessKeepsThisOneOutUntilItIsKilled() throws Exception {
        newRun("mae").close();
        Path path = runs.resolve("mae");
        Process other = jvm(path);
        try {
            assertThat(firstLine(other)).isEqualTo("locked");
            refused(
                    () -> RunFolder.resume(path),
                    path
                            + " is being written by process "
                            + other.pid()
                            + "; wait until it ends, or give another --out");
            assertThat(RunFolder.read(path).readRecipe()).isEqualTo("seed: 1\n");
        } finally {
            other.destroyForcibly().waitFor();
        }
        RunFolder.resume(path).close();
    }

    /// Resumes the run of a folder in a JVM of its own, says "locked" or why not, and waits.
    static final class Holder {

        private Holder() {}

        static void main(String[] folder) throws IOException {
            try (RunFolder _ = RunFolder.resume(Path.of(folder[0]))) {
                System.out.println("locked");
                System.in.read();
            } catch (InputException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static Process jvm(Path folder) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String firstLine(Process process) throws IOException {
        BufferedReader out = process.inputReader();
        return String.valueOf(out.readLine());
    }

    private RunFolder newRun(String name) {
        RunFolder folder = RunFolder.create(runs.resolve(name));
        folder.writeRecipe("seed: 1\n");
        return folder;
    }

    private static void refused(Runnable what, String message) {
        assertThatThrownBy(what::run).isInstanceOf(InputException.class).hasMessage(message);
    }
}
