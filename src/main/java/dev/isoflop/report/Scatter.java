package dev.isoflop.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// A picture of points on two logarithmic axes, in groups, with a line and the band around it.
///
/// @param title above it
/// @param caption below it: scope, convention, conditions
/// @param across what the axis below says, with its unit
/// @param up what the axis on the left says, with its unit
/// @param groups points by the name of their group, in the order of their colours
/// @param line from left to right; empty for none
public record Scatter(
        String title,
        String caption,
        String across,
        String up,
        Map<String, List<Point>> groups,
        List<Place> line) {

    private static final int WIDTH = 860;
    private static final int HEIGHT = 560;
    private static final double MANY_DECADES = 2e4;
    private static final int PLAIN_FROM = -3; // powers of ten that are written out
    private static final int PLAIN_TO = 5;

    /// A point; both numbers are positive.
    public record Point(double x, double y) {}

    /// A place of the line, with its band.
    ///
    /// @param x along the axis
    /// @param y of the line
    /// @param low of the band
    /// @param high of the band
    public record Place(double x, double y, double low, double high) {}

    public Scatter {
        groups = new LinkedHashMap<>(groups);
        line = List.copyOf(line);
    }

    /// The picture as SVG.
    public String svg() {
        Map<String, Object> spec = Picture.titled(title, caption, new HashMap<>());
        spec.put("scales", scales());
        List<Object> layers = new ArrayList<>();
        if (!line.isEmpty()) {
            layers.add(band());
            layers.add(middle());
        }
        layers.add(points());
        spec.put("layers", layers);
        spec.put("ggsize", Picture.map("width", WIDTH, "height", HEIGHT));
        return Picture.svg(spec);
    }

    private List<Object> scales() {
        Map<String, Object> colours = Picture.map("aesthetic", "color", "name", "");
        colours.put("values", new ArrayList<Object>(Picture.COLOURS));
        return new ArrayList<>(
                List.of(
                        axis("x", across, every(Point::x, List.of(Place::x))),
                        axis("y", up, every(Point::y, List.of(Place::low, Place::high))),
                        colours));
    }

    /// All numbers that an axis has to hold.
    private List<Double> every(
            ToDoubleFunction<Point> ofPoint, List<ToDoubleFunction<Place>> ofLine) {
        List<Double> numbers = new ArrayList<>();
        groups.values()
                .forEach(points -> points.forEach(p -> numbers.add(ofPoint.applyAsDouble(p))));
        ofLine.forEach(of -> line.forEach(place -> numbers.add(of.applyAsDouble(place))));
        return numbers;
    }

    /// A logarithmic axis with the powers of ten, and 2 and 5 times them where there are few.
    private static Map<String, Object> axis(String which, String name, List<Double> numbers) {
        double least = numbers.stream().mapToDouble(n -> n).min().orElse(1);
        double most = numbers.stream().mapToDouble(n -> n).max().orElse(1);
        List<Integer> steps = most / least < MANY_DECADES ? List.of(1, 2, 5) : List.of(1);
        List<Object> places = new ArrayList<>();
        List<Object> labels = new ArrayList<>();
        int last = (int) Math.ceil(Math.log10(most));
        for (int power = (int) Math.floor(Math.log10(least)); power <= last; power++) {
            for (int step : steps) {
                double place = step * Math.pow(10, power);
                if (least <= place && place <= most) {
                    places.add(place);
                    labels.add(label(step, power));
                }
            }
        }
        Map<String, Object> axis = Picture.map("aesthetic", which, "trans", "log10", "name", name);
        axis.put("expand", new ArrayList<Object>(List.of(0.04, 0.0)));
        axis.put("breaks", places);
        axis.put("labels", labels);
        return axis;
    }

    private static String label(int step, int power) {
        return power < PLAIN_FROM || power > PLAIN_TO
                ? step + "e" + power
                : new BigDecimal(step).scaleByPowerOfTen(power).toPlainString();
    }

    private Map<String, Object> band() {
        Map<String, Object> layer = Picture.map("geom", "ribbon", "size", 0.0, "alpha", 0.25);
        layer.put("fill", "#718096");
        layer.put(
                "data",
                Picture.map(
                        "x",
                        along(Place::x),
                        "low",
                        along(Place::low),
                        "high",
                        along(Place::high)));
        layer.put("mapping", Picture.map("x", "x", "ymin", "low", "ymax", "high"));
        return layer;
    }

    private Map<String, Object> middle() {
        Map<String, Object> layer = Picture.map("geom", "line", "size", 1.0, "color", "#4a5568");
        layer.put("data", Picture.map("x", along(Place::x), "y", along(Place::y)));
        layer.put("mapping", Picture.map("x", "x", "y", "y"));
        return layer;
    }

    private List<Object> along(ToDoubleFunction<Place> number) {
        List<Object> numbers = new ArrayList<>();
        line.forEach(place -> numbers.add(number.applyAsDouble(place)));
        return numbers;
    }

    private Map<String, Object> points() {
        List<Object> x = new ArrayList<>();
        List<Object> y = new ArrayList<>();
        List<Object> names = new ArrayList<>();
        groups.forEach((name, points) -> {
            for (Point point : points) {
                x.add(point.x);
                y.add(point.y);
                names.add(name);
            }
        });
        Map<String, Object> layer = Picture.map("geom", "point", "size", 3.5);
        layer.put("data", Picture.map("x", x, "y", y, "group", names));
        layer.put("mapping", Picture.map("x", "x", "y", "y", "color", "group"));
        return layer;
    }
}
