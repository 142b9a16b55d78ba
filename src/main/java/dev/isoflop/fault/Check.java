package dev.isoflop.fault;

import java.util.Locale;

/// What a record's constructor demands of its components.
///
/// A text begins with the component's name, so that `recipe/Table` can point at its key: `maskRatio
/// is 75; write a share between 0 and 1, such as 0.75`.
public final class Check {

    private Check() {}

    /// Refuses a value.
    ///
    /// @param holds whether it is right
    /// @param text value, range and remedy, as for {@link String#format}
    /// @throws IllegalArgumentException with that text, when it is not
    @SuppressWarnings("AnnotateFormatMethod") // its annotation would be one more dependency
    public static void that(boolean holds, String text, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, text, values));
        }
    }
}
