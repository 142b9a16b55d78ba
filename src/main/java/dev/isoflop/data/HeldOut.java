package dev.isoflop.data;

import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// One of two parts of a dataset: what is trained on, or what is held out from it.
///
/// Which part a picture is in is a function of its name and a seed alone: it stays there when
/// others come or go, and two runs of different kinds hold out the same. The parts are as large as
/// asked for up to chance.
public final class HeldOut implements Wrapped {

    private final Dataset whole;
    private final int[] indices; // of the whole

    /// Which part.
    public enum Part {
        TRAIN,
        HELD_OUT
    }

    private static final String HELD_OUT = "held-out";
    private static final String PART = "part";
    private static final String SEED = "held-out-seed";

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

        /// One part of a source, where the recipe holds something out; else the source itself.
        static Source from(Table t, Source source) {
            if (!t.has(HELD_OUT)) {
                List.of(PART, SEED).forEach(t::isTable); // known, and without effect
                return source;
            }
            return t.build(() ->
                    new Config(
                            source,
                            t.real(HELD_OUT),
                            t.choice(PART, Part.TRAIN),
                            t.whole(SEED, 0)));
        }

        @Override
        public HeldOut open() {
            return open(Source::open);
        }

        @Override
        public HeldOut open(Function<Source, Dataset> opener) {
            return Wrapped.around(opener.apply(source), whole -> HeldOut.of(whole, this));
        }

        @Override
        public void glance() {
            source.glance();
        }

        @Override
        public String name() {
            return source.name();
        }

        /// What is held out of what is trained on.
        @Override
        public Optional<Source> validation() {
            return part == Part.TRAIN
                    ? Optional.of(new Config(source, heldOut, Part.HELD_OUT, heldOutSeed))
                    : Optional.empty();
        }
    }

    private HeldOut(Dataset whole, int[] indices) {
        this.whole = whole;
        this.indices = indices;
    }

    private static HeldOut of(Dataset whole, Config config) {
        var chosen = new ArrayList<Integer>();
        for (int index = 0; index < whole.size(); index++) {
            boolean held = place(config.heldOutSeed, whole.nameOf(index)) < config.heldOut;
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
                            whole.size(),
                            whole.name(),
                            config.part == Part.HELD_OUT ? "held-out" : "train",
                            config.heldOut));
        }
        return new HeldOut(whole, chosen.stream().mapToInt(Integer::intValue).toArray());
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
    public Dataset whole() {
        return whole;
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public int at(int index) {
        return indices[index];
    }
}
