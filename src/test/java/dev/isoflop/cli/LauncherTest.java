package dev.isoflop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The launcher builds when something changed, and starts whatever the shell's surroundings.
///
/// Maven is a script that counts, and Java one that prints what it was given.
class LauncherTest {

    @TempDir private Path folder;

    private Path tree = Path.of("");

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(folder.resolve("tree"));
        script(tree.resolve("isoflop"), "");
        Files.writeString(tree.resolve("isoflop"), Files.readString(Path.of("isoflop")));
        Files.writeString(tree.resolve("pom.xml"), "<project/>");
        Files.createDirectories(tree.resolve("recipes"));
        Files.writeString(tree.resolve("recipes/a.yaml"), "seed: 1\n");
        Files.createDirectories(tree.resolve("src/main"));
        Files.writeString(tree.resolve("src/main/A.java"), "first");
        Path jdk = folder.resolve("jdk");
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
        script(jdk.resolve("bin/java"), "echo \"locale=$LC_ALL $*\"\n");
        script(
                Files.createDirectory(folder.resolve("bin")).resolve("mvn"),
                """
                echo built >> "$COUNT"
                mkdir -p target
                cat src/main/A.java > target/isoflop.jar
                if [ -n "${EDIT:-}" ]; then echo more >> src/main/A.java; fi
                """);
    }

    private static Path script(Path path, String body) throws IOException {
        Files.writeString(path, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        return path;
    }

    /// Starts a tree's launcher with these variables and no others.
    ///
    /// @return what it printed
    private String start(Path in, Map<String, String> more) throws Exception {
        ProcessBuilder start =
                new ProcessBuilder(in.resolve("isoflop").toString(), "plan", "größe.yaml");
        start.environment().clear();
        start.environment()
                .putAll(
                        Map.of(
                                "PATH", folder.resolve("bin") + ":/usr/local/bin:/usr/bin:/bin",
                                "JAVA_HOME", folder.resolve("jdk").toString(),
                                "COUNT", folder.resolve("count").toString()));
        start.environment().putAll(more);
        Path said = folder.resolve("said");
        Process process = start.redirectErrorStream(true).redirectOutput(said.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        return Files.readString(said);
    }

    private long builds(Path in, int starts) throws Exception {
        for (int i = 0; i < starts; i++) {
            String _ = start(in, Map.of());
        }
        return builds();
    }

    private long builds() throws IOException {
        return Files.readAllLines(folder.resolve("count")).size();
    }

    private static void makeNewer(Path in, long seconds) throws IOException {
        FileTime later = FileTime.from(Instant.now().plusSeconds(seconds));
        for (String below : List.of("pom.xml", "src/main", "recipes")) {
            try (Stream<Path> files = Files.walk(in.resolve(below))) {
                for (Path file : files.toList()) {
                    Files.setLastModifiedTime(file, later);
                }
            }
        }
    }

    @Test
    void itBuildsOnceAndWhatChangedOnceMore() throws Exception {
        assertThat(builds(tree, 3)).isEqualTo(1);
        Files.writeString(tree.resolve("src/main/A.java"), "second");
        makeNewer(tree, 10);
        assertThat(builds(tree, 3)).isEqualTo(2);
        assertThat(tree.resolve("target/isoflop.jar")).hasContent("second");
    }

    @Test
    void aCopyWhoseFilesAreNewerThanItsJarIsNotBuilt() throws Exception {
        assertThat(builds(tree, 1)).isEqualTo(1);
        Path copy = folder.resolve("copy");
        Process copying = new ProcessBuilder("cp", "-r", tree.toString(), copy.toString()).start();
        assertThat(copying.waitFor()).isZero();
        makeNewer(copy, 1000);
        assertThat(builds(copy, 3)).isEqualTo(1);
    }

    @Test
    void aCopyWithAJarThatSomebodyElseBuiltIsBuiltOnce() throws Exception {
        Files.createDirectory(tree.resolve("target"));
        Files.writeString(tree.resolve("target/isoflop.jar"), "from mvn package");
        makeNewer(tree, 1000);
        assertThat(builds(tree, 3)).isEqualTo(1);
    }

    @Test
    void aJarOfOtherSourcesIsNotTakenForThatOfThese() throws Exception {
        assertThat(builds(tree, 1)).isEqualTo(1);
        Files.writeString(tree.resolve("target/isoflop.jar"), "of other sources");
        makeNewer(tree, 10); // back at what was built here first
        assertThat(builds(tree, 2)).isEqualTo(2);
        assertThat(tree.resolve("target/isoflop.jar")).hasContent("first");
    }

    @Test
    void whatChangesDuringABuildIsBuiltAtTheNextStart() throws Exception {
        String _ = start(tree, Map.of("EDIT", "yes"));
        assertThat(builds(tree, 2)).isEqualTo(2);
        assertThat(tree.resolve("target/isoflop.jar")).hasContent("firstmore\n");
    }

    @Test
    void itNeedsNoHomeAndNamesFilesInUtf8WhateverTheLocale() throws Exception {
        for (Map<String, String> surroundings :
                List.of(
                        Map.<String, String>of(),
                        Map.of("LC_ALL", "C", "HOME", folder.toString()),
                        Map.of("LANG", "tr_TR.ISO-8859-9", "LC_CTYPE", "C"))) {
            String said = start(tree, surroundings);
            assertThat(said)
                    .as(surroundings.toString())
                    .containsPattern("locale=(C|en_US)\\.UTF-8 ")
                    .contains("-Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8")
                    .endsWith("plan größe.yaml\n")
                    .doesNotContain("unbound", "no JDK", "setlocale");
        }
    }
}
