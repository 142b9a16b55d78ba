package dev.isoflop.report;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Text to HTML. Whatever was not written in this package goes through [#escape].
final class Html {

    private static final Pattern POWER = Pattern.compile("\\b([0-9.]+)e(-?[0-9]+)\\b");

    private Html() {}

    /// The text as it reads, in an element or a quoted attribute.
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /// Escaped text in which `1.34e13` reads 1.34 x 10^13.
    static String figures(String text) {
        return POWER.matcher(escape(text))
                .replaceAll(match ->
                        "<span class=\"nobr\">%s&#8239;&times;&#8239;10<sup>%s</sup></span>"
                                .formatted(match.group(1), match.group(2).replace("-", "&minus;")));
    }

    /// A part of a page under a heading.
    ///
    /// @param content HTML, as in all that follows where nothing else is said
    static String section(String heading, String content) {
        return "<section>\n<h2>%s</h2>\n%s</section>\n".formatted(escape(heading), content);
    }

    /// A figure among the few that count most.
    ///
    /// @param label plain text
    /// @param value plain text, in which powers of ten are shown as such
    /// @param unit plain text; may be empty
    /// @param how it was counted
    static String keyFigure(String label, String value, String unit, String how) {
        return "<div><dt>%s</dt><dd><b>%s</b> %s<small>%s</small></dd></div>\n"
                .formatted(escape(label), figures(value), escape(unit), how);
    }

    /// A table that scrolls by itself where it is wider than the page.
    ///
    /// @param heads plain text
    /// @param rows each a [#row]
    static String table(List<String> heads, String rows) {
        String head =
                heads.stream()
                        .map(name -> "<th scope=\"col\">" + escape(name) + "</th>")
                        .collect(Collectors.joining());
        return """
        <div class="wide"><table>
        <thead><tr>%s</tr></thead>
        <tbody>
        %s</tbody>
        </table></div>\
        """
                .formatted(head, rows);
    }

    /// The same without heads: a name and its value each.
    static String table(String rows) {
        return "<div class=\"wide\"><table><tbody>\n%s</tbody></table></div>".formatted(rows);
    }

    /// A row of a table.
    ///
    /// @param head plain text: what the row is of
    static String row(String head, String... cells) {
        String rest =
                Arrays.stream(cells)
                        .map(cell -> "<td>" + cell + "</td>")
                        .collect(Collectors.joining());
        return "<tr><th scope=\"row\">%s</th>%s</tr>\n".formatted(escape(head), rest);
    }
}
