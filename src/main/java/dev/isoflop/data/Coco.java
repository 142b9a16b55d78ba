package dev.isoflop.data;

import dev.isoflop.data.coco.CocoFile;
import dev.isoflop.data.tree.FileTree;
import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.Encoded;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// COCO as it is published: a folder of images, with captions, instances, or both beside it.
///
/// Tsung-Yi Lin et al., *Microsoft COCO*, 2014, [arXiv:1405.0312](https://arxiv.org/abs/1405.0312).
/// The images are those that the annotation files list, in the order of their names; others in the
/// folder are left out. Classes are numbered in the order of the categories' numbers, which have
/// gaps. Labels are the distinct classes of an image's things and crowds, the one that covers most
/// first; a box is around a single thing, never a crowd, and holds every pixel that it touches.
///
/// Masks are painted from the outlines, where every annotation has one: crowds are ignored, and of
/// two things the smaller lies above ({@link CocoMasks}).
public final class Coco implements Dataset {

    private final FileTree tree;
    private final Set<Field> fields;
    private final List<String> classNames;
    private final List<Entry> entries;

    private final Optional<CocoMasks> masks;
    private final Background background;

    /// An image, and what is known of it.
    ///
    /// @param regions in the order in which they are painted
    private record Entry(
            String path,
            List<String> captions,
            List<Integer> labels,
            List<LabelledBox> boxes,
            List<CocoMasks.Region> regions,
            CocoFile.Image image) {}

    /// An image that is listed and there.
    private record Found(long id, CocoFile.Image image) {}

    private Coco(
            FileTree tree,
            Set<Field> fields,
            List<String> classNames,
            List<Entry> entries,
            Optional<CocoMasks> masks,
            Background background) {
        this.tree = tree;
        this.masks = masks;
        this.background = background;
        this.fields = fields;
        this.classNames = classNames;
        this.entries = entries;
    }

    /// What a recipe says of it.
    ///
    /// @param path the folder of images, one above it, or a `.tar` of either
    /// @param captions `captions_*.json`
    /// @param instances `instances_*.json`
    /// @param background of its masks
    public record Config(
            Path path, Optional<Path> captions, Optional<Path> instances, Background background)
            implements Source {

        /// With a background that is a class of its own: most of each image has none of the
        /// categories, and crowds, which are not told apart, are ignored.
        public Config(Path path, Optional<Path> captions, Optional<Path> instances) {
            this(path, captions, instances, Background.CLASS);
        }

        public Config {
            checkBackground(background);
            Check.that(
                    captions.isPresent() || instances.isPresent(),
                    "captions is missing, and so is instances; name one of COCO's annotation files,"
                            + " or both");
        }

        static Config from(Table t) {
            return t.build(() ->
                    new Config(
                            t.path("path"),
                            t.optionalPath("captions"),
                            t.optionalPath("instances"),
                            t.choice("background", Background.CLASS)));
        }

        @Override
        public Coco open() {
            return Coco.open(path, captions, instances, background);
        }

        @Override
        public String name() {
            return path.toString();
        }
    }

    /// Reads the annotations and finds the images.
    ///
    /// @throws InputException if an annotation file is damaged or of another layout, if images that
    ///   it lists are missing, or have no caption though captions are given
    static Coco open(Path path, Optional<Path> captions, Optional<Path> instances) {
        return open(path, captions, instances, Background.CLASS);
    }

    private static Coco open(
            Path path, Optional<Path> captions, Optional<Path> instances, Background background) {
        FileTree tree = FileTree.open(path);
        try {
            return read(
                    tree,
                    captions.map(CocoFile::captions),
                    instances.map(CocoFile::instances),
                    background);
        } catch (RuntimeException e) {
            tree.close();
            throw e;
        }
    }

    /// Refuses to say that there is none.
    static void checkBackground(Background background) {
        Check.that(
                background != Background.NONE,
                "background is none; these masks have pixels without a class: write ignored or"
                        + " class");
    }

    private static Coco read(
            FileTree tree,
            Optional<CocoFile> captions,
            Optional<CocoFile> instances,
            Background background) {
        var names = new ImageNames(tree);
        var images = new TreeMap<String, Found>(); // by path
        captions.ifPresent(file -> find(tree, names, file, images));
        instances.ifPresent(file -> find(tree, names, file, images));
        captions.ifPresent(file -> checkCaptions(file, images));
        var labels = new HashMap<Long, Integer>(); // by category
        var classNames = new ArrayList<String>();
        instances.ifPresent(file ->
                file.categories()
                        .forEach((category, name) -> {
                            labels.put(category, labels.size());
                            classNames.add(name);
                        }));
        var entries = new ArrayList<Entry>();
        images.forEach((path, found) -> {
            List<CocoFile.Thing> things =
                    instances.map(file -> file.thingsOf(found.id)).orElse(List.of());
            entries.add(
                    new Entry(
                            path,
                            captions.map(file -> file.captionsOf(found.id)).orElse(List.of()),
                            labels(things, labels),
                            boxes(things, labels, found.image),
                            regions(things, labels),
                            found.image));
        });
        var fields = EnumSet.noneOf(Field.class);
        captions.ifPresent(_ -> fields.add(Field.CAPTIONS));
        instances.ifPresent(_ -> fields.addAll(List.of(Field.LABELS, Field.BOXES)));
        Optional<CocoFile> outlined =
                instances.filter(
                        file -> file.isOutlined() && classNames.size() <= Mask.MOST_CLASSES);
        outlined.ifPresent(_ -> fields.add(Field.MASKS));
        return new Coco(
                tree,
                fields,
                List.copyOf(classNames),
                entries,
                outlined.map(file -> CocoMasks.of(file.file())),
                background);
    }

