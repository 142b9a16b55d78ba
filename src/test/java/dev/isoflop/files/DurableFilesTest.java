package dev.isoflop.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.fault.RunException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

final class DurableFilesTest {

    @TempDir private Path folder;

    @Test
    void aFileIsReplacedAndNothingIsLeftBesideIt() throws IOException {
        Path deep = folder.resolve("deep").resolve("er");
        Path file = deep.resolve("result.json");
        DurableFiles.write(file, new byte[] {1});
        DurableFiles.write(file, new byte[] {2, 3});
        assertThat(file).hasBinaryContent(new byte[] {2, 3});
        assertThat(names(deep)).containsExactly("result.json");
    }

    @Test
    void aContentThatFailsLeavesTheOldFile() throws IOException {
        Path file = folder.resolve("result.json");
        DurableFiles.write(file, new byte[] {1});
        assertThatThrownBy(() ->
                        DurableFiles.write(
                                file,
                                out -> {
                                    out.write(2);
                                    throw new IOException("the cable came out");
                                }))
                .isInstanceOf(RunException.class)
                .hasMessage(
                        file
                                + " cannot be written: the cable came out; what was there before is"
                                + " kept");
        assertThat(file).hasBinaryContent(new byte[] {1});
        assertThat(names(folder)).containsExactly("result.json");
    }

    @Test
    void aFullDiskIsNamedAndTheOldFileIsKept() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "this system has no /dev/full to stand for a full disk");
        Path file = folder.resolve("result.json");
        DurableFiles.write(file, new byte[] {1});
        Files.createSymbolicLink(folder.resolve(".result.json.partial"), full);
        assertThatThrownBy(() -> DurableFiles.write(file, new byte[100_000]))
                .isInstanceOf(RunException.class)
                .hasMessage(
                        "no space left on the disk while writing "
                                + file
                                + "; what was there before is kept. Free some space and begin"
                                + " again; a run goes on with --resume");
        assertThat(file).hasBinaryContent(new byte[] {1});
        assertThat(names(folder)).containsExactly("result.json");
    }

    @Test
    void aLinkStaysAndTheFileThatItLeadsToIsReplaced() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path file = Files.write(elsewhere.resolve("real.csv"), new byte[] {1});
        Path between = Files.createSymbolicLink(elsewhere.resolve("a"), Path.of("real.csv"));
        Path link = Files.createSymbolicLink(folder.resolve("b"), between);
        Object before = Files.getAttribute(file, "unix:ino");
        DurableFiles.write(link, new byte[] {2, 3});
        assertThat(link).isSymbolicLink().hasBinaryContent(new byte[] {2, 3});
        assertThat(between).isSymbolicLink();
        assertThat(file).isRegularFile().hasBinaryContent(new byte[] {2, 3});
        assertThat(Files.isSymbolicLink(file)).isFalse();
        assertThat(Files.getAttribute(file, "unix:ino")).isNotEqualTo(before); // renamed, at once
        assertThat(names(elsewhere)).containsExactly("a", "real.csv");
    }

    @Test
    void aLinkToWhatIsNotThereYetMakesIt() throws IOException {
        Path file = folder.resolve("deep").resolve("new.csv");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("deep/new.csv"));
        DurableFiles.write(link, new byte[] {7});
        assertThat(link).isSymbolicLink();
        assertThat(file).hasBinaryContent(new byte[] {7});
    }

    @Test
    void linksThatLeadRoundInACircleAreNamed() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("a"), Path.of("b"));
        Path other = Files.createSymbolicLink(folder.resolve("b"), Path.of("a"));
        assertThatThrownBy(() -> DurableFiles.write(link, new byte[] {1}))
                .isInstanceOf(RunException.class)
                .hasMessage(
                        link
                                + " cannot be written: its links lead round in a circle; what was"
                                + " there before is kept");
        assertThat(other).isSymbolicLink();
    }

    @Test
    void aFolderIsNotReplaced() throws IOException {
        Path there = Files.createDirectory(folder.resolve("there"));
        assertThatThrownBy(() -> DurableFiles.write(there, new byte[] {1}))
                .isInstanceOf(RunException.class)
                .hasMessageStartingWith(there + " cannot be written: it is a folder");
        assertThat(there).isEmptyDirectory();
        assertThat(names(folder)).containsExactly("there");
    }

    @Test
    @Timeout(60)
    void aPipeIsWrittenThroughAndStaysAPipe() throws Exception {
        Path pipe = Pipes.make(folder.resolve("pipe.csv"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), pipe);
        for (Path path : List.of(pipe, link)) {
            Process reader = Pipes.shell("cat \"$0\" > \"$0.read\"", pipe);
            byte[] much = new byte[200_000];
            much[199_999] = 5;
            DurableFiles.write(path, much);
            assertThat(reader.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("pipe.csv.read")).hasBinaryContent(much);
        }
        assertThat(DurableFiles.isWrittenThrough(pipe)).isTrue();
        assertThat(link).isSymbolicLink();
        assertThat(names(folder)).containsExactly("link", "pipe.csv", "pipe.csv.read");
    }

    @Test
    void aDeviceIsWrittenThroughAndStaysADevice() throws Exception {
        Path nothing = Pipes.device(folder.resolve("nothing"), 3);
        Path full = Pipes.device(folder.resolve("full"), 7);
        DurableFiles.write(nothing, new byte[100_000]);
        assertThat(DurableFiles.isWrittenThrough(nothing)).isTrue();
        assertThatThrownBy(() -> DurableFiles.write(full, new byte[100_000]))
                .isInstanceOf(RunException.class)
                .hasMessage(full + " cannot be written: no space left on device");
        assertThat(DurableFiles.isWrittenThrough(full)).isTrue();
    }

    @Test
    void checksumsAreThoseOfSha256() throws IOException {
        String abc =
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-4
        assertThat(Sha256.of(new byte[] {'a', 'b', 'c'})).isEqualTo(abc);
        assertThat(Sha256.of(Files.writeString(folder.resolve("f"), "abc"))).isEqualTo(abc);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
