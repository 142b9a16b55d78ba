package dev.isoflop.data.loader;

import dev.isoflop.fault.RunException;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The broken files met so far, each once, and when they are too many.
final class BrokenFiles {

    private static final int LISTED = 10;

    private final int files;
    private final double maxShare;
    private final BitSet read = new BitSet(); // by index
    private final Map<Integer, Broken> broken = new LinkedHashMap<>(); // by index

    /// @param files the dataset's size
    /// @param maxShare the share of broken ones, of those read, that is borne
    public BrokenFiles(int files, double maxShare) {
        this.files = files;
        this.maxShare = maxShare;
    }

    public List<Broken> list() {
        return List.copyOf(broken.values());
    }

    /// Counts what was met on the way to an image.
    ///
    /// @throws RunException if too many in a row were broken
    public void count(Prepared image) {
        image.broken().keySet().forEach(read::set);
        image.broken().forEach(broken::putIfAbsent);
        if (image.item() == null) {
            throw tooMany(image.broken().size() + " in a row");
        }
        read.set(image.good());
    }

    /// @throws RunException if the share of broken files is more than is borne
    public void judge() {
        int enough = Math.min(Loader.READ_BEFORE_JUDGED, files);
        if (read.cardinality() >= enough && broken.size() > maxShare * read.cardinality()) {
            double share = (double) broken.size() / read.cardinality();
            throw tooMany(
                    String.format(
                            Locale.ROOT, "a share of %.3f, and %s is borne", share, maxShare));
        }
    }

    private RunException tooMany(String why) {
        var text = new StringBuilder();
        text.append(
                "%,d of the %,d image files read so far are broken (%s):\n"
                        .formatted(broken.size(), read.cardinality(), why));
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
