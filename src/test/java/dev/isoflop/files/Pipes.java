package dev.isoflop.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Named pipes and devices for tests, in folders of their own.
final class Pipes {

    private Pipes() {}

    /// Makes a named pipe.
    static Path make(Path path) throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/usr/bin/mkfifo")), "this system has no mkfifo");
        assertThat(ended(shell("mkfifo \"$0\"", path))).isTrue();
        return path;
    }

    /// Makes a character device, where this process may.
    ///
    /// @param minor of the memory devices: 3 takes everything, 7 is always full
    static Path device(Path path, int minor) throws IOException, InterruptedException {
        boolean made = ended(shell("mknod \"$0\" c 1 " + minor, path));
        boolean opens = made && ended(shell("head -c 1 \"$0\" > \"$0.read\"", path));
        assumeTrue(opens, "only root outside of some containers may make devices");
        return path;
    }

    /// Starts a line of shell.
    ///
    /// @param path its `$0`
    static Process shell(String line, Path path) throws IOException {
        return new ProcessBuilder("sh", "-c", line, path.toString()).start();
    }

    private static boolean ended(Process process) throws InterruptedException {
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