    /// Crowds first, then things, the larger ones first.
    private static List<CocoMasks.Region> regions(
            List<CocoFile.Thing> things, Map<Long, Integer> labels) {
        return things.stream()
                .sorted(
                        Comparator.comparing((CocoFile.Thing thing) -> !thing.isCrowd())
                                .thenComparing(CocoFile.Thing::area, Comparator.reverseOrder()))
                .map(thing ->
                        new CocoMasks.Region(
                                (byte) (thing.isCrowd() ? Mask.IGNORED : 1 + label(thing, labels)),
                                thing.outline(),
                                thing.id()))
                .toList();
    }

    /// Adds the images that a file lists.
    private static void find(
            FileTree tree, ImageNames names, CocoFile file, Map<String, Found> images) {
        var missing = new ArrayList<String>();
        file.images()
                .forEach((id, image) ->
                        names.find(image.name())
                                .ifPresentOrElse(
                                        path -> images.put(path, new Found(id, image)),
                                        () -> missing.add(image.name())));
        int listed = file.images().size();
        if (listed == 0) {
            throw new InputException(file.file() + " lists no images");
        }
        if (missing.size() == listed) {
            throw new InputException(
                    "none of the %,d images that %s lists is in %s (%s); name images and annotations"
                                    .formatted(listed, file.file(), tree.root(), names.summary())
                            + " of the same part");
        }
        if (!missing.isEmpty()) {
            throw new InputException(
                    "%,d of the %,d images that %s lists are not in %s: %s; copy them there, or take"
                                    .formatted(
                                            missing.size(),
                                            listed,
                                            file.file(),
                                            tree.root(),
                                            ImageNames.some(missing))
                            + " them off the list");
        }
    }

    private static void checkCaptions(CocoFile file, Map<String, Found> images) {
        List<String> silent =
                images.entrySet().stream()
                        .filter(image -> file.captionsOf(image.getValue().id).isEmpty())
                        .map(Map.Entry::getKey)
                        .toList();
        if (!silent.isEmpty()) {
            throw new InputException(
                    "%s has no caption for %,d of the %,d images: %s; take them off the list, or"
                                    .formatted(
                                            file.file(),
                                            silent.size(),
                                            images.size(),
                                            ImageNames.some(silent))
                            + " leave the captions out");
        }
    }

    /// Distinct, the one that covers most first.
    private static List<Integer> labels(List<CocoFile.Thing> things, Map<Long, Integer> labels) {
        var areas = new TreeMap<Integer, Double>();
        for (CocoFile.Thing thing : things) {
            areas.merge(label(thing, labels), thing.area(), Double::sum);
        }
        return areas.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<LabelledBox> boxes(
            List<CocoFile.Thing> things, Map<Long, Integer> labels, CocoFile.Image image) {
        return things.stream()
                .filter(thing -> !thing.isCrowd())
                .map(thing -> new LabelledBox(thing.box(image), label(thing, labels)))
                .toList();
    }

    private static int label(CocoFile.Thing thing, Map<Long, Integer> labels) {
        return labels.getOrDefault(thing.category(), -1); // each category is listed: CocoFile
    }

    @Override
    public String name() {
        return tree.root().toString();
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public Set<Field> fields() {
        return Set.copyOf(fields);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public String nameOf(int index) {
        return entries.get(index).path;
    }

    @Override
    public Sample read(int index) throws IOException {
        Entry entry = entries.get(index);
        return new Sample(
                entry.path,
                new Encoded(tree.read(entry.path)),
                entry.labels,
                entry.captions,
                entry.boxes,
                Optional.empty());
    }

    @Override
    public List<Integer> labels(int index) {
        return entries.get(index).labels;
    }

    @Override
    public List<String> captions(int index) {
        return entries.get(index).captions;
    }

    @Override
    public Background background() {
        return background;
    }

    @Override
    public Sample readWithMask(int index) throws IOException {
        Sample plain = read(index);
        if (masks.isEmpty()) {
            return plain;
        }
        Entry entry = entries.get(index);
        int width = (int) entry.image.width();
        int height = (int) entry.image.height();
        return plain.withMask(masks.get().paint(entry.regions, width, height));
    }

    @Override
    public void close() {
        masks.ifPresent(CocoMasks::close);
        tree.close();
    }
}
