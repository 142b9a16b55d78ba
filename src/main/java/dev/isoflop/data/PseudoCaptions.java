package dev.isoflop.data;

import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.text.PseudoCaption;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A labelled dataset whose captions name the classes of each picture, in place of its own.
///
/// The sentence is {@link PseudoCaption}'s, with the class names as they are.
public final class PseudoCaptions implements Dataset {

    private final Dataset dataset;

    private PseudoCaptions(Dataset dataset) {
        this.dataset = dataset;
    }

    /// What a recipe says of it.
    ///
    /// @param source of the pictures and labels
    public record Config(Source source) implements Source {

        @Override
        public PseudoCaptions open() {
            Dataset dataset = source.open();
            try {
                return PseudoCaptions.of(dataset);
            } catch (RuntimeException e) {
                dataset.close();
                throw e;
            }
        }
    }

    /// Describes a dataset, which it then owns.
    ///
    /// @throws InputException if it has no labels, or a picture has none
    public static PseudoCaptions of(Dataset dataset) {
        if (!dataset.fields().contains(Field.LABELS)) {
            throw new InputException(
                    dataset.name()
                            + " has no labels to make captions of; leave pseudo-captions out");
        }
        var silent = new ArrayList<String>();
        try {
            for (int index = 0; index < dataset.size(); index++) {
                if (dataset.labels(index).isEmpty()) {
                    silent.add(dataset.nameOf(index));
                }
            }
        } catch (IOException e) {
            throw new InputException(dataset.name() + " cannot be read: " + e.getMessage(), e);
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
        List<String> names = labels.stream().map(dataset.classNames()::get).toList();
        return List.of(PseudoCaption.of(names));
    }

    @Override
    public String name() {
        return dataset.name();
    }

    @Override
    public int size() {
        return dataset.size();
    }

    @Override
    public Set<Field> fields() {
        var fields = EnumSet.of(Field.CAPTIONS);
        fields.addAll(dataset.fields());
        return fields;
    }

    @Override
    public List<String> classNames() {
        return dataset.classNames();
    }

    @Override
    public List<String> classIds() {
        return dataset.classIds();
    }

    @Override
    public String nameOf(int index) {
        return dataset.nameOf(index);
    }

    @Override
    public List<String> maskClassNames() {
        return dataset.maskClassNames();
    }

    @Override
    public Background background() {
        return dataset.background();
    }

    @Override
    public Sample read(int index) throws IOException {
        return described(dataset.read(index));
    }

    @Override
    public Sample readWithMask(int index) throws IOException, BrokenImageException {
        return described(dataset.readWithMask(index));
    }

    private Sample described(Sample sample) {
        return new Sample(
                sample.name(),
                sample.picture(),
                sample.labels(),
                captions(sample.labels()),
                sample.boxes(),
                sample.mask());
    }

    @Override
    public List<Integer> labels(int index) throws IOException {
        return dataset.labels(index);
    }

    @Override
    public List<String> captions(int index) throws IOException {
        return captions(dataset.labels(index));
    }

    @Override
    public void close() {
        dataset.close();
    }
}
