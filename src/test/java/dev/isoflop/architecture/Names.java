package dev.isoflop.architecture;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the sources call things: classes, members and words.
final class Names {

    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:static )?([a-z0-9_.]+\\.([A-Z]\\w*))");
    private static final Pattern DECLARED =
            Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z]\\w*)");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*");

    private final Map<String, String> classes = new TreeMap<>(); // simple name to qualified
    private final Set<String> declared = new HashSet<>(); // nested classes and those of bench/
    private static final Pattern CONSTANT = Pattern.compile("\\b[A-Z]+(?:_[A-Z]+)+\\b");

    private final Set<String> words = new HashSet<>();

    Names() {
        for (Path file : Project.sources()) {
            String text = Project.text(file);
            matches(IMPORT, text).forEach(m -> classes.putIfAbsent(m.group(2), m.group(1)));
            matches(DECLARED, text).forEach(m -> declared.add(m.group(1)));
            if (!file.startsWith("src/test")) {
                addWords(text);
            }
        }
        for (String root : List.of("src/main/java", "src/test/java")) {
            Project.below(Path.of(root)).forEach(file -> addClass(Path.of(root).relativize(file)));
        }
        addWords(Project.text(Path.of("pom.xml")));
        addWords(Project.text(Path.of("isoflop")));
        Project.below(Path.of("recipes")).forEach(file -> addWords(Project.text(file)));
    }

    private static Stream<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results();
    }

    private void addWords(String text) {
        matches(WORD, text).forEach(m -> words.add(m.group()));
        matches(CONSTANT, text).forEach(m -> words.add(kebab(m.group())));
    }

    private void addClass(Path source) {
        String name = source.toString().replaceFirst("\\.java$", "").replace('/', '.');
        classes.put(name.substring(name.lastIndexOf('.') + 1), name);
        find(name).stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .forEach(method -> words.add(method.getName()));
    }

    /// Whether a word stands somewhere in the sources, the build or a recipe, or names a method.
    /// What a test says in quotes does not count: it may be misspelt on purpose.
    boolean isWord(String word) {
        return words.contains(word);
    }

    /// A choice as recipes write it: `CLASS_TOKEN` as `class-token`.
    private static String kebab(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Whether there is such a class, and in it such a nested class, field or method.
    ///
    /// @param dotted such as `Mae.Config.perImage`
    boolean isClassOrMember(String dotted) {
        List<String> parts = List.of(dotted.split("\\."));
        String name = classes.get(parts.getFirst());
        if (name == null) {
            return parts.size() == 1
                    && (declared.contains(dotted) || find("java.lang." + dotted).isPresent());
        }
        Optional<Class<?>> type = find(name);
        for (int i = 1; i < parts.size(); i++) {
            if (type.isEmpty()) {
                return false;
            }
            String part = parts.get(i);
            Class<?> outer = type.get();
            type = find(outer.getName() + "$" + part);
            if (type.isEmpty()) {
                return i == parts.size() - 1 && hasMember(outer, part);
            }
        }
        return type.isPresent();
    }

    private static boolean hasMember(Class<?> type, String name) {
        Stream<String> fields = Arrays.stream(type.getDeclaredFields()).map(Field::getName);
        Stream<String> methods = Arrays.stream(type.getMethods()).map(Method::getName);
        Stream<String> own = Arrays.stream(type.getDeclaredMethods()).map(Method::getName);
        return Stream.of(fields, methods, own).flatMap(s -> s).anyMatch(name::equals);
    }

    private static Optional<Class<?>> find(String name) {
        try {
            return Optional.of(Class.forName(name, false, Names.class.getClassLoader()));
        } catch (ClassNotFoundException _) {
            return Optional.empty();
        }
    }
}
