package dev.isoflop.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The files of this project, by paths relative to its root, where Maven runs tests.
final class Project {

    private static final Set<String> MADE = Set.of("target", "runs", ".git", ".idea", ".vscode");

    private Project() {}

    /// Every `.java` file of `src/` and `bench/`.
    static List<Path> sources() {
        return Stream.of(Path.of("src"), Path.of("bench"))
                .flatMap(folder -> below(folder).stream())
                .filter(file -> file.toString().endsWith(".java"))
                .toList();
    }

    /// Every file below a folder, sorted; none when there is no such folder.
    static List<Path> below(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The files that git tracks; without git, everything but what is built.
    static List<Path> tracked() {
        try {
            Process git =
                    new ProcessBuilder("git", "ls-files", "-z")
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String names = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0) {
                return names.lines()
                        .flatMap(line -> Stream.of(line.split("\0")))
                        .map(Path::of)
                        .filter(Files::exists)
                        .toList();
            }
        } catch (IOException e) {
            return untended(); // git is not installed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return untended();
    }

    private static List<Path> untended() {
        try (Stream<Path> roots = Files.list(Path.of(""))) {
            return roots.filter(root -> !MADE.contains(root.toString()))
                    .flatMap(root ->
                            Files.isDirectory(root) ? below(root).stream() : Stream.of(root))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The documentation: README, CONTRIBUTING and every page below `docs/`.
    static List<Path> pages() {
        return Stream.concat(
                        Stream.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")),
                        below(Path.of("docs")).stream())
                .filter(file -> file.toString().endsWith(".md"))
                .toList();
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is not text", e);
        }
    }
}
