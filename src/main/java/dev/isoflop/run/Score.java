package dev.isoflop.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What a fine-tuned network is worth on data that it did not learn from.
///
/// Every figure belongs to its protocol: figures of different ones cannot be compared.
///
/// @param task such as "segmentation"
/// @param protocol how it was evaluated, in a sentence
/// @param data that it was evaluated on
/// @param images of them
/// @param main the metric that counts: by it, runs are compared
/// @param others that belong to it
/// @param seconds that the evaluation took; no part of the training time
/// @param counted what each class is counted in, such as "pixels"
/// @param classes each class's own figures
/// @param warnings what to know before the figures are used; none mostly
/// @param baseline what the main metric is to be held against; null in a file older than this
///   record, or where there is nothing to guess
public record Score(
        String task,
        String protocol,
        String data,
        long images,
        Metric main,
        List<Metric> others,
        double seconds,
        String counted,
        List<ClassScore> classes,
        List<String> warnings,
        @Nullable Baseline baseline) {

    public Score {
        Objects.requireNonNull(protocol, "protocol");
        Objects.requireNonNull(main, "main");
        others = List.copyOf(others);
        classes = List.copyOf(classes);
        warnings = List.copyOf(warnings);
    }

    /// A figure of the whole network.
    ///
    /// @param name as the field has it, such as "mean IoU"
    /// @param value 0 to 1; NaN where there is none
    /// @param meaning what it is the share or the mean of
    public record Metric(String name, double value, String meaning) {

        /// The name as a sentence begins with it: "Mean IoU".
        public String title() {
            return Score.title(name);
        }
    }

    /// The figures of one class.
    ///
    /// @param name of the class
    /// @param values 0 to 1, by the metric's name, the one that the main metric is made of first;
    ///   one that the class does not have is left out
    /// @param count of what there is of it in the data
    public record ClassScore(String name, Map<String, Double> values, long count) {

        public ClassScore {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }

        /// Reads one, also from before tasks other than segmentation were thought of.
        @JsonCreator
        static ClassScore read(
                @JsonProperty("name") String name,
                @JsonProperty("values") @Nullable Map<String, Double> values,
                @JsonProperty("count") @Nullable Long count,
                @JsonProperty("iou") @Nullable Double iou,
                @JsonProperty("accuracy") @Nullable Double accuracy,
                @JsonProperty("pixels") @Nullable Long pixels) {
            if (values != null) {
                return new ClassScore(name, values, Objects.requireNonNull(count, "count"));
            }
            Map<String, Double> old = new LinkedHashMap<>();
            if (iou != null) {
                old.put("IoU", iou);
            }
            if (accuracy != null) {
                old.put("accuracy", accuracy);
            }
            return new ClassScore(name, old, Objects.requireNonNull(pixels, "pixels"));
        }
    }

    /// Reads one, also from before tasks other than segmentation were thought of.
    @JsonCreator
    static Score read(
            @JsonProperty("task") String task,
            @JsonProperty("protocol") String protocol,
            @JsonProperty("data") String data,
            @JsonProperty("images") long images,
            @JsonProperty("main") @Nullable Metric main,
            @JsonProperty("others") @Nullable List<Metric> others,
            @JsonProperty("seconds") double seconds,
            @JsonProperty("counted") @Nullable String counted,
            @JsonProperty("classes") List<ClassScore> classes,
            @JsonProperty("warnings") List<String> warnings,
            @JsonProperty("baseline") @Nullable Baseline baseline,
            @JsonProperty("meanIoU") @Nullable Double meanIoU,
            @JsonProperty("meanAccuracy") @Nullable Double meanAccuracy,
            @JsonProperty("pixelAccuracy") @Nullable Double pixelAccuracy) {
        return new Score(
                task,
                protocol,
                data,
                images,
                main == null ? OldScore.meanIoU(meanIoU) : main,
                others == null ? OldScore.others(meanAccuracy, pixelAccuracy) : others,
                seconds,
                counted == null ? "pixels" : counted,
                classes,
                warnings,
                baseline);
    }

    /// Whether no network that began untrained stands beside it, where one could.
    public boolean standsAlone() {
        return baseline != null && baseline.untrained().isEmpty();
    }

    /// The same beside this baseline.
    public Score with(Baseline found) {
        return with(found, warnings);
    }

    /// The same with one more warning, unless it has it already.
    public Score warned(String warning) {
        List<String> all = new ArrayList<>(warnings);
        if (!all.contains(warning)) {
            all.add(warning);
        }
        return with(baseline, all);
    }

    private Score with(@Nullable Baseline found, List<String> all) {
        return new Score(
                task, protocol, data, images, main, others, seconds, counted, classes, all, found);
    }

    /// The metrics that its classes have, that of which the main metric is made first.
    public List<String> classMetrics() {
        Set<String> names = new LinkedHashSet<>();
        classes.forEach(one -> names.addAll(one.values.keySet()));
        return List.copyOf(names);
    }

    /// A metric's name as a sentence begins with it.
    public static String title(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}
