package dev.isoflop.probe;

import dev.isoflop.budget.Precision;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.recipe.Table;
import dev.isoflop.vit.Feature;
import dev.isoflop.vit.Vit;

import java.util.List;
import java.util.Optional;

/// The settings of {@link Probing}: data, protocols and the machine's share.
///
/// @param data what to learn from and be evaluated on
/// @param neighbours that vote, each k by itself; empty for those of 10, 20, 100 and 200 that fit
/// @param temperature of the votes
/// @param linear how the linear probe is fitted
/// @param baseline whether untrained encoders are probed too
/// @param baselineSeeds how many of them
/// @param templates of sentences that a class name is put into, in place of `{}`
/// @param pool which tokens are the feature; where it is empty, the encoder's own
/// @param block after which block it is read; 0 for the last
/// @param precision of the encoder's matrix products
/// @param batch images at once
/// @param device `auto`, `cpu` or `cuda`
/// @param threads for one operator on a CPU; 0 is one a core
/// @param workers threads that decode and crop; 0 is one a core
/// @param brokenShare of the images that may be broken
record ProbeSettings(
        ProbeData.Config data,
        List<Integer> neighbours,
        double temperature,
        LinearProbe.Settings linear,
        boolean baseline,
        int baselineSeeds,
        List<String> templates,
        Optional<Vit.Pool> pool,
        int block,
        Precision precision,
        int batch,
        String device,
        int threads,
        int workers,
        double brokenShare) {

    /// Of the votes, as DINO's authors have it.
    static final double TEMPERATURE = 0.07;

    private static final List<Integer> NEIGHBOURS = List.of(10, 20, 100, 200); // DINO's authors'
    private static final int FAVOURITE = 20; // "consistently works the best", they say
    private static final int TRAIN_IMAGES = 10_000;
    private static final int VALIDATION_IMAGES = 2_000;
    private static final String TEMPLATE = "a photo of a {}.";

    ProbeSettings {
        neighbours = List.copyOf(neighbours);
        templates = List.copyOf(templates);
        for (int k : neighbours) {
            Check.that(k >= 1, "neighbours has %s; each must be at least 1", k);
        }
        Check.that(temperature > 0, "temperature is %s; it must be above 0", temperature);
        Check.that(
                baselineSeeds >= 1,
                "baselineSeeds is %s; it must be at least 1 (baseline: false leaves out what an"
                        + " untrained encoder reaches)",
                baselineSeeds);
        Check.that(!templates.isEmpty(), "templates is empty; write one, such as %s", TEMPLATE);
        for (String template : templates) {
            Check.that(
                    template.contains("{}"),
                    "templates has \"%s\"; write {} where the name of a class goes",
                    template);
        }
        Check.that(block >= 0, "block is %s; write 1 for the first, or 0 for the last", block);
        Check.that(batch >= 1, "batch is %s; it must be at least 1", batch);
        Check.that(threads >= 0, "threads is %s; it must not be negative", threads);
        Check.that(workers >= 0, "workers is %s; it must not be negative", workers);
        Check.that(
                brokenShare >= 0 && brokenShare <= 1,
                "brokenShare is %s; write a share between 0 and 1",
                brokenShare);
    }

    /// Reads them; every key that is not known is an error.
    ///
    /// @param image side of the run's images
    static ProbeSettings from(Table t, int image) {
        ProbeData.Config data = ProbeData.Config.from(t, image, TRAIN_IMAGES, VALIDATION_IMAGES);
        LinearProbe.Settings usual = LinearProbe.Settings.DEFAULT;
        LinearProbe.Settings linear =
                t.build(() ->
                        new LinearProbe.Settings(
                                t.reals("decays", usual.decays()),
                                usual.heldOut(),
                                t.count("iterations", usual.iterations()),
                                data.seed()));
        ProbeSettings settings =
                t.build(() ->
                        new ProbeSettings(
                                data,
                                wholes(t, "neighbours"),
                                t.real("temperature", TEMPERATURE),
                                linear,
                                t.flag("baseline", true),
                                t.count("baseline-seeds", 1),
                                t.texts("templates", List.of(TEMPLATE)),
                                t.has("pool")
                                        ? Optional.of(t.choice("pool", Vit.Pool.class))
                                        : Optional.empty(),
                                t.count("block", 0),
                                t.choice("precision", Precision.F32),
                                t.count("batch", 64),
                                t.choice("device", List.of("auto", "cpu", "cuda"), "auto"),
                                t.count("threads", 0),
                                t.count("workers", 0),
                                t.real("broken-share", 0.01)));
        t.done();
        return settings;
    }

    /// Where the feature of an encoder is read.
    ///
    /// @param usual tokens, where these settings name none
    /// @param depth of the encoder, in blocks
    Feature feature(Vit.Pool usual, int depth) {
        if (block > depth) {
            throw new InputException(
                    "block is %d, but the encoder has %d; write at most that"
                            .formatted(block, depth));
        }
        return new Feature(pool.orElse(usual), block == 0 ? depth : block);
    }

    /// Whether the feature is read elsewhere than usually.
    boolean readsElsewhere() {
        return pool.isPresent() || block > 0;
    }

    private static List<Integer> wholes(Table t, String key) {
        List<Double> numbers = t.reals(key, List.of());
        for (double number : numbers) {
            if (number != Math.rint(number) || number > Integer.MAX_VALUE) {
                throw t.fault(key, "has " + number + "; write whole numbers, such as [10, 20]");
            }
        }
        return numbers.stream().map(Double::intValue).toList();
    }

    /// The numbers of neighbours to try.
    ///
    /// @param images that vote
    /// @throws InputException if one that was asked for is larger
    List<Integer> neighboursAmong(int images) {
        for (int k : neighbours) {
            if (k > images) {
                throw tooMany(k, images);
            }
        }
        if (!neighbours.isEmpty()) {
            return neighbours.stream().distinct().sorted().toList();
        }
        List<Integer> fitting = NEIGHBOURS.stream().filter(k -> k <= images).toList();
        return fitting.isEmpty() ? List.of(images) : fitting;
    }

    /// What is said of more neighbours than there are images.
    static InputException tooMany(int k, int images) {
        return new InputException(
                "neighbours is %,d, but only %,d images vote; write at most %d, or raise train-images"
                        .formatted(k, images, images));
    }

    /// The one whose figure is the probe's.
    static int favourite(List<Integer> neighbours) {
        return neighbours.contains(FAVOURITE) ? FAVOURITE : neighbours.getFirst();
    }
}
