package dev.isoflop.pretrain;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Field;
import dev.isoflop.fault.InputException;
import dev.isoflop.method.Method;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What each method must be told of an image beside its pixels.
final class Needs {

    private static final Map<String, Field> FIELDS =
            Map.of("clip", Field.CAPTIONS, "supervised", Field.LABELS);

    private Needs() {}

    /// What a method learns from beside pixels, if anything.
    public static Optional<Field> of(Method.Config method) {
        return Optional.ofNullable(FIELDS.get(method.name()));
    }

    /// Refuses data that a method cannot learn from.
    ///
    /// @throws InputException naming the data, what is missing, and who could use it
    public static void check(Method.Config method, Dataset data) {
        Optional<Field> needed = of(method).filter(field -> !data.fields().contains(field));
        if (needed.isEmpty()) {
            return;
        }
        Field field = needed.get();
        List<String> able =
                PretrainRecipe.METHODS.stream()
                        .filter(name ->
                                Optional.ofNullable(FIELDS.get(name))
                                        .map(data.fields()::contains)
                                        .orElse(true))
                        .toList();
        throw new InputException(
                "%s has no %s, which method %s learns from; %s. Methods that can use it: %s"
                        .formatted(
                                data.name(),
                                word(field),
                                method.name(),
                                remedy(field, data),
                                String.join(", ", able)));
    }

    private static String remedy(Field field, Dataset data) {
        boolean labelled = data.fields().contains(Field.LABELS);
        return switch (field) {
            case CAPTIONS ->
                    labelled
                            ? "set data.pseudo-captions=true to make captions of its labels"
                            : "give it a caption file, of data.kind image-text or coco";
            case LABELS ->
                    "put the images of each class into a folder of their own, or give data.kind"
                            + " coco its instances";
            case BOXES, MASKS -> "take data that has them";
        };
    }

    private static String word(Field field) {
        return field.name().toLowerCase(Locale.ROOT);
    }
}
