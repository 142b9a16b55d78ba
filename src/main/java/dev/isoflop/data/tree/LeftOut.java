package dev.isoflop.data.tree;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What a dataset leaves out of what it was given, for one reason.
///
/// @param reason such as "images that no annotation file lists"
/// @param count of them
/// @param first names of the first of them, in alphabetical order
public record LeftOut(String reason, long count, List<String> first) {

    private static final int NAMED = 5;

    public LeftOut {
        first = List.copyOf(first);
    }

    /// Such as "links to nothing: 2 (a.jpg; b.jpg)".
    public String text() {
        String names = String.join("; ", first) + (count > first.size() ? " and others" : "");
        return String.format(Locale.ROOT, "%s: %,d (%s)", reason, count, names);
    }

    /// The same as a line that names the dataset.
    public String textOf(String dataset) {
        return "left out of " + dataset + ": " + text();
    }

    /// Counts by reason, in the order in which reasons are met.
    public static final class Count {

        private final Map<String, Group> groups = new LinkedHashMap<>();

        private static final class Group {
            private final NavigableSet<String> first =
                    new TreeSet<>(); // whatever order they come in
            private long count;
        }

        /// Counts one more.
        ///
        /// @param what it is, by name
        public void add(String reason, String what) {
            Group group = groups.computeIfAbsent(reason, _ -> new Group());
            group.count++;
            if (group.first.add(printable(what)) && group.first.size() > NAMED) {
                var _ = group.first.pollLast();
            }
        }

        /// What was counted.
        public List<LeftOut> all() {
            return groups.entrySet().stream()
                    .map(group ->
                            new LeftOut(
                                    group.getKey(),
                                    group.getValue().count,
                                    List.copyOf(group.getValue().first)))
                    .toList();
        }

        /// What was counted of a tree's files, behind what the tree itself leaves out.
        public List<LeftOut> allOf(FileTree tree) {
            return Stream.concat(tree.leftOut().stream(), all().stream()).toList();
        }

        /// A name on one line.
        private static String printable(String name) {
            return name.replace("\n", "\\n").replaceAll("\\p{Cntrl}", "?");
        }
    }
}
