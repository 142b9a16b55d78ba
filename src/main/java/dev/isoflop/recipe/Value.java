package dev.isoflop.recipe;

import dev.isoflop.fault.Excerpt;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A value of a recipe and where it was written: `file:line:column`, or the `--set` that gave it.
sealed interface Value {

    /// Letters of a value that an error message shows at most.
    int LONGEST = 60;

    /// Where the value begins.
    String where();

    /// The value as an error message shows it.
    String shown();

    /// A word, a number or a text. No type is inferred: `no` stays a word until a flag is asked
    /// for.
    ///
    /// @param plain whether it was written without quotes
    record Scalar(String text, boolean plain, String where) implements Value {

        private static final Pattern BARE =
                Pattern.compile("true|false|[-+]?[0-9.][0-9._]*(e[-+]?[0-9]+)?", 2);

        /// Whether nothing was written.
        boolean isEmpty() {
            return plain && text.isEmpty();
        }

        @Override
        public String shown() {
            String cut = Excerpt.of(text);
            return plain && BARE.matcher(text).matches() ? cut : YamlWriter.quoted(cut);
        }
    }

    /// Values in a row.
    record Sequence(List<Value> items, String where) implements Value {

        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public String shown() {
            String items = this.items.stream().map(Value::shown).collect(Collectors.joining(", "));
            return items.length() <= LONGEST ? "[" + items + "]" : "a list of " + this.items.size();
        }
    }

    /// Values by name, in the order of the file.
    record Mapping(Map<String, Entry> entries, String where) implements Value {

        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        @Override
        public String shown() {
            return "a table";
        }

        /// The same mapping with one entry replaced or added.
        Mapping with(String key, Entry entry) {
            var changed = new LinkedHashMap<String, Entry>(entries);
            changed.put(key, entry);
            return new Mapping(changed, where);
        }
    }

    /// A named value.
    ///
    /// @param where where the name begins
    record Entry(Value value, String where) {}
}
