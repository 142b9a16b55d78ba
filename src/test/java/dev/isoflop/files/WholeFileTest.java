package dev.isoflop.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isoflop.fault.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

final class WholeFileTest {

    @TempDir private Path folder;

    @Test
    void aFileIsReadUpToItsLimitAndNotBeyond() throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[1 << 20]);
        assertThat(WholeFile.bytes(file, 1 << 20, "a list")).hasSize(1 << 20);
        Files.write(file, new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> WholeFile.bytes(file, 1 << 20, "a list"))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        file + " has more than 1 MiB, too much for a list; is it another file?");
    }

    @Test
    void aFolderIsNoFile() {
        assertThatThrownBy(() -> WholeFile.bytes(folder, 10, "a list"))
                .isInstanceOf(InputException.class)
                .hasMessage(folder + " is a folder; name a file");
    }

    @Test
    void aDeviceThatNeverEndsIsNotRead() {
        Path zero = Path.of("/dev/zero");
        assumeTrue(Files.exists(zero), "this system has no /dev/zero");
        assertThatThrownBy(() -> WholeFile.bytes(zero, 1 << 20, "a list"))
                .isInstanceOf(InputException.class)
                .hasMessage("/dev/zero is a device; name a file, or a pipe that ends");
    }

    @Test
    @Timeout(60)
    void aPipeIsReadToItsEnd() throws Exception {
        Path pipe = Pipes.make(folder.resolve("pipe"));
        Process writer = Pipes.shell("printf 'one two' > \"$0\"", pipe);
        assertThat(WholeFile.text(pipe, 100, "a list")).isEqualTo("one two");
        assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @Timeout(60)
    void aPipeWithoutEndIsLeftAtTheLimit() throws Exception {
        Path pipe = Pipes.make(folder.resolve("pipe"));
        Process writer = Pipes.shell("yes > \"$0\"", pipe);
        assertThatThrownBy(() -> WholeFile.bytes(pipe, 1 << 20, "a list"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("has more than 1 MiB");
        assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue(); // nobody reads any more
    }
}
