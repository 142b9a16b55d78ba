package dev.isoflop.data;

import dev.isoflop.fault.InputException;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/// A dataset whose labels are followed by what they are kinds of: a dog is an animal too.
///
/// Its own labels come first, then ancestors, the nearer ones first, those of one distance in the
/// order of their numbers. Ancestors that are no classes yet become classes after the others, in
/// the order of their names. Boxes and masks keep what they had.
public final class ExpandedLabels implements Wrapped {

    private final Dataset whole;
    private final List<String> added;
    private final List<List<Set<Integer>>> ancestors; // by label, then by distance

    private ExpandedLabels(Dataset whole, List<String> added, List<List<Set<Integer>>> ancestors) {
        this.whole = whole;
        this.added = added;
        this.ancestors = ancestors;
    }

    /// What a recipe says of it.
    ///
    /// @param source of the pictures and their own labels
    /// @param hierarchy a file as {@link Hierarchy} reads it
    public record Config(Source source, Path hierarchy) implements Source {

        /// A source with such labels, where the recipe names a hierarchy; else the source itself.
        static Source from(Table t, Source source) {
            return t.optionalPath("hierarchy")
                    .<Source>map(file -> new Config(source, file))
                    .orElse(source);
        }

        @Override
        public ExpandedLabels open() {
            return open(Source::open);
        }

        @Override
        public ExpandedLabels open(Function<Source, Dataset> opener) {
            Hierarchy read = Hierarchy.read(hierarchy);
            return Wrapped.around(opener.apply(source), whole -> ExpandedLabels.of(whole, read));
        }

        @Override
        public void glance() {
            source.glance();
        }

        @Override
        public String name() {
            return source.name();
        }

        @Override
        public OptionalLong size() {
            return source.size();
        }

        @Override
        public Optional<Source> validation() {
            return source.validation().map(other -> new Config(other, hierarchy));
        }
    }

    /// Expands the labels of a dataset, which it then owns.
    ///
    /// @throws InputException if the dataset has no labels, or the hierarchy is about other classes
    static ExpandedLabels of(Dataset dataset, Hierarchy hierarchy) {
        if (!dataset.fields().contains(Field.LABELS)) {
            throw new InputException(
                    dataset.name() + " has no labels; a hierarchy is for classes of images");
        }
        List<String> ids = dataset.classIds();
        List<String> names = dataset.classNames();
        var labels = new HashMap<String, Integer>();
        var shared = new TreeSet<String>(); // names of more classes than one
        for (int label = 0; label < names.size(); label++) {
            for (String name : List.of(ids.get(label), names.get(label))) {
                Integer other = labels.putIfAbsent(name, label);
                if (other != null && other != label) {
                    shared.add(name);
                }
            }
        }
        hierarchy.demandOneClassEach(shared, dataset.name());
        hierarchy.demandClasses(labels.keySet(), dataset.name());
        var added = new TreeSet<String>();
        var above = new ArrayList<List<List<String>>>();
        for (int label = 0; label < names.size(); label++) {
            above.add(hierarchy.ancestors(List.of(ids.get(label), names.get(label))));
            above.getLast().forEach(added::addAll);
        }
        added.removeAll(labels.keySet());
        int next = names.size();
        for (String name : added) {
            labels.put(name, next++);
        }
        List<List<Set<Integer>>> ancestors =
                above.stream().map(levels -> numbered(levels, labels)).toList();
        return new ExpandedLabels(dataset, List.copyOf(added), ancestors);
    }

    private static List<Set<Integer>> numbered(
            List<List<String>> levels, Map<String, Integer> labels) {
        return levels.stream()
                .map(level -> Set.copyOf(level.stream().map(labels::get).toList()))
                .toList();
    }

    private List<Integer> expanded(List<Integer> own) {
        var levels = new ArrayList<TreeSet<Integer>>();
        for (int label : own) {
            List<Set<Integer>> above = ancestors.get(label);
            for (int distance = 0; distance < above.size(); distance++) {
                if (distance == levels.size()) {
                    levels.add(new TreeSet<>());
                }
                levels.get(distance).addAll(above.get(distance));
            }
        }
        var expanded = new LinkedHashSet<Integer>(own);
        levels.forEach(expanded::addAll);
        return List.copyOf(expanded);
    }

    @Override
    public Dataset whole() {
        return whole;
    }

    @Override
    public List<String> classNames() {
        return with(whole.classNames());
    }

    @Override
    public List<String> classIds() {
        return with(whole.classIds());
    }

    private List<String> with(List<String> own) {
        var all = new ArrayList<String>(own);
        all.addAll(added);
        return List.copyOf(all);
    }

    /// With what each class is a kind of.
    @Override
    public Traits traits() {
        Stream<List<TreeSet<Integer>>> above =
                ancestors.stream().map(levels -> levels.stream().map(TreeSet::new).toList());
        return whole.traits().with("hierarchy", Traits.checksum(above));
    }

    @Override
    public Sample read(int index) throws IOException {
        return withAncestors(whole.read(index));
    }

    @Override
    public Sample readWithMask(int index) throws IOException, BrokenImageException {
        return withAncestors(whole.readWithMask(index));
    }

    private Sample withAncestors(Sample sample) {
        return sample.withLabels(expanded(sample.labels()));
    }

    @Override
    public List<Integer> labels(int index) throws IOException {
        return expanded(whole.labels(index));
    }
}
