package dev.isoflop.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.fault.RunException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
                                + "; what was there before is kept. Free some space, then continue"
                                + " with --resume");
        assertThat(file).hasBinaryContent(new byte[] {1});
        assertThat(names(folder)).containsExactly("result.json");
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
