package dev.isoflop.data.loader;

import java.util.List;

/// The images of a run that could not be used, so far.
///
/// Images are counted by their place in the dataset, each once, however often its turn came.
///
/// @param tried images whose turn came, and those that were to stand for a broken one
/// @param all of them that are broken, in the order in which they were met
public record BrokenImages(long tried, List<Broken> all) {

    private static final int LISTED = 100;

    public BrokenImages {
        all = List.copyOf(all);
    }

    /// How many are broken.
    public long count() {
        return all.size();
    }

    /// The share of the images tried that are broken, 0 to 1.
    public double share() {
        return tried == 0 ? 0 : (double) count() / tried;
    }

    /// The first hundred of them, for a list of bounded length.
    public List<Broken> first() {
        return all.subList(0, Math.min(LISTED, all.size()));
    }
}
