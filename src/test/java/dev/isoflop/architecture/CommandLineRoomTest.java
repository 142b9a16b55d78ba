package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The command line parses, calls and prints: it is small, and knows no tensor, image or network.
class CommandLineRoomTest {

    private static final Path CLI = Path.of("src/main/java/dev/isoflop/cli");
    private static final int FILES = 25;
    private static final long LINES = 2800;
    private static final Pattern BELOW_USE_CASES =
            Pattern.compile("\\b(org\\.bytedeco|dev\\.isoflop\\.(vit|train|image|torch))\\.");

    @Test
    void itIsSmall() {
        Map<String, Long> lines = new TreeMap<>();
        Project.below(CLI)
                .forEach(file -> lines.put(file.toString(), Project.text(file).lines().count()));
        assertThat(lines).hasSizeBetween(1, FILES - 1);
        assertThat(lines.values().stream().mapToLong(n -> n).sum())
                .as("lines of %s", lines)
                .isLessThan(LINES);
    }

    @Test
    void itImportsNothingBelowTheUseCases() {
        List<String> offenders = new ArrayList<>();
        for (Path file : Project.below(CLI)) {
            Project.text(file)
                    .lines()
                    .filter(line -> !line.strip().startsWith("//"))
                    .filter(line -> BELOW_USE_CASES.matcher(line).find())
                    .forEach(line -> offenders.add(file.getFileName() + ": " + line.strip()));
        }
        assertThat(offenders).isEmpty();
    }
}
