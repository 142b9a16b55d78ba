package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Files that a user names are written and read whole in one place, which knows links, pipes and
/// devices and sets limits: `files/DurableFiles` and `files/WholeFile`.
class FilesRoomTest {

    private static final Path MAIN = Path.of("src/main/java/dev/isoflop");

    private static final Pattern WRITES =
            Pattern.compile(
                    "\\bFiles\\.(write|writeString|newOutputStream|newBufferedWriter|copy|move)\\("
                            + "|new (FileOutputStream|FileWriter|RandomAccessFile)\\("
                            + "|StandardOpenOption\\.(WRITE|APPEND)");

    private static final Pattern READS_WHOLE =
            Pattern.compile("\\bFiles(\\.|::)(readAllBytes|readString|readAllLines|lines)\\b");

    @Test
    void filesThatAUserNamesAreWrittenInOnePlace() {
        assertThat(others(WRITES))
                .containsExactlyInAnyOrder(
                        "cli/Isoflop.java", // the process's standard output
                        "data/loader/BrokenLog.java", // a line more, in a run's folder
                        "run/Measurements.java", // likewise
                        "run/RunLock.java", // a lock, in a run's folder
                        "torch/Safetensors.java", // into a checkpoint that is not there yet
                        "train/ManifestFile.java", // likewise
                        "probe/KeptFile.java", // what is kept beside figures, in a folder of its
                        // own
                        "trace/Recording.java"); // a temporary file, on its way to DurableFiles
    }

    @Test
    void filesThatAUserNamesAreReadWholeInOnePlace() {
        assertThat(others(READS_WHOLE))
                .containsExactlyInAnyOrder(
                        "carbon/Rapl.java", // the kernel's counters
                        "data/loader/BrokenLog.java", // the program's own
                        "data/tree/Directory.java", // images, one at a time
                        "run/Machine.java", // what the kernel says of the processor
                        "run/RunLock.java"); // the program's own
    }

    private static Set<String> others(Pattern pattern) {
        var files = new TreeSet<String>();
        for (Path file : Project.below(MAIN)) {
            Path name = MAIN.relativize(file);
            if (!name.startsWith("files") && pattern.matcher(Project.text(file)).find()) {
                files.add(name.toString());
            }
        }
        return files;
    }
}
