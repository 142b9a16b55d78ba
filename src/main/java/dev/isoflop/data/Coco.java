package dev.isoflop.data;

import dev.isoflop.data.coco.CocoFile;
import dev.isoflop.data.tree.FileTree;
import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Sha256;
import dev.isoflop.image.Encoded;
import dev.isoflop.recipe.Table;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// COCO as it is published: a folder of images, with captions, instances, or both beside it.
///
/// Tsung-Yi Lin et al., *Microsoft COCO*, 2014, [arXiv:1405.0312](https://arxiv.org/abs/1405.0312).
/// The images are those that the annotation files list ({@link CocoImages}), in the order of their
/// names; others in the folder are left out. Classes are numbered in the order of the categories'
/// numbers, which have gaps. Labels are the distinct classes of an image's things and crowds, the
/// one that covers most first, those of its first listing before those of another; a box is around
/// a single thing, never a crowd, and holds every pixel that it touches. Things beside their image
/// are left out.
///
/// Masks are painted from the outlines: crowds are ignored, and of two things the smaller lies
/// above ({@link CocoMasks}). Where something in an image has no outline, the image {@link #lacks}
/// a mask.
public final class Coco implements Dataset {

    private final FileTree tree;
    private final Set<Field> fields;
    private final List<String> classNames;
    private final List<Entry> entries;

    private final Map<String, Path> annotations; // files, by what they say
    private final Optional<CocoMasks> masks;
    private final Background background;
    private final List<LeftOut> leftOut;

    /// An image, and what is known of it.
    ///
    /// @param regions in the order in which they are painted
    /// @param unpainted why it can have no mask; null where it can
    private record Entry(
            String path,
            List<String> captions,
            List<Integer> labels,
            List<LabelledBox> boxes,
            List<CocoMasks.Region> regions,
            CocoFile.Image image,
            @Nullable String unpainted) {}

    private Coco(
            FileTree tree,
            Set<Field> fields,
            List<String> classNames,
            List<Entry> entries,
            Map<String, Path> annotations,
            Optional<CocoMasks> masks,
            Background background,
            List<LeftOut> leftOut) {
        this.tree = tree;
        this.leftOut = leftOut;
        this.annotations = annotations;
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
        List<CocoImages.Listed> images = CocoImages.of(tree, names, captions, instances);
        captions.ifPresent(file -> checkCaptions(file, images));
        var leftOut = new LeftOut.Count();
        var labels = new HashMap<Long, Integer>(); // by category
        var classNames = new ArrayList<String>();
        instances.ifPresent(file ->
                file.categories()
                        .forEach((category, name) -> {
                            labels.put(category, labels.size());
                            classNames.add(name);
                        }));
        var entries = new ArrayList<Entry>();
        for (CocoImages.Listed image : images) {
            List<List<CocoFile.Thing>> listings =
                    instances.map(file -> things(image, file, leftOut)).orElse(List.of());
            List<CocoFile.Thing> things = listings.stream().flatMap(List::stream).toList();
            entries.add(
                    new Entry(
                            image.path(),
                            captions.map(image::captions).orElse(List.of()),
                            labels(listings, labels),
                            boxes(things, labels, image.image()),
                            regions(things, labels),
                            image.image(),
                            unpainted(things, image.image())));
        }
        countUnlisted(names, images, leftOut);
        var fields = EnumSet.noneOf(Field.class);
        captions.ifPresent(_ -> fields.add(Field.CAPTIONS));
        instances.ifPresent(_ -> fields.addAll(List.of(Field.LABELS, Field.BOXES)));
        Optional<CocoFile> outlined =
                instances.filter(_ ->
                        classNames.size() <= Mask.MOST_CLASSES
                                && entries.stream()
                                        .anyMatch(entry ->
                                                entry.unpainted == null
                                                        && !entry.regions.isEmpty()));
        outlined.ifPresent(_ -> fields.add(Field.MASKS));
        var all = new ArrayList<LeftOut>();
        captions.ifPresent(file -> all.addAll(file.leftOut()));
        instances.ifPresent(file -> all.addAll(file.leftOut()));
        all.addAll(leftOut.allOf(tree));
        var annotations = new HashMap<String, Path>();
        captions.ifPresent(file -> annotations.put("captions", file.file()));
        instances.ifPresent(file -> annotations.put("instances", file.file()));
        return new Coco(
                tree,
                fields,
                List.copyOf(classNames),
                entries,
                annotations,
                outlined.map(file -> CocoMasks.of(file.file())),
                background,
                List.copyOf(all));
    }

