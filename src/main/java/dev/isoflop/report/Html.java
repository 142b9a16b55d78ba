package dev.isoflop.report;

import java.util.regex.Pattern;

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
}
