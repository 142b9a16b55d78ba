package dev.isoflop.data.tree;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a dataset leaves out of what it was given, for one reason.
///
/// @param reason such as "images that no annotation file lists"
/// @param count of them
/// @param first of them, by name
public record LeftOut(String reason, long count, String first) {

    /// Such as "empty captions: 2 (first: annotation 3 of c.json)".
    public String text() {
        return String.format(Locale.ROOT, "%s: %,d (first: %s)", reason, count, first);
    }

    /// The same as a line that names the dataset.
    public String textOf(String dataset) {
        return "left out of " + dataset + ": " + text();
    }

    /// Counts by reason, in the order in which reasons are met.
    public static final class Count {

        private final Map<String, LeftOut> byReason = new LinkedHashMap<>();

        /// Counts one more.
        ///
        /// @param what it is, by name
        public void add(String reason, String what) {
            byReason.merge(
                    reason,
                    new LeftOut(reason, 1, what),
                    (before, one) -> new LeftOut(reason, before.count + one.count, before.first));
        }

        /// What was counted.
        public List<LeftOut> all() {
            return new ArrayList<>(byReason.values());
        }
    }
}
