package dev.isoflop.data;

import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.recipe.Table;
import dev.isoflop.text.ClassName;
import dev.isoflop.text.PseudoCaption;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// A labelled dataset whose captions name the classes of each picture, in place of its own.
///
/// The sentence is {@link PseudoCaption}'s: of a class with several names it has the first.
public final class PseudoCaptions implements Wrapped {

    private static final String MAKER = "pseudo-captions"; // of sentences

    private final Dataset whole;

    private PseudoCaptions(Dataset whole) {
        this.whole = whole;
    }

    /// What a recipe says of it.
    ///
    /// @param source of the pictures and labels
    public record Config(Source source) implements Source {

        /// A source with such captions, where the recipe asks for them; else the source itself.
        static Source from(Table t, Source source) {
            return t.flag("pseudo-captions", false) ? new Config(source) : source;
        }

        @Override
        public PseudoCaptions open() {
            return open(Source::open);
        }

        @Override
        public PseudoCaptions open(Function<Source, Dataset> opener) {
            return Wrapped.around(opener.apply(source), PseudoCaptions::of);
        }

        @Override
        public void glance() {
            source.glance();
            if (source instanceof ImageFolder.Config folder) {
                ClassName.demandWords(folder.classFolders(), name(), MAKER);
            }
        }

        @Override
        public String name() {
            return source.name();
        }

        @Override
        public OptionalLong size() {
            return source.size();
        }

        /// Without captions, which nothing is judged by.
        @Override
        public Optional<Source> validation() {
            return source.validation();
        }
    }

    /// Describes a dataset, which it then owns.
    ///
    /// @throws InputException if it has no labels, a picture has none, or a class has no name but
    ///   its number in WordNet
    static PseudoCaptions of(Dataset dataset) {
        if (!dataset.fields().contains(Field.LABELS)) {
            throw new InputException(
                    dataset.name()
                            + " has no labels to make captions of; leave pseudo-captions out");
        }
        ClassName.demandWords(dataset.classNames(), dataset.name(), MAKER);
        var silent = new ArrayList<String>();
        try {
            for (int index = 0; index < dataset.size(); index++) {
                if (dataset.labels(index).isEmpty()) {
                    silent.add(dataset.nameOf(index));
                }
            }
        } catch (IOException e) {
            throw new InputException(dataset.name() + " cannot be read: " + Reason.withPath(e), e);
        }
        if (!silent.isEmpty()) {
            throw new InputException(
                    "%,d of the %,d images of %s have no label to make a caption of: %s; remove them"
                            .formatted(
                                    silent.size(),
                                    dataset.size(),
                                    dataset.name(),
                                    ImageNames.some(silent)));
        }
        return new PseudoCaptions(dataset);
    }

    private List<String> captions(List<Integer> labels) {
        List<String> names = labels.stream().map(whole.classNames()::get).toList();
        return List.of(PseudoCaption.of(names));
    }

    @Override
    public Dataset whole() {
        return whole;
    }

    @Override
    public Set<Field> fields() {
        var fields = EnumSet.of(Field.CAPTIONS);
        fields.addAll(whole.fields());
        return fields;
    }

    @Override
    public Sample read(int index) throws IOException {
        return described(whole.read(index));
    }

    @Override
    public Sample readWithMask(int index) throws IOException, BrokenImageException {
        return described(whole.readWithMask(index));
    }

    private Sample described(Sample sample) {
        return sample.withCaptions(captions(sample.labels()));
    }

    @Override
    public List<String> captions(int index) throws IOException {
        return captions(whole.labels(index));
    }
}
