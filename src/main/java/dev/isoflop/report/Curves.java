package dev.isoflop.report;

import dev.isoflop.files.Json;
import dev.isoflop.run.Measurement;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The curves of a run: thinned to what a screen can show, and a smooth line through the loss.
///
/// @param all every measurement
/// @param stride one in so many of them is drawn
/// @param window steps that a point of the smooth line is the mean of, away from the ends
record Curves(List<Measurement> all, int stride, int window) {

    private static final int MOST_POINTS = 1500;

    static Curves of(List<Measurement> all) {
        int n = all.size();
        int stride = Math.max(1, Math.ceilDiv(n, MOST_POINTS));
        return new Curves(List.copyOf(all), stride, 2 * (n / 50) + 1);
    }

    /// The drawn curves as a JSON object of equally long arrays, safe within a script element.
    String json() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("steps", drawn(Measurement::step));
        data.put("images", drawn(Measurement::images));
        data.put("flops", drawn(m -> m.flops().doubleValue()));
        data.put("loss", drawn(Measurement::loss));
        data.put("smooth", drawnAt(this::smoothLoss));
        data.put("rate", drawn(m -> m.learning().learningRate()));
        data.put("gradient", drawn(m -> m.learning().gradientNorm()));
        data.put("throughput", drawn(Measurement::imagesPerSecond));
        data.put("embeddings", embeddings());
        Map<String, Object> parts = new LinkedHashMap<>();
        data.put("parts", parts);
        for (String name : parts()) {
            parts.put(name, drawn(m -> m.parts().getOrDefault(name, Double.NaN)));
        }
        return Json.script(data);
    }

    /// The steps on which the embeddings were looked at.
    private Map<String, Object> embeddings() {
        List<Measurement> seen = all.stream().filter(m -> m.spread() != null).toList();
        Curves measured = new Curves(seen, 1, 1);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("steps", measured.drawn(Measurement::step));
        data.put("images", measured.drawn(Measurement::images));
        data.put("flops", measured.drawn(m -> m.flops().doubleValue()));
        data.put("spread", measured.drawn(m -> orNone(m.spread())));
        data.put("rank", measured.drawn(m -> orNone(m.effectiveRank())));
        return data;
    }

    private static double orNone(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }

    /// Whether there is a spread to draw.
    boolean spread() {
        return all.stream().anyMatch(m -> m.spread() != null);
    }

    /// Names of what was watched beside the loss: its parts, an accuracy.
    Set<String> parts() {
        Set<String> names = new LinkedHashSet<>();
        all.forEach(m -> names.addAll(m.parts().keySet()));
        return names;
    }

    /// The mean of the finite losses around a measurement, over a window that narrows at both ends;
    /// NaN where there is none.
    double smoothLoss(int at) {
        int reach = Math.min(window / 2, Math.min(at, all.size() - 1 - at));
        return all.subList(at - reach, at + reach + 1).stream()
                .mapToDouble(Measurement::loss)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /// The smooth line as the points of an SVG polyline in a box of this size; empty without two
    /// finite points.
    String polyline(double width, double height) {
        var losses = new TreeMap<Integer, Double>();
        points().forEach(i -> losses.put(i, smoothLoss(i)));
        losses.values().removeIf(loss -> !Double.isFinite(loss));
        if (losses.size() < 2) {
            return "";
        }
        double low = Collections.min(losses.values());
        double high = Collections.max(losses.values());
        double across = width / (all.size() - 1);
        double down = high > low ? height / (high - low) : 0;
        return losses.entrySet().stream()
                .map(point ->
                        Math.round(point.getKey() * across)
                                + ","
                                + Math.round((high - point.getValue()) * down))
                .collect(Collectors.joining(" "));
    }

    /// The measurements that are drawn: one in `stride`, and the last.
    private IntStream points() {
        return IntStream.range(0, all.size()).filter(i -> i % stride == 0 || i == all.size() - 1);
    }

    private double[] drawn(ToDoubleFunction<Measurement> value) {
        return drawnAt(i -> value.applyAsDouble(all.get(i)));
    }

    private double[] drawnAt(IntToDoubleFunction value) {
        return points().mapToDouble(value).toArray();
    }
}
