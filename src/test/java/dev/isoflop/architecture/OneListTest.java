package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.data.Source;
import dev.isoflop.method.Method;
import dev.isoflop.task.Task;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The methods, the tasks and the kinds of data are listed once each, where their sealed interface
/// permits them: whoever adds one need not look for switches elsewhere.
class OneListTest {

    /// What is listed by `permits`.
    private static final List<Class<?>> LISTS =
            List.of(Method.class, Method.Config.class, Source.class, Task.class, Task.Config.class);

    /// What a `case` names, up to its arrow or colon.
    private static final Pattern CASE = Pattern.compile("\\bcase\\b(.*?)(->|:)", Pattern.DOTALL);

    private static final Pattern TEXT = Pattern.compile("\"([^\"]*)\"");

    @Test
    void nothingSwitchesOverThemOutsideOfTheFileThatListsThem() {
        var offenders = new TreeSet<String>();
        for (Class<?> list : LISTS) {
            Path itself = Path.of("src/main/java").resolve(file(list));
            for (Path file : Project.below(Path.of("src/main/java"))) {
                if (!file.equals(itself)) {
                    List<String> told = told(Project.text(file), list);
                    if (!told.isEmpty()) {
                        offenders.add(file + " tells apart " + String.join(", ", told));
                    }
                }
            }
        }
        assertThat(offenders).isEmpty();
    }

    @Test
    void aSwitchOverTypesOrNamesIsFound() {
        assertThat(told("case Mae.Config _, Dino.Config(var a) ->", Method.Config.class))
                .containsExactlyInAnyOrder("Mae.Config", "Dino.Config");
        assertThat(told("case \"mae\" -> 1; case \"sim-clr\": 2", Method.Config.class))
                .containsExactlyInAnyOrder("\"mae\"", "\"sim-clr\"");
        assertThat(told("case \"clip\" -> 1", Method.Config.class)).isEmpty(); // another clip
        assertThat(told("case Simple.Config _ ->", Method.Config.class)).isEmpty();
    }

    /// The permitted types of a list that cases of a text name, or their names in recipes if there
    /// are two of these: one alone may be a word for something else.
    private static List<String> told(String text, Class<?> list) {
        List<String> cases = CASE.matcher(text).results().map(MatchResult::group).toList();
        List<String> types =
                permitted(list).stream()
                        .map(OneListTest::inCode)
                        .filter(type -> {
                            Pattern named = Pattern.compile("(?<![\\w.])" + type + "(?![\\w.])");
                            return cases.stream().anyMatch(c -> named.matcher(c).find());
                        })
                        .toList();
        List<String> words =
                cases.stream()
                        .flatMap(c -> TEXT.matcher(c).results())
                        .map(word -> word.group(1))
                        .filter(word ->
                                permitted(list).stream()
                                        .anyMatch(type -> inRecipes(type).equals(plain(word))))
                        .map(word -> "\"" + word + "\"")
                        .distinct()
                        .toList();
        List<String> all = new ArrayList<>(types);
        if (words.size() > 1) {
            all.addAll(words);
        }
        return all;
    }

    private static List<Class<?>> permitted(Class<?> list) {
        return Arrays.asList(list.getPermittedSubclasses());
    }

    /// `Mae.Config`, as code that imports `Mae` says it.
    private static String inCode(Class<?> type) {
        Class<?> around = type.getEnclosingClass();
        return around == null
                ? type.getSimpleName()
                : around.getSimpleName() + "." + type.getSimpleName();
    }

    /// The class's name as a recipe may write it.
    private static String inRecipes(Class<?> type) {
        return plain(Objects.requireNonNullElse(type.getEnclosingClass(), type).getSimpleName());
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "");
    }

    private static Path file(Class<?> type) {
        Class<?> outermost = type;
        while (outermost.getEnclosingClass() != null) {
            outermost = outermost.getEnclosingClass();
        }
        return Path.of(outermost.getName().replace('.', '/') + ".java");
    }
}
