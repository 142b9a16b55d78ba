package dev.isoflop.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.architecture.Page.Token;
import dev.isoflop.cli.Isoflop;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.finetune.TuningStudy;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.Table;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The documentation speaks of things that exist.
///
/// What stands in backticks is judged by its looks: `a/path.md` is a file, `Class.member` a class,
/// `--option` an option, `isoflop verb` a call, `table.key` a key of a recipe, and `twoWords`,
/// `two_words` or `two-words` are words that stand somewhere in the sources. Anything else is
/// prose.
class DocsTest {

    private static final Pattern PATH = Pattern.compile("[\\w.-]+(/[\\w.-]+)*/?");
    private static final Pattern EXTENSION =
            Pattern.compile(
                    ".+\\.(java|md|ya?ml|xml|sh|py|jsonl?|html|css|js|tar|safetensors|properties)");
    private static final Pattern CLASS = Pattern.compile("[A-Z]\\w*[a-z]\\w*(\\.[A-Za-z]\\w*)*");
    private static final Pattern OPTION = Pattern.compile("--[a-z-]+");
    private static final Pattern KEY =
            Pattern.compile(
                    "(method|encoder|data|view|optimiser|checkpoints|cost|probe|task|validation|evaluation"
                        + "|search)\\.(?!safetensors|json)[a-z0-9-]+");
    private static final Pattern WORDS =
            Pattern.compile("[a-z]+([A-Z][a-z]*)+|[a-z][a-z0-9]*([_-][a-z0-9]+)+");
    private static final Pattern READING =
            Pattern.compile("\\| \\d \\| `([^`]+)` \\| (\\d+) \\|.*");
    private static final Set<String> TOP = Set.of("src/", "docs/", "recipes/", "bench/", ".ci/");
    private static final Set<String> MADE = Set.of("runs/", "target/", "checkpoints/");

    /// Folders of somebody's machine, and hosts that serve libraries: which these are is the
    /// business of whoever builds.
    private static final Pattern ELSEWHERE =
            Pattern.compile(
                    "(?<![\\w.~-])/(work|root|tmp|home|Users)/"
                            + "|repo1?\\.maven\\.|jitpack\\.io|sonatype\\.org|pypi\\.org"
                            + "|pythonhosted\\.org|npmjs\\.(org|com)");

    private static final Names NAMES = new Names();
    private static final Set<String> KEYS = RecipeKeys.all();
    private static final List<Page> PAGES = Project.pages().stream().map(Page::read).toList();

    @Test
    void everyFileThatIsNamedExists() {
        assertThat(missing(DocsTest::looksLikeAFile, DocsTest::isFile)).isEmpty();
    }

    @Test
    void everyClassAndMemberThatIsNamedExists() {
        assertThat(missing(CLASS.asMatchPredicate(), NAMES::isClassOrMember)).isEmpty();
    }

    @Test
    void everyKeyThatIsNamedIsOneOfARecipe() {
        assertThat(missing(KEY.asMatchPredicate(), KEYS::contains)).isEmpty();
    }

    @Test
    void everyCompoundWordThatIsNamedStandsInTheSources() {
        assertThat(missing(WORDS.asMatchPredicate(), NAMES::isWord)).isEmpty();
    }

    @Test
    void everyOptionThatIsNamedExists() {
        var known = new CommandLine(new Isoflop());
        assertThat(missing(OPTION.asMatchPredicate(), option -> hasOption(known, option)))
                .isEmpty();
    }

    @Test
    void everyVerbThatIsNamedExistsWithItsOptions() {
        var line = new CommandLine(new Isoflop());
        List<Token> calls = tokens(_ -> true).stream().filter(t -> t.call().isPresent()).toList();
        assertThat(calls).isNotEmpty().allMatch(call -> isCall(line, call.call().orElseThrow()));
    }

    @Test
    void everyCommandOfABlockIsUnderstood() {
        List<Token> commands = PAGES.stream().flatMap(page -> page.commands().stream()).toList();
        assertThat(commands)
                .isNotEmpty()
                .allSatisfy(command -> {
                    List<String> words = command.call().orElseThrow();
                    new CommandLine(new Isoflop()).parseArgs(words.toArray(String[]::new));
                    readsItsRecipe(words);
                });
    }

    @Test
    void everyTestThatIsNamedExists() {
        Pattern named = Pattern.compile("-Dtest=(\\w+)");
        List<String> tests =
                Project.pages().stream()
                        .flatMap(file -> named.matcher(Project.text(file)).results())
                        .map(match -> match.group(1))
                        .toList();
        assertThat(tests).isNotEmpty().allMatch(NAMES::isClassOrMember);
    }

    @Test
    void everyRecipeOnAPageCanBeRead() {
        List<String> recipes =
                PAGES.stream()
                        .flatMap(page -> page.yaml().stream())
                        .filter(yaml -> yaml.startsWith("name:"))
                        .toList();
        assertThat(recipes)
                .isNotEmpty()
                .allSatisfy(yaml -> assertThat(name(Table.parse("a page", yaml))).isNotEmpty());
    }

