package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a verb prints arrives, or the user hears that it did not.
class StandardOutputTest {

    private static final List<List<String>> VERBS =
            List.of(
                    List.of("plan", "recipes/demo/mae.yaml"),
                    List.of("plan", "recipes/demo/mae.yaml", "--json"),
                    List.of("plan", "recipes/demo/mae.yaml", "--csv", "-"),
                    List.of("profile"),
                    List.of("profile", "--json"),
                    List.of("--help"),
                    List.of("convert", "--help"),
                    List.of("help", "probe"),
                    List.of("--version"));

    @TempDir private Path folder;

    private final StringWriter err = new StringWriter();

    private int run(OutputStream to, List<String> arguments) {
        StandardOutput out = new StandardOutput(to);
        PrintWriter said = new PrintWriter(err, true);
        int status = Isoflop.run(out.writer(), said, arguments.toArray(String[]::new));
        return out.ended(status, said);
    }

    @Test
    void whatCannotBeWrittenIsSaidByEveryVerb() {
        for (List<String> verb : VERBS) {
            err.getBuffer().setLength(0);
            int status = run(failing("No space left on device", new ArrayList<>()), verb);
            assertThat(status).as(verb.toString()).isEqualTo(Isoflop.FAILED);
            assertThat(err.toString())
                    .isEqualToIgnoringNewLines(
                            "isoflop: standard output cannot be written: no space left on device");
        }
    }

    @Test
    void aReaderThatHasLeftIsNoFaultAndIsNotWrittenToAgain() {
        List<Integer> writes = new ArrayList<>();
        assertThat(run(failing("Broken pipe", writes), List.of("plan", "recipes/paper"))).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(writes).hasSize(1);
    }

    @Test
    void anInputThatIsWrongStaysWhatIsSaid() {
        int status = run(failing("Broken pipe", new ArrayList<>()), List.of("plan", "none.yaml"));
        assertThat(status).isEqualTo(Isoflop.WRONG_INPUT);
    }

    @Test
    void whatIsPrintedIsUtf8() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StandardOutput out = new StandardOutput(bytes);
        out.writer().print("Größe — 大きさ");
        assertThat(out.ended(0, new PrintWriter(err))).isZero();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("Größe — 大きさ");
    }

    private static OutputStream failing(String message, List<Integer> writes) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                writes.add(b);
                throw new IOException(message);
            }
        };
    }

    /// One process for what only a process has: standard output on a full disk, names that its
    /// locale's charset cannot hold, and a locale whose letters have other cases.
    @Test
    void aProcessOfAnotherLocaleSaysWhatIsWrong() throws Exception {
        File full = new File("/dev/full");
        assumeTrue(full.exists(), "this system has no /dev/full to stand for a full disk");
        Path recipe = Files.copy(Path.of("recipes/demo/mae.yaml"), folder.resolve("größe.yaml"));
        for (String argument : List.of("--version", recipe.toString())) {
            boolean named = argument.endsWith(".yaml");
            Path said = folder.resolve(named ? "named.txt" : "said.txt");
            ProcessBuilder start =
                    new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-Duser.language=tr",
                            "-Duser.country=TR",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Isoflop.class.getName(),
                            named ? "plan" : argument);
            if (named) {
                start.command().add(argument);
            }
            start.environment().put("LC_ALL", "C");
            int status = start.redirectOutput(full).redirectError(said.toFile()).start().waitFor();
            assertThat(status).isEqualTo(named ? Isoflop.WRONG_INPUT : Isoflop.FAILED);
            assertThat(Files.readString(said))
                    .contains(
                            named
                                    ? "the locale's charset is ANSI_X3.4-1968, which cannot name"
                                            + " it; set LC_ALL=C.UTF-8"
                                    : "isoflop: standard output cannot be written: no space left on"
                                            + " device")
                    .doesNotContain("java.", "Exception", "\tat ");
        }
    }

    /// `/dev/stdout` is such a link; what is printed to it stands before what is printed after it.
    @Test
    void aFileThatIsStandardOutputIsNeitherReplacedNorWrittenOver() throws Exception {
        Path stream = Path.of("/proc/self/fd/1");
        assumeTrue(Files.isSymbolicLink(stream), "this system has no " + stream);
        Path link = Files.createSymbolicLink(folder.resolve("out.csv"), stream);
        ChildJvm child =
                ChildJvm.start(
                        folder,
                        List.of(),
                        "plan",
                        "recipes/demo/mae.yaml",
                        "--csv",
                        link.toString());
        assertThat(child.status()).as(child.err()).isZero();
        assertThat(child.out()).startsWith("name,method,").contains("\nplan        demo: mae");
        assertThat(link).isSymbolicLink();
    }
}
