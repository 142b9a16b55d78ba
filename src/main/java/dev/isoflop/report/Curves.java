package dev.isoflop.report;

import dev.isoflop.run.Measurement;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// The curves of a run: thinned to what a screen can show, and a smooth line through the loss.
///
/// @param all every measurement
/// @param stride one in so many of them is drawn
/// @param window steps that a point of the smooth line is the mean of, away from the ends
record Curves(List<Measurement> all, int stride, int window) {

    private static final int MOST_POINTS = 1500;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Curves of(List<Measurement> all) {
        int n = all.size();
        return new Curves(
                List.copyOf(all), Math.max(1, Math.ceilDiv(n, MOST_POINTS)), 2 * (n / 50) + 1);
    }

    /// The drawn curves as a JSON object of equally long arrays, safe within a script element.
    String json() {
        var data = new LinkedHashMap<String, Object>();
        data.put("steps", drawn(all, Measurement::step));
        data.put("images", drawn(all, Measurement::images));
        data.put("flops", drawn(all, m -> m.flops().doubleValue()));
        data.put("loss", drawn(all, Measurement::loss));
        data.put("smooth", drawn(smooth(), Double::doubleValue));
        data.put("rate", drawn(all, Measurement::learningRate));
        data.put("gradient", drawn(all, Measurement::gradientNorm));
        data.put("throughput", drawn(all, Measurement::imagesPerSecond));
        data.put("parts", parts());
        return JSON.writeValueAsString(data).replace("<", "\\u003c");
    }

    /// The mean of the finite losses around each step, over a window that narrows at both ends.
    List<Double> smooth() {
        List<Double> smooth = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            int reach = Math.min(window / 2, Math.min(i, all.size() - 1 - i));
            smooth.add(
                    all.subList(i - reach, i + reach + 1).stream()
                            .mapToDouble(Measurement::loss)
                            .filter(Double::isFinite)
                            .average()
                            .orElse(Double.NaN));
        }
        return smooth;
    }

    /// The smooth line as the points of an SVG polyline in a box of this size; empty without two
    /// finite points.
    String polyline(double width, double height) {
        List<Double> smooth = smooth();
        List<Integer> points =
                IntStream.range(0, smooth.size())
                        .filter(i -> i % stride == 0 && Double.isFinite(smooth.get(i)))
                        .boxed()
                        .toList();
        double low = points.stream().mapToDouble(smooth::get).min().orElse(0);
        double high = points.stream().mapToDouble(smooth::get).max().orElse(0);
        if (points.size() < 2) {
            return "";
        }
        double across = width / (smooth.size() - 1);
        double down = high > low ? height / (high - low) : 0;
        return String.join(
                " ",
                points.stream()
                        .map(i ->
                                Math.round(i * across)
                                        + ","
                                        + Math.round((high - smooth.get(i)) * down))
                        .toList());
    }

    private Map<String, List<@Nullable Double>> parts() {
        Set<String> names = new LinkedHashSet<>();
        all.forEach(m -> names.addAll(m.parts().keySet()));
        var parts = new LinkedHashMap<String, List<@Nullable Double>>();
        if (names.size() > 1) {
            names.forEach(name ->
                    parts.put(name, drawn(all, m -> m.parts().getOrDefault(name, Double.NaN))));
        }
        return parts;
    }

    /// One in `stride`, and the last; null where the value is not finite.
    private <T> List<@Nullable Double> drawn(List<T> values, ToDoubleFunction<T> value) {
        List<@Nullable Double> drawn = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            if (i % stride == 0 || i == values.size() - 1) {
                double number = value.applyAsDouble(values.get(i));
                drawn.add(Double.isFinite(number) ? (Double) number : null);
            }
        }
        return drawn;
    }
}
