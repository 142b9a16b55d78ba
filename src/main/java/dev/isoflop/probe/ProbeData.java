package dev.isoflop.probe;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Datasets;
import dev.isoflop.data.Field;
import dev.isoflop.data.HeldOut;
import dev.isoflop.data.Source;
import dev.isoflop.data.Subset;
import dev.isoflop.data.loader.Shuffle;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Sha256;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The labelled images of a probe: those it learns from (train) and those it is evaluated on
/// (validation).
public final class ProbeData implements AutoCloseable {

    private static final int NAMES_SHOWN = 5;

    /// Which labels of an image count.
    public enum Labels {
        ALL,
        /// The first, which is the main one.
        MAIN
    }

    /// What becomes of a class that is asked for and that no image learned from shows.
    public enum Unseen {
        REFUSE,
        LEAVE_OUT
    }

    /// What a probe is to learn from and be evaluated on.
    ///
    /// @param train where images to learn from come from; the run's own data where it is empty
    /// @param validation where the others come from; where it is empty a part of the same data
    /// @param trainImages how many, at most; 0 for all
    /// @param validationImages how many, at most; 0 for all
    /// @param heldOut share of data without a validation part that is kept for it
    /// @param labels of an image that count
    /// @param unseen what becomes of classes that no image learned from shows
    /// @param seed decides which images are taken
    public record Config(
            Optional<Source> train,
            Optional<Source> validation,
            int trainImages,
            int validationImages,
            double heldOut,
            Labels labels,
            Unseen unseen,
            long seed) {

        public Config {
            Check.that(
                    trainImages >= 0,
                    "trainImages is %s; it must not be negative (0 takes all)",
                    trainImages);
            Check.that(
                    validationImages >= 0,
                    "validationImages is %s; it must not be negative (0 takes all)",
                    validationImages);
            Check.that(
                    heldOut > 0 && heldOut < 1,
                    "heldOut is %s; write a share between 0 and 1, such as 0.1",
                    heldOut);
        }

        /// Reads it.
        ///
        /// @param image side of the run's images
        public static Config from(Table t, int image, int trainImages, int validationImages) {
            Optional<Source> train =
                    t.optionalTable("train").map(table -> Source.from(table, image));
            Optional<Source> validation =
                    t.optionalTable("validation").map(table -> Source.from(table, image));
            return t.build(() ->
                    new Config(
                            train,
                            validation,
                            t.count("train-images", trainImages),
                            t.count("validation-images", validationImages),
                            t.real("held-out", 0.1),
                            t.choice("labels", Labels.ALL),
                            t.choice("unseen", Unseen.REFUSE),
                            t.whole("seed", 0)));
        }
    }

    /// One part.
    ///
    /// @param name where it comes from
    /// @param images in the order in which they were chosen
    /// @param truth what each of them shows
    /// @param withoutLabel images passed over because nothing is known of them
    /// @param fingerprint of where they come from and of their names
    record Part(
            String name, Dataset images, GroundTruth truth, int withoutLabel, String fingerprint) {}

    private final Datasets own;
    private final List<String> classNames;
    private final Part train;
    private final Part validation;
    private final BitSet unseen;