    private static void countUnlisted(
            ImageNames names, List<CocoImages.Listed> images, LeftOut.Count leftOut) {
        Set<String> listed =
                images.stream().map(CocoImages.Listed::path).collect(Collectors.toSet());
        names.paths().stream()
                .filter(path -> !listed.contains(path))
                .forEach(path -> leftOut.add("images that no annotation file lists", path));
    }

    /// The things and crowds of an image, by its listings, but for those that lie beside it.
    private static List<List<CocoFile.Thing>> things(
            CocoImages.Listed image, CocoFile file, LeftOut.Count leftOut) {
        var listings = new ArrayList<List<CocoFile.Thing>>();
        for (long id : image.inInstances()) {
            var inside = new ArrayList<CocoFile.Thing>();
            for (CocoFile.Thing thing : file.thingsOf(id)) {
                if (thing.box(image.image()).isPresent()) {
                    inside.add(thing);
                } else {
                    leftOut.add(
                            "annotations whose box holds no pixel of the image",
                            thing.annotation() + ", of " + image.path());
                }
            }
            listings.add(inside);
        }
        return listings;
    }

    /// Why an image can have no mask; null where it can.
    private static @Nullable String unpainted(List<CocoFile.Thing> things, CocoFile.Image image) {
        for (CocoFile.Thing thing : things) {
            if (thing.fault() != null) {
                return "the segmentation of %s will not do: %s"
                        .formatted(thing.annotation(), thing.fault());
            }
        }
        return image.hasSize() ? null : "its width and height are not said";
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
                                thing))
                .toList();
    }

    private static void checkCaptions(CocoFile file, List<CocoImages.Listed> images) {
        List<String> silent =
                images.stream()
                        .filter(image -> image.captions(file).isEmpty())
                        .map(CocoImages.Listed::path)
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

    /// Distinct: listing by listing, and in each the one that covers most first.
    private static List<Integer> labels(
            List<List<CocoFile.Thing>> listings, Map<Long, Integer> labels) {
        var all = new LinkedHashSet<Integer>();
        listings.forEach(things -> all.addAll(mainFirst(things, labels)));
        return List.copyOf(all);
    }

    /// Distinct, the one that covers most first.
    private static List<Integer> mainFirst(List<CocoFile.Thing> things, Map<Long, Integer> labels) {
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
                .flatMap(thing ->
                        thing.box(image).stream()
                                .map(box -> new LabelledBox(box, label(thing, labels))))
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

    /// Labels where nothing is annotated, and a mask where something annotated cannot be painted.
    @Override
    public Optional<String> lacks(Field field, int index) {
        Entry entry = entries.get(index);
        return switch (field) {
            case LABELS ->
                    entry.labels.isEmpty() ? Optional.of("nothing is annotated") : Optional.empty();
            case MASKS -> Optional.ofNullable(entry.unpainted);
            case CAPTIONS, BOXES -> Optional.empty();
        };
    }

    @Override
    public List<LeftOut> leftOut() {
        return leftOut;
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
        if (entry.unpainted != null) {
            throw new InputException(
                    "%s can have no mask: %s".formatted(entry.path, entry.unpainted));
        }
        return plain.withMask(
                masks.get().paint(entry.regions, entry.image.width(), entry.image.height()));
    }

    /// With the checksums of the annotation files.
    @Override
    public Traits traits() {
        var parts = new HashMap<String, String>();
        annotations.forEach((what, file) -> parts.put(what, checksum(file)));
        return Traits.ofFiles("coco", index -> tree.length(entries.get(index).path), parts);
    }

    private static String checksum(Path file) {
        try {
            return Sha256.of(file);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + Reason.of(e), e);
        }
    }

    @Override
    public void close() {
        masks.ifPresent(CocoMasks::close);
        tree.close();
    }
}
