package dev.isoflop.report;

import dev.isoflop.fault.Check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A picture of amounts as horizontal bars, in groups: one bar a group in each row.
///
/// @param title above it
/// @param caption below it: scope, convention, conditions
/// @param unit along the axis: `PFLOP a step`
/// @param rows from the top
/// @param groups in the order of their colours
public record Bars(
        String title, String caption, String unit, List<String> rows, List<Group> groups) {

    private static final int WIDTH = 860;
    private static final int AROUND = 150; // title, caption and axis
    private static final int ROW = 38;
    private static final double THICK = 0.76; // of the bars of a row, in rows
    private static final double GAP = 0.46; // of a bar that is painted on either side
    private static final double HALF = 0.5;
    private static final double BESIDE = 0.006; // between bar and number, of the largest bar

    /// One amount for each row.
    ///
    /// @param name in the legend
    /// @param amounts in the order of the rows
    public record Group(String name, List<Double> amounts) {

        public Group {
            amounts = List.copyOf(amounts);
        }
    }

    public Bars {
        rows = List.copyOf(rows);
        groups = List.copyOf(groups);
        for (Group group : groups) {
            Check.that(
                    group.amounts.size() == rows.size(),
                    "groups is wrong: %s has %s amounts for %s rows",
                    group.name,
                    group.amounts.size(),
                    rows.size());
        }
    }

    /// The picture as SVG.
    public String svg() {
        double thick = THICK / groups.size();
        double most =
                groups.stream()
                        .flatMap(group -> group.amounts.stream())
                        .mapToDouble(amount -> amount)
                        .max()
                        .orElse(1);
        Map<String, List<Object>> data = new HashMap<>();
        for (int g = 0; g < groups.size(); g++) {
            for (int row = 0; row < rows.size(); row++) {
                double amount = groups.get(g).amounts.get(row);
                double middle = -row + THICK / 2 - (g + HALF) * thick; // the first row on top
                add(data, "zero", 0.0);
                add(data, "amount", amount);
                add(data, "low", middle - GAP * thick);
                add(data, "middle", middle);
                add(data, "high", middle + GAP * thick);
                add(data, "label", Amount.real(amount));
                add(data, "right", amount + BESIDE * most);
                add(data, "group", groups.get(g).name);
            }
        }
        Map<String, Object> spec = Picture.titled(title, caption, new HashMap<>(data));
        spec.put("scales", scales());
        spec.put("layers", layers());
        spec.put("ggsize", Picture.map("width", WIDTH, "height", AROUND + ROW * rows.size()));
        return Picture.svg(spec);
    }

    private static void add(Map<String, List<Object>> data, String column, Object value) {
        data.computeIfAbsent(column, _ -> new ArrayList<>()).add(value);
    }

    private List<Object> scales() {
        List<Object> places = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            places.add((double) -row);
        }
        Map<String, Object> names = Picture.map("aesthetic", "y", "name", "");
        names.put("breaks", places);
        names.put("labels", new ArrayList<Object>(rows));
        Map<String, Object> amounts = Picture.map("aesthetic", "x", "name", unit);
        amounts.put("expand", new ArrayList<Object>(List.of(0.08, 0.0)));
        Map<String, Object> colours = Picture.map("aesthetic", "fill", "name", "");
        colours.put("values", new ArrayList<Object>(Picture.COLOURS));
        return new ArrayList<>(List.of(names, amounts, colours));
    }

    private static List<Object> layers() {
        Map<String, Object> bars = Picture.map("geom", "rect", "size", 0.0);
        bars.put(
                "mapping",
                Picture.map(
                        "xmin", "zero", "xmax", "amount", "ymin", "low", "ymax", "high", "fill",
                        "group"));
        Map<String, Object> numbers = Picture.map("geom", "text", "hjust", 0.0, "size", 5.5);
        numbers.put("mapping", Picture.map("x", "right", "y", "middle", "label", "label"));
        numbers.put("color", "#444444");
        return new ArrayList<>(List.of(bars, numbers));
    }
}
