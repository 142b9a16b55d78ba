package dev.isoflop.fault;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The known name nearest to a misspelt one, for "did you mean".
public final class Nearest {

    private Nearest() {}

    /// The known name with the fewest edits from what was found, if at most a third of its letters
    /// differ.
    public static Optional<String> to(String found, Collection<String> known) {
        return known.stream()
                .filter(name -> Math.abs(found.length() - name.length()) <= most(name))
                .min(Comparator.comparingInt(name -> edits(found, name)))
                .filter(name -> edits(found, name) <= most(name));
    }

    private static int most(String name) {
        return Math.max(1, name.length() / 3);
    }

    /// Levenshtein's distance, without regard to case.
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same =
                        Character.toLowerCase(a.charAt(i - 1))
                                == Character.toLowerCase(b.charAt(j - 1));
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