    @Test
    void everyLinkLeadsToAFile() {
        for (Page page : PAGES) {
            Path folder = Objects.requireNonNullElse(page.file().getParent(), Path.of(""));
            assertThat(page.links()).allMatch(link -> Files.exists(folder.resolve(link.text())));
        }
    }

    @Test
    void everyPageIsLinkedFromTheReadme() {
        String readme = Project.text(Path.of("README.md"));
        assertThat(PAGES.stream().map(Page::file).filter(page -> page.startsWith("docs")))
                .isNotEmpty()
                .allMatch(page -> readme.contains("](" + page));
    }

    @Test
    void theFilesOfTheReadingPathAreNoLongerThanItSays() {
        String page = Project.text(Path.of("docs/tutorial/reading-the-code.md"));
        List<String> tooLong = new ArrayList<>();
        int files = 0;
        for (String line : page.lines().toList()) {
            var row = READING.matcher(line);
            if (row.matches()) {
                files++;
                Path file = Path.of("src/main/java/dev/isoflop", row.group(1));
                long lines = Project.text(file).lines().count();
                if (lines > Long.parseLong(row.group(2))) {
                    tooLong.add(file + " has " + lines + " lines, not " + row.group(2));
                }
            }
        }
        assertThat(files).isEqualTo(5);
        assertThat(tooLong).isEmpty();
    }

    @Test
    void noFileNamesSomebodysMachineOrARegistry() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : Project.tracked()) {
            String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            ELSEWHERE
                    .matcher(text)
                    .results()
                    .forEach(match -> found.add(file + ": " + match.group()));
        }
        assertThat(found).isEmpty();
    }

    private static List<Token> tokens(Predicate<String> kind) {
        return PAGES.stream()
                .flatMap(page -> page.tokens().stream())
                .filter(token -> kind.test(token.text()))
                .toList();
    }

    /// What looks like something of a kind and is none; there must be some of that kind.
    private static List<Token> missing(Predicate<String> kind, Predicate<String> exists) {
        List<Token> all = tokens(kind);
        assertThat(all).isNotEmpty();
        return all.stream().filter(token -> !exists.test(token.text())).toList();
    }

    private static boolean looksLikeAFile(String token) {
        return PATH.matcher(token).matches()
                && MADE.stream().noneMatch(token::startsWith)
                && (EXTENSION.matcher(token).matches() || TOP.stream().anyMatch(token::startsWith));
    }

    /// A file of the project, by its path from the root or from our package, or one that a run
    /// leaves: the sources then spell its name.
    private static boolean isFile(String path) {
        return Stream.of("", "src/main/java/dev/isoflop", "src/test/java/dev/isoflop")
                        .anyMatch(root -> Files.exists(Path.of(root, path)))
                || Project.below(Path.of("src/main/java")).stream()
                        .anyMatch(file -> Project.text(file).contains('"' + path + '"'));
    }

    private static boolean hasOption(CommandLine line, String option) {
        return line.getSubcommands().values().stream()
                .anyMatch(verb -> verb.getCommandSpec().findOption(option) != null);
    }

    private static boolean isCall(CommandLine line, List<String> words) {
        if (words.getFirst().startsWith("-")) {
            return line.getCommandSpec().findOption(words.getFirst()) != null;
        }
        CommandLine verb = line.getSubcommands().get(words.getFirst());
        return words.getFirst().equals("VERB")
                || (verb != null
                        && words.stream()
                                .filter(word -> word.startsWith("--"))
                                .map(word -> word.replaceFirst("=.*", ""))
                                .allMatch(w -> verb.getCommandSpec().findOption(w) != null));
    }

    /// Files that a command reads: what follows `--out` it writes.
    private static List<String> recipes(List<String> words) {
        return IntStream.range(0, words.size())
                .filter(i -> i == 0 || !words.get(i - 1).equals("--out"))
                .mapToObj(words::get)
                .filter(word -> word.endsWith(".yaml"))
                .toList();
    }

    /// The recipe that a command names, with what it sets.
    private static void readsItsRecipe(List<String> words) {
        for (String file : recipes(words)) {
            Table table = Table.read(Path.of(file));
            for (int i = 0; i < words.size(); i++) {
                if (words.get(i).equals("--set")) {
                    String[] pair = words.get(i + 1).split("=", 2);
                    table = table.with(pair[0], pair[1]);
                }
            }
            assertThat(name(table)).isNotEmpty();
        }
    }

    private static String name(Table recipe) {
        if (TuningStudy.isOne(recipe)) {
            return TuningStudy.from(recipe).name();
        }
        if (!recipe.keys().contains("task")) {
            return PretrainRecipe.from(recipe).name();
        }
        Table whole = recipe.has("encoder") ? recipe : recipe.with("encoder", "B/16");
        return FineTuneRecipe.from(whole).name();
    }
}
