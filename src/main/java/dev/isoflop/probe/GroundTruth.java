package dev.isoflop.probe;

import dev.isoflop.fault.Check;

import java.util.BitSet;
import java.util.List;

/// The labels of each row: one class or several.
///
/// @param labels of each row, the main one first; at least one
/// @param classes how many there are; labels lie below it
public record GroundTruth(List<List<Integer>> labels, int classes) {

    public GroundTruth {
        labels = labels.stream().map(List::copyOf).toList();
        Check.that(classes >= 1, "classes is %s; it must be at least 1", classes);
        for (List<Integer> row : labels) {
            Check.that(!row.isEmpty(), "labels has a row without any; leave it out");
            for (int label : row) {
                Check.that(
                        label >= 0 && label < classes,
                        "labels has %s where there are %s classes",
                        label,
                        classes);
            }
        }
    }

    /// How many rows there are.
    int rows() {
        return labels.size();
    }

    /// The main class of a row.
    int main(int row) {
        return labels.get(row).getFirst();
    }

    /// Whether some row shows several classes.
    boolean multiLabel() {
        return labels.stream().anyMatch(row -> row.size() > 1);
    }

    /// The classes that some row shows.
    BitSet seen() {
        var seen = new BitSet(classes);
        labels.forEach(row -> row.forEach(seen::set));
        return seen;
    }

    /// Whether each row shows a class.
    ///
    /// @return one flag a row
    boolean[] shows(int label) {
        boolean[] shows = new boolean[rows()];
        for (int row = 0; row < shows.length; row++) {
            shows[row] = labels.get(row).contains(label);
        }
        return shows;
    }
}
