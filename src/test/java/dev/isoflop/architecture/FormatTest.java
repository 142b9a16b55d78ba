package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One layout for every source file: google-java-format's, in the style of Android.
///
/// `mvn test -Dtest=FormatTest -Dformat=write` rewrites the files instead of complaining.
class FormatTest {

    private static final Formatter FORMATTER =
            new Formatter(JavaFormatterOptions.builder().style(Style.AOSP).build());

    @Test
    void everySourceIsAsTheFormatterLeavesIt() throws Exception {
        boolean write = "write".equals(System.getProperty("format"));
        List<Path> others = new ArrayList<>();
        for (Path file : Project.sources()) {
            String source = Project.text(file);
            String formatted = formatted(source);
            if (source.equals(formatted)) {
                continue;
            }
            if (write) {
                Files.writeString(file, settled(formatted));
            } else {
                others.add(file);
            }
        }
        assertThat(others).as("format with: mvn test -Dtest=FormatTest -Dformat=write").isEmpty();
    }

    @Test
    void theFormatterOrdersImportsDropsUnusedOnesAndWrapsLongTexts() throws Exception {
        String text = "\"" + "a long text ".repeat(12) + "\"";
        String source =
                "import java.util.Set;\nimport java.util.List;\n"
                        + "class A { List<String> a = List.of("
                        + text
                        + "); }\n";

        String formatted = settled(source);

        assertThat(formatted).startsWith("import java.util.List;\n\nclass A {\n    List<String> a");
        assertThat(formatted.lines()).allMatch(line -> line.length() <= 100);
        assertThat(formatted(formatted)).isEqualTo(formatted);
    }

    /// What formatting no longer changes: a text that it wraps is indented by the second pass only.
    private static String settled(String source) throws FormatterException, IOException {
        String formatted = formatted(source);
        return formatted.equals(source) ? source : settled(formatted);
    }

    private static String formatted(String source) throws FormatterException, IOException {
        return FORMATTER.formatSourceAndFixImports(source);
    }
}
