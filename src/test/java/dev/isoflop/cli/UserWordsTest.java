package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/// Java speaks to nobody: what files, names and memory can do to a verb is said in words, without
/// names of classes and without a trace.
class UserWordsTest {

    private static final String RECIPE =
            """
            name: small
            method: {name: mae, decoder-width: 32, decoder-depth: 1, decoder-heads: 2}
            encoder: {width: 64, depth: 1, heads: 2, patch: 8}
            image: 32
            data: {kind: world, images: 50}
            budget: 2 steps
            batch: 4
            """;

    private static final String CLIP = EveryMethodTest.recipe("clip", 2);

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /// A call, and what is said: `DIR` stands for the test's folder.
    private record Row(int status, String said, List<String> arguments) {}

    private static Row row(int status, String said, String... arguments) {
        return new Row(status, said, List.of(arguments));
    }

    @BeforeEach
    void files() throws IOException {
        write("r.yaml", RECIPE);
        write("clip.yaml", CLIP);
        write("nul.yaml", RECIPE.replace("name: small", "name: \"a\\0b\""));
        write("escape.yaml", RECIPE.replace("name: small", "name: \"a\\eb\""));
        write("lines.yaml", RECIPE.replace("name: small", "name: \"a\\nb\""));
        write("above.yaml", RECIPE.replace("name: small", "name: ../above"));
        write("long.yaml", RECIPE.replace("name: small", "name: " + "é".repeat(101)));
        write("study.yaml", RECIPE.replace("small", "\"a\\nb-{image}\"") + "vary: {image: [32]}\n");
        write("path.yaml", RECIPE.replace("world, images: 50", "folder, path: \"a\\nb\""));
        write("nulpath.yaml", RECIPE.replace("world, images: 50", "folder, path: \"a\\0b\""));
        write("digits.yaml", RECIPE.replace("batch: 4", "batch: 1" + "_1".repeat(100_000)));
        write("tables.yaml", "a: " + "{b: ".repeat(100_000));
        write("deep.json", "{\"model\": " + "[".repeat(100_000));
        write("cut.json", "{\"model\": [1, 2");
        Files.write(folder.resolve("large.json"), new byte[(64 << 20) + 1]);
        Files.createSymbolicLink(folder.resolve("circle.yaml"), Path.of("circle2.yaml"));
        Files.createSymbolicLink(folder.resolve("circle2.yaml"), Path.of("circle.yaml"));
        Files.createSymbolicLink(folder.resolve("lost.yaml"), Path.of("nowhere.yaml"));
        Files.createDirectory(folder.resolve("empty"));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static List<Row> rows() {
        String name = "name is %s; write a word that can name a folder: no slashes, no control";
        return List.of(
                row(2, "DIR/circle.yaml cannot be read: its links lead", "plan", "DIR/circle.yaml"),
                row(2, "DIR/lost.yaml is a link to what does not exist", "plan", "DIR/lost.yaml"),
                row(
                        2,
                        "below.yaml does not exist: DIR/r.yaml is no folder",
                        "plan",
                        "DIR/r.yaml/below.yaml"),
                row(2, "it is empty; name a file or a folder", "plan", ""),
                row(2, "/dev/zero is a device", "plan", "/dev/zero"),
                row(2, "holds no recipe", "plan", "DIR/empty"),
                row(
                        2,
                        "nul.yaml:1:7  there is the control character U+0000",
                        "plan",
                        "DIR/nul.yaml"),
                row(2, "there is the control character U+0000", "pretrain", "DIR/nul.yaml"),
                row(2, "there is the control character U+001B", "plan", "DIR/escape.yaml"),
                row(2, name.formatted("\"a\\nb\""), "plan", "DIR/lines.yaml"),
                row(2, name.formatted("\"a\\nb\""), "pretrain", "DIR/lines.yaml"),
                row(2, name.formatted("\"../above\""), "plan", "DIR/above.yaml"),
                row(2, "at most 200 bytes", "plan", "DIR/long.yaml"),
                row(2, name.formatted("\"a\\nb-32\""), "plan", "DIR/study.yaml"),
                row(2, "data.path is \"a\\nb\"; write a path, without", "plan", "DIR/path.yaml"),
                row(
                        2,
                        "data.path is \"a\\nb\"; write a path, without",
                        "pretrain",
                        "DIR/path.yaml"),
                row(2, "there is the control character U+0000", "plan", "DIR/nulpath.yaml"),
                row(2, "U+0000", "plan", "DIR/r.yaml", "--set", "cost.on=\"a\\0.yaml\""),
                row(2, "write a whole number", "plan", "DIR/digits.yaml"),
                row(2, "is nested more than 32 levels deep", "plan", "DIR/tables.yaml"),
                row(
                        1,
                        "DIR/empty cannot be written: it is a folder",
                        "plan",
                        "DIR/r.yaml",
                        "--csv",
                        "DIR/empty"),
                row(
                        2,
                        "DIR/r.yaml is a file; give a folder",
                        "pretrain",
                        "DIR/r.yaml",
                        "--out",
                        "DIR/r.yaml"),
                row(2, "/dev/zero is a device", "profile", "/dev/zero"),
                row(2, "/dev/zero is neither safetensors nor", "convert", "/dev/zero"),
                row(2, "/dev/zero is a device", tokenizer("/dev/zero")),
                row(2, "nests deeper", tokenizer("DIR/deep.json")),
                row(2, "is damaged: Unexpected end-of-input", tokenizer("DIR/cut.json")),
                row(2, "has more than 64 MiB", tokenizer("DIR/large.json")),
                row(2, "DIR/empty is a folder", tokenizer("DIR/empty")));
    }

    private static String[] tokenizer(String file) {
        return new String[] {
            "pretrain",
            "DIR/clip.yaml",
            "--set",
            "tokenizer=" + file,
            "--out",
            "DIR/run" + file.hashCode()
        };
    }

    @Test
    void whatAFileOrANameCanDoToAVerbIsSaidInWords() {
        var all = new SoftAssertions();
        for (Row row : rows()) {
            out.getBuffer().setLength(0);
            err.getBuffer().setLength(0);
            String[] arguments =
                    row.arguments.stream()
                            .map(word -> word.replace("DIR", folder.toString()))
                            .toArray(String[]::new);
            int status =
                    Isoflop.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
            String call = String.join(" ", arguments) + "\n" + err;
            all.assertThat(err.toString())
                    .as(call)
                    .contains(row.said.replace("DIR", folder.toString()))
                    .doesNotContain("java.", "Exception", "tools.jackson", "\tat ", "`");
            all.assertThat(status).as(call).isEqualTo(row.status);
        }
        all.assertAll();
    }

    @Test
    void aFolderOfRecipesMayHoldALoopOfLinks() throws IOException {
        Path recipes = folder.resolve("recipes");
        Files.createDirectories(recipes.resolve("below"));
        Files.writeString(recipes.resolve("below/a.yaml"), RECIPE);
        Files.createSymbolicLink(recipes.resolve("below/up"), recipes);
        Path link = Files.createSymbolicLink(folder.resolve("linked"), recipes);
        for (Path path : List.of(recipes, link)) {
            out.getBuffer().setLength(0);
            int status =
                    Isoflop.run(
                            new PrintWriter(out, true),
                            new PrintWriter(err, true),
                            "plan",
                            path.toString());
            assertThat(status).as(err.toString()).isZero();
            assertThat(out.toString().split("small", -1)).hasSize(2); // once
        }
    }

    @Test
    void aPrivateFolderAmongRecipesIsNamed() throws IOException {
        Path closed = Files.createDirectory(folder.resolve("empty/closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(closed), "root reads private folders");
        int status =
                Isoflop.run(
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        "plan",
                        folder.resolve("empty").toString());
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        assertThat(status).isEqualTo(Isoflop.WRONG_INPUT);
        assertThat(err.toString())
                .contains(closed + " cannot be read: permission denied; make it readable");
    }

    @Test
    void whatMeetsAnyLineOfCodeHasWordsAndADefectKeepsItsTrace() {
        Map<Throwable, String> all =
                Map.of(
                        new NoSuchFileException("a/b"), "a/b cannot be used: it does not exist",
                        new UncheckedIOException(new AccessDeniedException("a/b")),
                                "a/b cannot be used: permission denied",
                        new IOException(),
                                "a file could not be read or written: the system does not say why",
                        new InvalidPathException("a\0b", "Nul character not allowed"),
                                "a\uFFFDb is no path here: it holds a character that no file's name"
                                        + " can have",
                        new OutOfMemoryError("Java heap space"), "Java's own memory of ",
                        new OutOfMemoryError("Failed to allocate"), "memory is full (Failed");
        all.forEach((thrown, said) ->
                assertThat(Failure.of(thrown).orElseThrow().text()).startsWith(said));
        assertThat(Failure.of(new IllegalStateException("a defect"))).isEmpty();
        assertThat(Failure.of(new NullPointerException())).isEmpty();
    }
}
