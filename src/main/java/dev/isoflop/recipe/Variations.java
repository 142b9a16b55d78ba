package dev.isoflop.recipe;

import dev.isoflop.fault.Excerpt;
import dev.isoflop.fault.InputException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The runs of a study: a recipe whose `vary` lists values for some of its keys.
///
/// ```yaml
/// name: mae-{encoder}-{budget}
/// vary:
///   encoder: [B/16, L/16]
///   budget: [62500 steps, 125000 steps]
/// ```
///
/// is four runs, the last key turning fastest. `{key}` in the name becomes the run's value of that
/// key, in lower case, with `-` for what a folder's name had better not hold.
///
/// `figures` says which figures of the study show which of its runs, by the values of keys that
/// vary; a run has the names of those that show it.
public final class Variations {

    private static final String VARY = "vary";
    private static final String NAME = "name";
    private static final String FIGURES = "figures";
    private static final int MOST = 10_000;
    private static final Pattern PLACE = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern UNFIT = Pattern.compile("[^a-z0-9._]+");

    private Variations() {}

    /// The recipes that a study consists of; a recipe without `vary` is its own only run.
    ///
    /// @throws InputException if `vary` is no table of lists, or two runs have the same name
    public static List<Table> of(Table study) {
        if (!study.has(VARY)) {
            return List.of(study);
        }
        Map<String, List<Value>> axes = study.axes(VARY);
        List<Map<String, Value>> runs = List.of(Map.of());
        for (Map.Entry<String, List<Value>> axis : axes.entrySet()) {
            List<Map<String, Value>> longer = new ArrayList<>();
            for (Map<String, Value> run : runs) {
                for (Value value : axis.getValue()) {
                    Map<String, Value> more = new LinkedHashMap<>(run);
                    more.put(axis.getKey(), value);
                    longer.add(more);
                }
            }
            if (longer.size() > MOST) {
                throw study.fault(VARY, "makes more than %,d runs".formatted(MOST));
            }
            runs = longer;
        }
        Map<String, Table> byName = new LinkedHashMap<>();
        for (Map<String, Value> run : runs) {
            String name = named(study, run);
            Table varied = shown(study, study.varied(VARY, run, name), axes, run);
            if (byName.put(name, varied) != null) {
                throw study.fault(
                        NAME,
                        "is \"%s\" for several runs; write a key that varies in braces, such as {%s}"
                                .formatted(name, axes.keySet().iterator().next()));
            }
        }
        return List.copyOf(byName.values());
    }

    /// A run with the names of the figures that show it, in place of which runs each figure shows.
    private static Table shown(
            Table study, Table varied, Map<String, List<Value>> axes, Map<String, Value> run) {
        if (!(study.raw(FIGURES).orElse(null) instanceof Value.Mapping figures)) {
            return varied;
        }
        List<Value> names = new ArrayList<>();
        figures.entries()
                .forEach((name, entry) -> {
                    if (shows(name, entry.value(), axes, run)) {
                        names.add(new Value.Scalar(name, false, entry.where()));
                    }
                });
        return varied.with(FIGURES, new Value.Sequence(names, figures.where()));
    }

    /// Whether a run has the values that a figure shows; a figure without any shows all runs.
    private static boolean shows(
            String figure, Value value, Map<String, List<Value>> axes, Map<String, Value> run) {
        String at = FIGURES + "." + figure;
        if (value instanceof Value.Scalar empty && empty.isEmpty()) {
            return true;
        }
        if (!(value instanceof Value.Mapping wanted)) {
            throw new InputException(
                    "%s  %s is %s; write keys that vary with the values it shows, or nothing for all"
                            .formatted(value.where(), at, value.shown()));
        }
        boolean all = true;
        for (Map.Entry<String, Value.Entry> entry : wanted.entries().entrySet()) {
            String key = entry.getKey();
            List<Value> axis = axes.get(key);
            if (axis == null) {
                throw new InputException(
                        "%s  %s.%s does not vary; known are %s"
                                .formatted(
                                        entry.getValue().where(),
                                        at,
                                        key,
                                        String.join(", ", axes.keySet())));
            }
            all &= anyOf(at + "." + key, entry.getValue().value(), axis, run.get(key));
        }
        return all;
    }

    private static boolean anyOf(
            String at, Value wanted, List<Value> axis, @Nullable Value ofTheRun) {
        List<Value> values = wanted instanceof Value.Sequence list ? list.items() : List.of(wanted);
        List<String> known = axis.stream().map(Value::shown).toList();
        for (Value value : values) {
            if (!known.contains(value.shown())) {
                throw new InputException(
                        "%s  %s is %s, which no run has; known are %s"
                                .formatted(
                                        value.where(),
                                        at,
                                        value.shown(),
                                        String.join(", ", known)));
            }
        }
        return ofTheRun != null
                && values.stream().map(Value::shown).anyMatch(ofTheRun.shown()::equals);
    }

    private static String named(Table study, Map<String, Value> run) {
        Matcher places = PLACE.matcher(study.text(NAME));
        var name = new StringBuilder();
        while (places.find()) {
            Value value = run.get(places.group(1));
            if (!(value instanceof Value.Scalar scalar)) {
                throw study.fault(
                        NAME,
                        "has {%s}, which does not vary; known are %s"
                                .formatted(
                                        Excerpt.of(places.group(1)),
                                        String.join(", ", run.keySet())));
            }
            places.appendReplacement(name, Matcher.quoteReplacement(fit(scalar.text())));
        }
        places.appendTail(name);
        return name.toString();
    }

    private static String fit(String text) {
        String plain = UNFIT.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("-");
        return plain.replaceAll("^-|-$", "");
    }
}
