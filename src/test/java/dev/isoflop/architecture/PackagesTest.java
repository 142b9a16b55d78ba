package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.finetune.TuningStudy;
import dev.isoflop.method.Method;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;
import dev.isoflop.recipe.Variations;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Every package introduces itself, and every recipe that is shipped can be read.
class PackagesTest {

    private static final Path MAIN = Path.of("src/main/java");
    private static final Path TEST = Path.of("src/test/java");

    static SortedSet<Path> packages() {
        var packages = new TreeSet<Path>();
        for (Path root : List.of(MAIN, TEST)) {
            Project.below(root).stream()
                    .filter(file -> file.toString().endsWith(".java"))
                    .map(file -> root.relativize(Objects.requireNonNull(file.getParent())))
                    .forEach(packages::add);
        }
        return packages;
    }

    @ParameterizedTest
    @MethodSource("packages")
    void everyPackageSaysWhatItIsAndThatItIsNullMarked(Path name) {
        Path root = Files.isDirectory(MAIN.resolve(name)) ? MAIN : TEST;
        Path file = root.resolve(name).resolve("package-info.java");
        assertThat(file).exists();
        assertThat(Project.text(file))
                .as(file.toString())
                .startsWith("/// ")
                .contains("\n@NullMarked\npackage " + name.toString().replace('/', '.') + ";");
    }

    static List<Path> recipes() {
        return Project.below(Path.of("recipes")).stream()
                .filter(file -> file.toString().endsWith(".yaml"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void everyRecipeThatIsShippedCanBeRead(Path file) {
        assertThat(Variations.of(Table.read(file)))
                .isNotEmpty()
                .allSatisfy(run -> assertThat(name(run)).isNotEmpty());
    }

    /// A task's recipe leaves the encoder to whoever fine-tunes one.
    private static String name(Table run) {
        if (TuningStudy.isOne(run)) {
            return TuningStudy.from(run).name();
        }
        if (!run.keys().contains("task")) {
            return PretrainRecipe.from(run).name();
        }
        Table whole = run.has("encoder") ? run : run.with("encoder", "B/16");
        return FineTuneRecipe.from(whole).name();
    }

    @Test
    void everyMethodHasARecipe() {
        Stream<Class<?>> shipped =
                recipes().stream()
                        .flatMap(file -> Variations.of(Table.read(file)).stream())
                        .filter(run -> run.keys().contains("method"))
                        .map(run -> PretrainRecipe.from(run).method().getClass());
        assertThat(shipped.distinct().toList())
                .containsExactlyInAnyOrder(Method.Config.class.getPermittedSubclasses());
    }
}
