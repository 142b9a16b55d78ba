package dev.isoflop.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// Rows of cells as lines for a terminal.
public final class TextTable {

    private TextTable() {}

    /// Rows as lines, two spaces between columns, with nothing behind the last word.
    ///
    /// @param rows of as many cells each
    /// @param words which columns hold words and begin at the left, the first being 0; numbers end
    ///   at the right
    public static List<String> aligned(List<List<String>> rows, IntPredicate words) {
        int columns = rows.isEmpty() ? 0 : rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = row.get(i);
                String pad = " ".repeat(widths[i] - cell.length());
                line.append(i == 0 ? "" : "  ").append(words.test(i) ? cell + pad : pad + cell);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
