package dev.isoflop.recipe;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;
import dev.isoflop.files.Reason;
import dev.isoflop.files.WholeFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A recipe, or a part of one, from which a config reads itself.
///
/// ```java
/// static Config from(Table t) {
///     return t.build(() -> new Config(t.real("mask-ratio", 0.75), t.count("decoder-depth", 8)));
/// }
/// ```
///
/// A key is asked for with the type it should have; the table answers, or throws an
/// [InputException] that names file, line, column and dotted key, what was found and what would do.
/// [#done] then refuses whatever nobody asked for. Types come from the question, never from the
/// looks of the value: `no` is a word unless a flag is asked for, and `1e15` is a number.
///
/// Keys are kebab-case. Not thread-safe: a table remembers which keys were asked for.
public final class Table {

    /// No recipe is longer, in bytes; a file that is, is something else.
    private static final long LONGEST = 1 << 20;

    private static final Pattern COMPONENT = Pattern.compile("^[a-z][A-Za-z0-9]*");

    private final String path; // dotted key of this table; empty for the root
    private final String where;
    private final Value.Mapping mapping;
    private final Set<String> known = new LinkedHashSet<>(); // asked for, or asked about
    private final Set<String> read = new LinkedHashSet<>();
    private final Map<String, Table> children = new LinkedHashMap<>();

    private Table(String path, String where, Value.Mapping mapping) {
        this.path = path;
        this.where = where;
        this.mapping = mapping;
    }

