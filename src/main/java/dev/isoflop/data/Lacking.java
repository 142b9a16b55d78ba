package dev.isoflop.data;

import dev.isoflop.fault.InputException;

import java.util.Locale;
import java.util.Optional;

/// The pictures of a dataset that lack what it has of others.
///
/// @param field that they lack
/// @param count of them
/// @param of pictures in the dataset
/// @param dataset its name
/// @param first of them, by name
/// @param why it lacks the field
public record Lacking(Field field, int count, int of, String dataset, String first, String why) {

    /// Counts them; none where every picture has the field, as far as the dataset knows.
    public static Optional<Lacking> of(Dataset dataset, Field field) {
        int count = 0;
        String first = "";
        String why = "";
        for (int index = 0; index < dataset.size(); index++) {
            Optional<String> lack = dataset.lacks(field, index);
            if (lack.isPresent() && count++ == 0) {
                first = dataset.nameOf(index);
                why = lack.get();
            }
        }
        return count == 0
                ? Optional.empty()
                : Optional.of(
                        new Lacking(field, count, dataset.size(), dataset.name(), first, why));
    }

    /// Such as "2 of the 9 images of photos lack labels, the first a.jpg (nothing is annotated)".
    public String text() {
        return String.format(
                Locale.ROOT,
                "%,d of the %,d images of %s %s %s, the first %s (%s)",
                count,
                of,
                dataset,
                count == 1 ? "lacks" : "lack",
                field.name().toLowerCase(Locale.ROOT),
                first,
                why);
    }

    /// Refuses them.
    ///
    /// @param learner that learns from the field, such as "method supervised"
    /// @param remedy what would do
    public InputException refused(String learner, String remedy) {
        return new InputException(
                "%s, which %s learns from; %s".formatted(text(), learner, remedy));
    }
}
