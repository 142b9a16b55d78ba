package dev.isoflop.text;

import java.util.List;

/// Sentences made of class names, for pictures that nobody described.
///
/// Koppula et al. 2022, section 2.1: "This is a photo of <label> and <label2> ... <label_n>.", of
/// up to 8 labels (section A.3, of JFT). Here every two names are joined by " and ", as the form's
/// first two are; what stands at its dots is not said.
public final class PseudoCaption {

    /// How many labels are named, at most.
    public static final int MOST_LABELS = 8;

    private PseudoCaption() {}

    /// Such as "This is a photo of fire truck and dog."
    ///
    /// @param names of classes, the main one first, each as {@link ClassName#spoken} has it; the
    ///   ninth and later ones are left out
    /// @throws IllegalArgumentException if there are none
    public static String of(List<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("names is empty; a caption names 1 class or more");
        }
        List<String> spaced = names.stream().limit(MOST_LABELS).map(ClassName::spoken).toList();
        return "This is a photo of " + String.join(" and ", spaced) + ".";
    }
}
