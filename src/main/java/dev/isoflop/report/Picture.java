package dev.isoflop.report;

import org.jetbrains.letsPlot.awt.plot.PlotSvgExport;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/// What all pictures have in common: how they are told to the library, and the look of isoflop.
final class Picture {

    /// Of groups, in order: readable side by side, and in grey.
    static final List<String> COLOURS =
            List.of("#2b6cb0", "#dd6b20", "#2f855a", "#b83280", "#6b46c1", "#718096");

    private static final Pattern ID = Pattern.compile(" id=\"(\\w+)\"");

    private Picture() {}

    /// A picture's description, with what stands above and below it.
    static Map<String, Object> titled(String title, String caption, Map<String, Object> data) {
        Map<String, Object> spec = map("kind", "plot", "data", data);
        spec.put("ggtitle", map("text", title));
        spec.put("caption", map("text", caption));
        Map<String, Object> theme = map("name", "minimal");
        theme.put("legend_position", "top");
        theme.put("plot_caption", map("color", "#555555", "size", 11, "hjust", 0.0));
        spec.put("theme", theme);
        return spec;
    }

    /// Keys and values in turn; the library wants maps that can change.
    static Map<String, Object> map(Object... entries) {
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put((String) entries[i], entries[i + 1]);
        }
        return map;
    }

    /// The picture as SVG that any browser shows, with no font or file of its own; the same picture
    /// gives the same bytes.
    static String svg(Map<String, Object> spec) {
        return named(PlotSvgExport.INSTANCE.buildSvgImageFromRawSpecs(spec, null, true));
    }

    /// The picture with names that follow from what it shows, in place of names drawn by chance:
    /// two on one page do not meet.
    private static String named(String svg) {
        List<String> drawn = ID.matcher(svg).results().map(found -> found.group(1)).toList();
        String plain = renamed(svg, drawn, "p");
        CRC32 shown = new CRC32();
        shown.update(plain.getBytes(StandardCharsets.UTF_8));
        return renamed(svg, drawn, "p%08x-".formatted(shown.getValue()));
    }

    private static String renamed(String svg, List<String> names, String prefix) {
        String renamed = svg;
        for (int i = 0; i < names.size(); i++) {
            renamed = renamed.replaceAll("\\b" + names.get(i) + "\\b", prefix + i);
        }
        return renamed;
    }
}
