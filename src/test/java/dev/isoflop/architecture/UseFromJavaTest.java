package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The tutorial's lines do in jshell what it says: the very lines of the page.
class UseFromJavaTest {

    private static final Path PAGE = Path.of("docs/tutorial/use-from-java.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)```java\\n(.*?)```");
    private static final String FOLDER = "runs/from-java";
    private static final int LINES = 10;

    @TempDir private Path folder;

    @Test
    void theLinesOfThePageAreARun() throws IOException {
        Path run = folder.resolve("run");
        String lines = lines();
        assertThat(lines.lines().filter(line -> !line.startsWith("import")).count())
                .isLessThanOrEqualTo(LINES);

        String printed = printed(lines.replace(FOLDER, run.toString().replace('\\', '/')));

        assertThat(printed)
                .contains("20 steps, ")
                .contains("The budget is spent. The loss is ")
                .doesNotContain("null");
        assertThat(Files.readString(run.resolve("result.json"))).contains("\"steps\" : 20");
        assertThat(run.resolve("report.html")).exists();
    }

    private static String lines() {
        Matcher block = BLOCK.matcher(Project.text(PAGE));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    /// What the lines print, in a jshell as the page starts it; every line must do.
    private static String printed(String lines) {
        var out = new ByteArrayOutputStream();
        try (JShell shell =
                JShell.builder()
                        .out(new PrintStream(out, true, StandardCharsets.UTF_8))
                        .err(new PrintStream(out, true, StandardCharsets.UTF_8))
                        .remoteVMOptions(
                                "-Xmx1g",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0")
                        .build()) {
            shell.addToClasspath(System.getProperty("java.class.path"));
            String rest = lines;
            while (!rest.isBlank()) {
                SourceCodeAnalysis.CompletionInfo next =
                        shell.sourceCodeAnalysis().analyzeCompletion(rest);
                assertThat(next.completeness().isComplete()).as(rest).isTrue();
                for (SnippetEvent event : shell.eval(next.source())) {
                    assertThat(problems(shell, event)).as(next.source()).isEmpty();
                }
                rest = next.remaining();
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static List<String> problems(JShell shell, SnippetEvent event) {
        if (event.exception() != null) {
            return List.of(event.exception().toString());
        }
        return event.status() == Snippet.Status.REJECTED
                ? shell.diagnostics(event.snippet()).map(d -> d.getMessage(null)).toList()
                : List.of();
    }
}
