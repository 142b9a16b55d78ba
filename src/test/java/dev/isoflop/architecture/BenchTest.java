package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// The benchmarks, which are started from their sources, know the classes as they are now.
class BenchTest {

    @TempDir private Path folder;

    @Test
    void everyBenchmarkCompiles() throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var found = new DiagnosticCollector<JavaFileObject>();
        List<String> options =
                List.of(
                        "-proc:none",
                        "-nowarn",
                        "-d",
                        folder.toString(),
                        "-cp",
                        System.getProperty("java.class.path"));
        try (StandardJavaFileManager files =
                        compiler.getStandardFileManager(
                                found, Locale.ROOT, StandardCharsets.UTF_8);
                Stream<Path> sources = Files.list(Path.of("bench"))) {
            List<Path> programs =
                    sources.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(programs).isNotEmpty();
            var _ =
                    compiler.getTask(
                                    null,
                                    files,
                                    found,
                                    options,
                                    null,
                                    files.getJavaFileObjectsFromPaths(programs))
                            .call();
        }
        assertThat(found.getDiagnostics())
                .filteredOn(it -> it.getKind() == Diagnostic.Kind.ERROR)
                .isEmpty();
    }
}