    /// Reads a recipe's file.
    ///
    /// @throws InputException if there is no such file, or it is not UTF-8, not YAML or not a table
    public static Table read(Path file) {
        if (Files.isDirectory(file)) {
            throw new InputException(file + " is a folder; name a recipe, a .yaml file");
        }
        try {
            byte[] bytes = WholeFile.bytes(file, LONGEST, "a recipe");
            return parse(file.toString(), utf8(file, bytes));
        } catch (NoSuchFileException e) {
            if (Files.isSymbolicLink(file)) {
                throw new InputException(file + " is a link to what does not exist", e);
            }
            throw new InputException(file + " does not exist" + siblingOf(file), e);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    /// Reads a recipe's text.
    ///
    /// @param fileName names the text in error messages
    /// @throws InputException if it is not YAML or not a table
    public static Table parse(String fileName, String yaml) {
        String text = yaml.startsWith("\uFEFF") ? yaml.substring(1) : yaml;
        BiFunction<Integer, Integer, String> place =
                (line, column) -> fileName + ":" + line + ":" + column;
        Value root = YamlReader.document(text, place).orElse(null);
        if (root == null || (root instanceof Value.Scalar scalar && scalar.isEmpty())) {
            throw new InputException(
                    fileName + " is empty; write keys and values, such as seed: 1");
        }
        if (!(root instanceof Value.Mapping mapping)) {
            throw new InputException(
                    "%s  the recipe is %s; write keys and values, such as seed: 1"
                            .formatted(root.where(), root.shown()));
        }
        return new Table("", place.apply(1, 1), mapping);
    }

    /// This table with one value set from the command line (`--set key=value`).
    ///
    /// Tables on the way that are not there are made. The keys asked for so far are forgotten.
    ///
    /// @param dottedKey such as `method.mask-ratio`
    /// @param value YAML, such as `0.5` or `[1, 2]`
    /// @throws InputException if the key lies below something that is not a table, or the value is
    ///   not YAML
    public Table with(String dottedKey, String value) {
        String set = "--set " + dottedKey + "=" + value;
        List<String> keys = List.of(dottedKey.split("\\.", -1));
        if (keys.stream().anyMatch(String::isBlank)) {
            throw new InputException(set + "  names no key; write --set key=value");
        }
        Value given =
                YamlReader.document(value, (_, _) -> set)
                        .orElseGet(() -> new Value.Scalar("", true, set));
        return new Table(path, where, with(mapping, keys, 0, given));
    }

    /// This table with one text set by an option of its own, such as `--on h100`.
    ///
    /// @param dottedKey such as `cost.on`
    /// @param option what was written on the command line, for error messages
    /// @throws InputException if the key lies below something that is not a table
    public Table said(String dottedKey, String text, String option) {
        Value given = new Value.Scalar(text, true, option);
        return new Table(path, where, with(mapping, List.of(dottedKey.split("\\.")), 0, given));
    }

    /// This table without a key of a table below it, if it is there.
    public Table without(String table, String key) {
        Value.Entry entry = mapping.entries().get(table);
        if (entry == null || !(entry.value() instanceof Value.Mapping below)) {
            return this;
        }
        Map<String, Value.Entry> left = new LinkedHashMap<>(below.entries());
        left.remove(key);
        Value.Mapping fewer = new Value.Mapping(left, below.where());
        return new Table(path, where, mapping.with(table, new Value.Entry(fewer, entry.where())));
    }

    private static Value.Mapping with(Value.Mapping in, List<String> keys, int at, Value given) {
        String key = keys.get(at);
        if (at == keys.size() - 1) {
            return in.with(key, new Value.Entry(given, given.where()));
        }
        Value.Entry old = in.entries().get(key);
        Value.Mapping below =
                switch (old == null ? null : old.value()) {
                    case null -> new Value.Mapping(Map.of(), given.where());
                    case Value.Mapping table -> table;
                    case Value.Scalar empty when empty.isEmpty() ->
                            new Value.Mapping(Map.of(), empty.where());
                    case Value other ->
                            throw new InputException(
                                    "%s  %s is %s, not a table; nothing can be set below it"
                                            .formatted(
                                                    given.where(),
                                                    String.join(".", keys.subList(0, at + 1)),
                                                    other.shown()));
                };
        String where = old == null ? given.where() : old.where();
        return in.with(key, new Value.Entry(with(below, keys, at + 1, given), where));
    }

    /// Another table with what this one says in the place of what it says itself.
    ///
    /// @param without keys of this table that are no part of the other
    public Table over(Table base, Set<String> without) {
        Value.Mapping both = base.mapping;
        for (Map.Entry<String, Value.Entry> entry : mapping.entries().entrySet()) {
            if (!without.contains(entry.getKey())) {
                both = both.with(entry.getKey(), entry.getValue());
            }
        }
        return new Table(path, where, both);
    }

    /// The lists of a table by their dotted keys, as they stand in the file.
    Map<String, List<Value>> axes(String key) {
        known.add(key);
        read.add(key);
        Value.Entry entry = mapping.entries().get(key);
        if (entry == null || !(entry.value() instanceof Value.Mapping lists)) {
            throw fault(key, "is no table; write keys of the recipe below it, with lists");
        }
        Map<String, List<Value>> axes = new LinkedHashMap<>();
        lists.entries()
                .forEach((name, list) -> {
                    if (!(list.value() instanceof Value.Sequence values)
                            || values.items().isEmpty()) {
                        throw new InputException(
                                "%s  %s.%s is %s; write a list of values"
                                        .formatted(list.where(), key, name, list.value().shown()));
                    }
                    axes.put(name, values.items());
                });
        return axes;
    }

    /// The value of a key as it stands in the file, not yet asked for by anybody.
    Optional<Value> raw(String key) {
        return found(key);
    }

    /// This table with another value of a key.
    Table with(String key, Value value) {
        Value.Entry entry = new Value.Entry(value, value.where());
        return new Table(path, where, mapping.with(key, entry));
    }

    /// This table as one run of a study: without the lists, with one value of each.
    Table varied(String lists, Map<String, Value> values, String name) {
        Map<String, Value.Entry> entries = new LinkedHashMap<>(mapping.entries());
        entries.remove(lists);
        Value.Entry old = entries.get("name");
        String at = old == null ? where : old.value().where();
        entries.put("name", new Value.Entry(new Value.Scalar(name, false, at), at));
        Value.Mapping run = new Value.Mapping(entries, mapping.where());
        for (Map.Entry<String, Value> value : values.entrySet()) {
            run = with(run, List.of(value.getKey().split("\\.", -1)), 0, value.getValue());
        }
        return new Table(path, where, run);
    }

    /// Whether the key is here; one that is must then also be read.
    public boolean has(String key) {
        known.add(key);
        return mapping.entries().containsKey(key);
    }

    /// The keys that are here, in the order of the file.
    public List<String> keys() {
        return List.copyOf(mapping.entries().keySet());
    }

    /// A text, exactly as written.
    public String text(String key) {
        return required(key, Form.TEXT);
    }

    /// A name that a folder can have, as that of a recipe, whose run it becomes.
    public String name(String key) {
        return required(key, Form.NAME);
    }

    /// A text, or the fallback where the key is missing.
    public String text(String key, String fallback) {
        return optional(key, fallback, Form.TEXT);
    }

    /// A whole number: `12`, `6_000_000` or `1e6`; not `12.5`.
    public long whole(String key) {
        return required(key, Form.WHOLE);
    }

    /// A whole number, or the fallback where the key is missing.
    public long whole(String key, long fallback) {
        return optional(key, fallback, Form.WHOLE);
    }

    /// A whole number from 0 to 2^31 - 1.
    public int count(String key) {
        return required(key, Form.COUNT);
    }

    /// A whole number from 0 to 2^31 - 1, or the fallback where the key is missing.
    public int count(String key, int fallback) {
        return optional(key, fallback, Form.COUNT);
    }

    /// A finite number: `0.75`, `2` or `1.5e-4`.
    public double real(String key) {
        return required(key, Form.REAL);
    }

    /// A finite number, or the fallback where the key is missing.
    public double real(String key, double fallback) {
        return optional(key, fallback, Form.REAL);
    }

    /// `true` or `false`.
    public boolean flag(String key) {
        return required(key, Form.FLAG);
    }

    /// `true` or `false`, or the fallback where the key is missing.
    public boolean flag(String key, boolean fallback) {
        return optional(key, fallback, Form.FLAG);
    }

    /// A list of finite numbers.
    public List<Double> reals(String key) {
        return required(key, Form.REALS);
    }

    /// A list of finite numbers, or the fallback where the key is missing.
    public List<Double> reals(String key, List<Double> fallback) {
        return optional(key, fallback, Form.REALS);
    }

    /// A list of texts.
    public List<String> texts(String key) {
        return required(key, Form.TEXTS);
    }

    /// A list of texts, or the fallback where the key is missing.
    public List<String> texts(String key, List<String> fallback) {
        return optional(key, fallback, Form.TEXTS);
    }

    /// A path as written: relative to where the program runs, not to the recipe.
    public Path path(String key) {
        return required(key, Form.PATH);
    }

    /// A path, or the fallback where the key is missing.
    public Path path(String key, Path fallback) {
        return optional(key, fallback, Form.PATH);
    }

    /// A path, if the key is there.
    public Optional<Path> optionalPath(String key) {
        return has(key) ? Optional.of(path(key)) : Optional.empty();
    }

    /// One of the given names.
    public String choice(String key, List<String> names) {
        return required(key, Form.oneOf(names, Function.identity()));
    }

    /// One of the given names, or the fallback where the key is missing.
    public String choice(String key, List<String> names, String fallback) {
        return optional(key, fallback, Form.oneOf(names, Function.identity()));
    }

    /// One of an enum's constants, written in kebab-case: `BF16` as `bf16`, `NO_DECAY` as
    /// `no-decay`.
    public <E extends Enum<E>> E choice(String key, Class<E> type) {
        return required(key, Form.oneOf(List.of(type.getEnumConstants()), Table::kebab));
    }

    /// One of an enum's constants, or the fallback where the key is missing.
    public <E extends Enum<E>> E choice(String key, E fallback) {
        E[] constants = fallback.getDeclaringClass().getEnumConstants();
        return optional(key, fallback, Form.oneOf(List.of(constants), Table::kebab));
    }

    /// A list of an enum's constants, each as {@link #choice(String, Class)} has it; all of them
    /// where the key is missing.
    public <E extends Enum<E>> List<E> choices(String key, Class<E> type) {
        List<E> all = List.of(type.getEnumConstants());
        return optional(key, all, Form.someOf(all, Table::kebab));
    }

    /// A text that some other type reads, such as `Budget::parse`.
    ///
    /// @param parse throws [IllegalArgumentException] with what would do, to stand after the key
    ///   and what was found: "write an amount and its unit, such as 2e17 FLOP"
    public <T> T parsed(String key, Function<String, T> parse) {
        String text = text(key);
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            String found = found(key).map(Value::shown).orElse(text);
            throw fault(key, "is " + found + "; " + e.getMessage(), e);
        }
    }

    /// Whether a key is there and holds a table.
    public boolean isTable(String key) {
        known.add(key);
        Value.Entry entry = mapping.entries().get(key);
        return entry != null && entry.value() instanceof Value.Mapping;
    }

    /// The table under a key.
    public Table table(String key) {
        return optionalTable(key)
                .orElseThrow(
                        () -> missing(key, "write " + key + ": and its keys below it, indented"));
    }

    /// The table under a key, if there is one.
    public Optional<Table> optionalTable(String key) {
        known.add(key);
        read.add(key);
        Value.Entry entry = mapping.entries().get(key);
        if (entry == null) {
            return Optional.empty();
        }
        return Optional.of(children.computeIfAbsent(key, _ -> child(key, entry)));
    }

    private Table child(String key, Value.Entry entry) {
        return switch (entry.value()) {
            case Value.Mapping table -> new Table(dotted(key), entry.where(), table);
            case Value.Scalar empty when empty.isEmpty() ->
                    new Table(
                            dotted(key), entry.where(), new Value.Mapping(Map.of(), empty.where()));
            case Value other ->
                    throw fault(
                            key,
                            "is " + other.shown() + "; write its keys below it, indented",
                            null);
        };
    }

    /// The keys that were asked for, here and in the tables below, with the tables they lie in:
    /// `method`, `method.mask-ratio`. What a recipe may have, once it was read.
    public Set<String> asked() {
        Set<String> all = new TreeSet<>();
        known.forEach(key -> all.add(dotted(key)));
        children.values().forEach(child -> all.addAll(child.asked()));
        return all;
    }

    /// Runs a config's constructor and gives its complaint file, line and key.
    ///
    /// "maskRatio is 75; it must ..." becomes "recipe.yaml:12:15 method.mask-ratio is 75; it must
    /// ..." when this table was asked for mask-ratio; any other complaint is the whole table's.
    ///
    /// @throws InputException in place of the constructor's [IllegalArgumentException]
    public <T> T build(Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (IllegalArgumentException e) {
            String complaint = String.valueOf(e.getMessage());
            Matcher component = COMPONENT.matcher(complaint);
            if (component.find()) {
                String key = kebab(component.group());
                if (known.contains(key)) {
                    throw fault(key, complaint.substring(component.end()).strip(), e);
                }
            }
            String prefix = path.isEmpty() ? "" : path + ": ";
            throw new InputException(where + "  " + prefix + complaint, e);
        }
    }

    /// What is wrong with a key, in words that follow its name: `fault("epochs", "is given, and so
    /// is steps; keep one of them")`.
    public InputException fault(String key, String complaint) {
        return fault(key, complaint, null);
    }

    /// Refuses keys that nobody asked for, here and in the tables below.
    ///
    /// @throws InputException naming the first such key of the file and the nearest known one
    public void done() {
        mapping.entries()
                .forEach((key, entry) -> {
                    if (!known.contains(key)) {
                        throw unknown(key, entry);
                    }
                    if (!read.contains(key)) {
                        throw new InputException(
                                "%s  %s has no effect here; remove it"
                                        .formatted(entry.where(), dotted(key)));
                    }
                    Optional.ofNullable(children.get(key)).ifPresent(Table::done);
                });
    }

    /// A text as YAML that reads back to the same, whatever letters it has.
    public static String quoted(String text) {
        return YamlWriter.quoted(text);
    }

    /// The recipe with everything set on the command line, as YAML that reads back to the same.
    public String yaml() {
        return YamlWriter.write(mapping);
    }

    private InputException unknown(String key, Value.Entry entry) {
        String remedy =
                Nearest.to(key, known)
                        .map(near -> "did you mean " + near + "?")
                        .orElseGet(() ->
                                known.isEmpty()
                                        ? "remove it"
                                        : "known are " + String.join(", ", known));
        return new InputException(
                "%s  %s is not known here; %s".formatted(entry.where(), dotted(key), remedy));
    }

    private <T> T required(String key, Form<T> form) {
        return asked(key)
                .map(found -> read(key, found, form))
                .orElseThrow(() -> missing(key, form.remedy()));
    }

    private <T> T optional(String key, T fallback, Form<T> form) {
        return asked(key).map(found -> read(key, found, form)).orElse(fallback);
    }

    private Optional<Value> asked(String key) {
        known.add(key);
        read.add(key);
        return found(key);
    }

    private Optional<Value> found(String key) {
        return Optional.ofNullable(mapping.entries().get(key)).map(Value.Entry::value);
    }

    private <T> T read(String key, Value found, Form<T> form) {
        if (found instanceof Value.Scalar scalar && scalar.isEmpty()) {
            throw fault(key, "is empty; " + form.remedy(), null);
        }
        return form.read()
                .apply(found)
                .orElseThrow(
                        () -> fault(key, "is " + found.shown() + "; " + remedy(found, form), null));
    }

    private static String remedy(Value found, Form<?> form) {
        if (found instanceof Value.Scalar scalar) {
            boolean quotesAlone =
                    !scalar.plain()
                            && form.read()
                                    .apply(new Value.Scalar(scalar.text(), true, scalar.where()))
                                    .isPresent();
            if (quotesAlone) {
                return "remove the quotes";
            }
            return Nearest.to(scalar.text(), form.names())
                    .map(near -> "did you mean " + near + "? ")
                    .orElse("")
                    .concat(form.remedy());
        }
        return form.remedy();
    }

    private InputException missing(String key, String remedy) {
        for (Map.Entry<String, Value.Entry> entry : mapping.entries().entrySet()) {
            boolean misspelt =
                    !known.contains(entry.getKey())
                            && Nearest.to(entry.getKey(), List.of(key)).isPresent();
            if (misspelt) {
                return new InputException(
                        "%s  %s is missing; did you mean it by %s?"
                                .formatted(entry.getValue().where(), dotted(key), entry.getKey()));
            }
        }
        return new InputException("%s  %s is missing; %s".formatted(where, dotted(key), remedy));
    }

    private InputException fault(String key, String complaint, @Nullable Throwable cause) {
        String at = found(key).map(Value::where).orElse(where);
        String message = at + "  " + dotted(key) + " " + complaint;
        return cause == null ? new InputException(message) : new InputException(message, cause);
    }

    private String dotted(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String kebab(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String kebab(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String siblingOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            return "";
        }
        if (!Files.isDirectory(folder)) {
            return Files.exists(folder)
                    ? ": " + folder + " is no folder"
                    : ", nor does the folder " + folder;
        }
        try (Stream<Path> siblings = Files.list(folder)) {
            List<String> names =
                    siblings.map(name -> name.getFileName().toString()).sorted().toList();
            return Nearest.to(String.valueOf(file.getFileName()), names)
                    .map(near -> "; did you mean " + file.resolveSibling(near) + "?")
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private static String utf8(Path file, byte[] bytes) {
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            long line = text.chars().filter(c -> c == '\n').count() + 1;
            int column = text.length() - text.lastIndexOf('\n');
            throw new InputException(
                    "%s:%d:%d  the byte 0x%02X is not UTF-8; save the file as UTF-8"
                            .formatted(file, line, column, bytes[in.position()]));
        }
        return text;
    }
}