    /// Finds the images of both parts; reads none of them.
    ///
    /// @param ofRun the run's own data
    /// @param learns whether anything learns from the training part
    /// @throws InputException if there is nothing to learn, or nothing to judge by
    public static ProbeData open(Config config, Source ofRun, boolean learns) {
        Datasets own = new Datasets();
        try {
            return open(config, ofRun, learns, own, own);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    /// The same among data that may be open already, as a run's own; they stay open.
    public static ProbeData open(Config config, Source ofRun, boolean learns, Datasets shared) {
        return open(config, ofRun, learns, shared, new Datasets());
    }

    private static ProbeData open(
            Config config, Source ofRun, boolean learns, Datasets from, Datasets own) {
        try {
            return new ProbeData(config, ofRun, learns, from, own);
        } catch (IOException e) {
            throw new InputException("the labels cannot be read: " + Reason.withPath(e), e);
        }
    }

    /// @param from opens both parts: those of one whole open it once
    /// @param own is closed with this
    private ProbeData(Config config, Source ofRun, boolean learns, Datasets from, Datasets own)
            throws IOException {
        this.own = own;
        Source source = config.train.orElse(ofRun);
        Source other = config.validation.or(source::validation).orElse(null);
        Source learned = other == null ? heldOut(source, HeldOut.Part.TRAIN, config) : source;
        Source asked = other == null ? heldOut(source, HeldOut.Part.HELD_OUT, config) : other;
        Dataset here = from.open(learned);
        requireLabels(here);
        Dataset there = from.open(asked);
        requireLabels(there);
        List<String> names = new ArrayList<>(here.classNames());
        Map<Integer, Integer> learnedNumbers = numbers(here, here, config, names);
        Map<Integer, Integer> askedNumbers = numbers(there, here, config, names);
        classNames = List.copyOf(names);
        train = part(new Origin(here, learned, learnedNumbers), config.trainImages, config);
        Part evaluated =
                part(new Origin(there, asked, askedNumbers), config.validationImages, config);
        unseen = learns ? unseen(evaluated, config) : new BitSet();
        boolean drop =
                !unseen.isEmpty() && !(train.truth.multiLabel() || evaluated.truth.multiLabel());
        validation = drop ? without(evaluated) : evaluated;
        if (learns && train.truth.seen().cardinality() < 2) {
            throw new InputException(
                    "%s of %s that is learned from shows the class %s; a probe tells two classes apart, or more"
                            .formatted(
                                    train.truth.rows() == 1
                                            ? "the only image"
                                            : "every one of the %,d images"
                                                    .formatted(train.truth.rows()),
                                    train.name,
                                    classNames.get(train.truth.main(0))));
        }
    }

    private static Source heldOut(Source source, HeldOut.Part part, Config config) {
        return new HeldOut.Config(source, config.heldOut, part, config.seed);
    }

    /// Where a part comes from, in words.
    private static String name(Dataset data, Source source) {
        if (!(source instanceof HeldOut.Config held)) {
            return data.name();
        }
        String share = percent(held.heldOut()) + "% held out by name";
        return switch (held.part()) {
            case TRAIN -> data.name() + ", all but the " + share;
            case HELD_OUT -> data.name() + ", the " + share;
        };
    }

    private static String percent(double share) {
        String percent = String.valueOf(100 * share);
        return percent.endsWith(".0") ? percent.substring(0, percent.length() - 2) : percent;
    }

    private static void requireLabels(Dataset data) {
        if (!data.fields().contains(Field.LABELS)) {
            throw new InputException(
                    data.name()
                            + " has no labels, and a probe learns classes; put the images of each"
                            + " class into a folder of their own (one folder alone is no class),"
                            + " give data of kind coco its instances, or name other data (train:"
                            + " {kind: ...}); a run goes without a probe with probe: none");
        }
    }

    /// The numbers of a dataset's classes among those that are learned; what is strange to them is
    /// refused, or comes after them so that it can be left out.
    ///
    /// @param names of the classes that are learned, to which strange ones are added
    private static Map<Integer, Integer> numbers(
            Dataset asked, Dataset learned, Config config, List<String> names) {
        Map<String, Integer> known = new HashMap<>();
        learned.classIds()
                .forEach(id -> {
                    if (known.put(id, known.size()) != null) {
                        throw new InputException(
                                "%s has two classes called %s; give each a name of its own"
                                        .formatted(learned.name(), id));
                    }
                });
        List<String> ids = asked.classIds();
        Map<Integer, Integer> numbers = new HashMap<>();
        List<String> strange = new ArrayList<>();
        for (int label = 0; label < ids.size(); label++) {
            Integer number = known.get(ids.get(label));
            if (number == null) {
                strange.add(asked.classNames().get(label));
                numbers.put(label, names.size());
                names.add(asked.classNames().get(label));
            } else {
                numbers.put(label, number);
            }
        }
        if (!strange.isEmpty() && config.unseen == Unseen.REFUSE) {
            throw new InputException(
                    "%s has other classes than %s, which is learned from: %s; give both parts the same classes by the same names, or leave such classes out with unseen: leave-out"
                            .formatted(asked.name(), learned.name(), some(strange)));
        }
        return numbers;
    }

    private static String some(List<String> names) {
        int shown = Math.min(NAMES_SHOWN, names.size());
        return String.join(", ", names.subList(0, shown))
                + (names.size() > shown ? " and %,d more".formatted(names.size() - shown) : "");
    }

    /// Where a part is chosen from.
    ///
    /// @param source as a recipe has it
    /// @param numbers of the data's classes among those that are learned
    private record Origin(Dataset data, Source source, Map<Integer, Integer> numbers) {}

    /// Chooses labelled images of a part in an order that the seed decides.
    private Part part(Origin origin, int most, Config config) throws IOException {
        Dataset data = origin.data;
        String name = name(data, origin.source);
        Shuffle order = new Shuffle(config.seed, data.size());
        List<Integer> chosen = new ArrayList<>();
        List<List<Integer>> labels = new ArrayList<>();
        int withoutLabel = 0;
        for (long i = 0; i < data.size() && (most == 0 || chosen.size() < most); i++) {
            int index = order.index(i);
            List<Integer> shown = data.labels(index).stream().map(origin.numbers::get).toList();
            if (shown.isEmpty()) {
                withoutLabel++;
            } else {
                chosen.add(index);
                labels.add(config.labels == Labels.MAIN ? List.of(shown.getFirst()) : shown);
            }
        }
        if (chosen.isEmpty()) {
            throw new InputException(
                    "none of the %,d images of %s has a label; name other data (train: {kind: ...})"
                            .formatted(data.size(), name));
        }
        return part(data, name, origin.source.toString(), chosen, labels, withoutLabel);
    }

    /// @param origin whatever decides the images beside their names
    private Part part(
            Dataset data,
            String name,
            String origin,
            List<Integer> chosen,
            List<List<Integer>> labels,
            int withoutLabel) {
        int[] indices = chosen.stream().mapToInt(Integer::intValue).toArray();
        var names = new StringBuilder(origin).append('\n');
        for (int row = 0; row < indices.length; row++) {
            names.append(data.nameOf(indices[row])).append('\n');
        }
        return new Part(
                name,
                new Subset(data, indices),
                new GroundTruth(labels, classNames.size()),
                withoutLabel,
                Sha256.of(names.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /// Classes that are asked for and that no image learned from shows.
    private BitSet unseen(Part evaluated, Config config) {
        BitSet strange = evaluated.truth.seen();
        strange.andNot(train.truth.seen());
        if (!strange.isEmpty() && config.unseen == Unseen.REFUSE) {
            throw new InputException(
                    "no image that is learned from shows %s, which %,d of the classes asked for are; raise train-images (%,d of %s were taken), or leave such classes out with unseen: leave-out"
                            .formatted(
                                    some(names(strange)),
                                    strange.cardinality(),
                                    train.truth.rows(),
                                    train.name));
        }
        return strange;
    }

    /// The images of a part that show no unseen class.
    private Part without(Part evaluated) {
        List<List<Integer>> labels = new ArrayList<>();
        List<Integer> rows = new ArrayList<>();
        for (int row = 0; row < evaluated.truth.rows(); row++) {
            if (!unseen.get(evaluated.truth.main(row))) {
                rows.add(row);
                labels.add(evaluated.truth.labels().get(row));
            }
        }
        if (rows.isEmpty()) {
            throw new InputException(
                    "%s is empty: all its images show classes that no image learned from shows; raise train-images"
                            .formatted(evaluated.name));
        }
        return part(
                evaluated.images,
                evaluated.name,
                evaluated.fingerprint,
                rows,
                labels,
                evaluated.withoutLabel);
    }

    /// The training images.
    Part train() {
        return train;
    }

    /// The validation images.
    Part validation() {
        return validation;
    }

    /// Whether images may show several classes.
    boolean multiLabel() {
        return train.truth.multiLabel() || validation.truth.multiLabel();
    }

    /// The classes that count: of those that the validation images show.
    BitSet countedClasses() {
        BitSet counted = validation.truth.seen();
        counted.andNot(unseen);
        return counted;
    }

    /// The names of the classes, by number.
    List<String> classNames() {
        return classNames;
    }

    /// The names of classes that do not count.
    List<String> leftOut() {
        return names(unseen);
    }

    /// A line for each reason for which files of either part were left out.
    List<String> leftOutLines() {
        return Stream.of(train, validation)
                .flatMap(part ->
                        part.images.leftOut().stream().map(left -> left.textOf(part.images.name())))
                .distinct() // both may be parts of one whole
                .toList();
    }

    private List<String> names(BitSet labels) {
        return labels.stream().mapToObj(classNames::get).toList();
    }

    @Override
    public void close() {
        own.close();
    }
}
