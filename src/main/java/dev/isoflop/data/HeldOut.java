package dev.isoflop.data;

import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.BrokenImageException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// One of two parts of a dataset: what is trained on, or what is held out from it.
///
/// Which part a picture is in is a function of its name and a seed alone: it stays there when
/// others come or go, and two runs of different kinds hold out the same. The parts are as large as
/// asked for up to chance.
public final class HeldOut implements Dataset {

    private final Dataset dataset;
    private final int[] indices; // of the dataset

    /// Which part.
    public enum Part {
        TRAIN,
        HELD_OUT
    }

    /// What a recipe says of it.
    ///
    /// @param heldOut share of the pictures that is held out, between 0 and 1
    /// @param heldOutSeed another seed holds out others
    public record Config(Source source, double heldOut, Part part, long heldOutSeed)
            implements Source {

        public Config {
            Check.that(
                    heldOut > 0 && heldOut < 1,
                    "heldOut is %s; write a share above 0 and below 1, such as 0.1",
                    heldOut);
        }

        @Override
        public HeldOut open() {
            Dataset dataset = source.open();
            try {
                return HeldOut.of(dataset, this);
            } catch (RuntimeException e) {
                dataset.close();
                throw e;
            }
        }
    }

    private HeldOut(Dataset dataset, int[] indices) {
        this.dataset = dataset;
        this.indices = indices;
    }

    private static HeldOut of(Dataset dataset, Config config) {
        var chosen = new ArrayList<Integer>();
        for (int index = 0; index < dataset.size(); index++) {
            boolean held = place(config.heldOutSeed, dataset.nameOf(index)) < config.heldOut;
            if (held == (config.part == Part.HELD_OUT)) {
                chosen.add(index);
            }
        }
        if (chosen.isEmpty()) {
            throw new InputException(
                    String.format(
                            Locale.ROOT,
                            "none of the %,d images of %s is in the part %s when %s is held out;"
                                    + " take another share or data.held-out-seed",
                            dataset.size(),
                            dataset.name(),
                            config.part == Part.HELD_OUT ? "held-out" : "train",
                            config.heldOut));
        }
        return new HeldOut(dataset, chosen.stream().mapToInt(Integer::intValue).toArray());
    }

    /// Where a name falls, from 0 to 1.
    private static double place(long seed, String name) {
        long hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = Draws.mix(hash, name.charAt(i));
        }
        return (hash >>> 11) * 0x1p-53;
    }

    @Override
    public String name() {
        return dataset.name();
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public Set<Field> fields() {
        return dataset.fields();
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
    public List<String> maskClassNames() {
        return dataset.maskClassNames();
    }

    @Override
    public Background background() {
        return dataset.background();
    }

    @Override
    public String nameOf(int index) {
        return dataset.nameOf(indices[index]);
    }

    @Override
    public Sample read(int index) throws IOException {
        return dataset.read(indices[index]);
    }

    @Override
    public Sample readWithMask(int index) throws IOException, BrokenImageException {
        return dataset.readWithMask(indices[index]);
    }

    @Override
    public List<Integer> labels(int index) throws IOException {
        return dataset.labels(indices[index]);
    }

    @Override
    public List<String> captions(int index) throws IOException {
        return dataset.captions(indices[index]);
    }

    @Override
    public void close() {
        dataset.close();
    }
}
