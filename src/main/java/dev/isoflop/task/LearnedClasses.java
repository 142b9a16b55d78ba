package dev.isoflop.task;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Mask;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.run.RunListener;
import dev.isoflop.run.Stop;

import java.io.IOException;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Which classes the masks that were learned from have, as far as somebody has to know.
///
/// Masks are read one after the other until all classes that are looked for were met: few, but
/// where a class is rare or is not there.
///
/// @param data that was learned from
/// @param most masks that are looked at
record LearnedClasses(Dataset data, int most) {

    private static final int MOST = 10_000;

    static LearnedClasses of(Dataset data) {
        return new LearnedClasses(data, Math.min(MOST, data.size()));
    }

    /// Those of some classes that no mask has that is looked at; none where somebody wants it to
    /// stop before that is known.
    ///
    /// @param wanted classes by number
    SortedSet<Integer> without(SortedSet<Integer> wanted, RunListener to, Stop stop) {
        SortedSet<Integer> missing = new TreeSet<>(wanted);
        MaskLabels labels = MaskLabels.of(data);
        for (int i = 0; i < most && !missing.isEmpty(); i++) {
            if (stop.wanted()) {
                return new TreeSet<>();
            }
            mask(i).ifPresent(mask -> {
                for (byte label : labels.of(mask)) {
                    missing.remove(label & 0xff);
                }
            });
            to.progress("masks of the training data", i + 1L, most);
        }
        return missing;
    }

    /// What was looked at, for people.
    String name() {
        return most < data.size()
                ? "the first %,d of %s".formatted(most, data.name())
                : data.name();
    }

    /// One that cannot be read taught nothing either.
    private Optional<Mask> mask(int index) {
        try {
            return data.readWithMask(index).mask();
        } catch (IOException | BrokenImageException _) {
            return Optional.empty();
        }
    }
}
