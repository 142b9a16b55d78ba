package dev.isoflop.data.loader;

import dev.isoflop.fault.RunException;

import org.jspecify.annotations.Nullable;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The images tried so far and the broken among them, each once; and when they are too many.
final class BrokenCount {

    private static final int LISTED = 10;

    private final int images;
    private final double maxShare;
    private final BitSet tried = new BitSet(); // by index
    private final Map<Integer, Broken> broken = new LinkedHashMap<>(); // by index
    private @Nullable BrokenLog log;

    /// @param images the dataset's size
    /// @param maxShare the share of broken ones, of those tried, that is borne
    BrokenCount(int images, double maxShare) {
        this.images = images;
        this.maxShare = maxShare;
    }

    BrokenImages sofar() {
        return new BrokenImages(tried.cardinality(), List.copyOf(broken.values()));
    }

    /// Writes down what is met from now on, and counts what was met before.
    ///
    /// @param before images whose turn came earlier, in this order
    void keep(BrokenLog file, Shuffle order, long before) {
        log = file;
        if (file.exists()) {
            broken.putAll(file.read());
            broken.keySet().removeIf(index -> index >= images);
            addTried(order, before);
        } else {
            file.begin();
        }
    }

    /// The images whose turn came, which the order tells, and those that stood for broken ones.
    private void addTried(Shuffle order, long before) {
        if (before >= images) {
            tried.set(0, images);
            return;
        }
        for (long number = 0; number < before; number++) {
            tried.set(order.index(number));
        }
        for (int index : broken.keySet()) {
            tried.set(index);
            tried.set((index + 1) % images); // the next broken one is followed by the one after it
        }
    }

    /// Counts what was met on the way to an image.
    ///
    /// @throws RunException if too many in a row were broken
    void count(Prepared image) {
        image.broken()
                .forEach((index, file) -> {
                    tried.set(index);
                    if (broken.putIfAbsent(index, file) == null && log != null) {
                        log.append(index, file);
                    }
                });
        if (image.item() == null) {
            throw tooMany(image.broken().size() + " in a row");
        }
        tried.set(image.good());
    }

    /// @throws RunException if the share of broken images is more than is borne
    void judge() {
        int enough = Math.min(Loader.READ_BEFORE_JUDGED, images);
        if (tried.cardinality() >= enough && broken.size() > maxShare * tried.cardinality()) {
            double share = (double) broken.size() / tried.cardinality();
            throw tooMany(
                    String.format(
                            Locale.ROOT, "a share of %.3f, and %s is borne", share, maxShare));
        }
    }

    private RunException tooMany(String why) {
        var text = new StringBuilder();
        text.append(
                "%,d of the %,d images tried so far are broken (%s):\n"
                        .formatted(broken.size(), tried.cardinality(), why));
        broken.values().stream()
                .limit(LISTED)
                .forEach(file -> text.append("  %s: %s\n".formatted(file.name(), file.reason())));
        if (broken.size() > LISTED) {
            text.append("  and %,d more\n".formatted(broken.size() - LISTED));
        }
        text.append("Mend or remove them, or allow a larger share of broken images.");
        return new RunException(text.toString());
    }
}
