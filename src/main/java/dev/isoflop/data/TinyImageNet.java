package dev.isoflop.data;

import dev.isoflop.data.tree.FileTree;
import dev.isoflop.data.tree.ImageFiles;
import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.image.Box;
import dev.isoflop.image.Encoded;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Tiny-ImageNet as it is published: 200 classes of 64 x 64 images, one box each.
///
/// `train/WNID/images/*.JPEG` with `train/WNID/WNID_boxes.txt`; `val/images/*.JPEG` with
/// `val/val_annotations.txt`; `words.txt`, if it is there, names the classes, which are numbered in
/// the order of their WordNet numbers. The annotations say which images there are: one that is
/// named and missing counts as broken when its turn comes.
public final class TinyImageNet implements Dataset {

    /// Its labelled parts; the published test part has no labels.
    public enum Split {
        TRAIN,
        VAL;

        String directory() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final FileTree tree;
    private final Split split;
    private final List<Entry> entries;
    private final List<String> classIds;
    private final List<String> classNames;
    private final List<LeftOut> leftOut;

    private record Entry(String path, int label, Box box) {}

    private TinyImageNet(
            FileTree tree,
            Split split,
            List<Entry> entries,
            List<String> classIds,
            List<String> classNames,
            List<LeftOut> leftOut) {
        this.leftOut = leftOut;
        this.tree = tree;
        this.split = split;
        this.entries = entries;
        this.classIds = classIds;
        this.classNames = classNames;
    }

    /// What a recipe says of it.
    ///
    /// @param path the directory that holds `wnids.txt`, one above it, or a `.tar` of either
    public record Config(Path path, Split split) implements Source {

        static Config from(Table t) {
            return new Config(t.path("path"), t.choice("split", Split.TRAIN));
        }

        @Override
        public TinyImageNet open() {
            return TinyImageNet.open(path, split);
        }

        @Override
        public String name() {
            return path.toString();
        }

        /// The published validation part of the training part.
        @Override
        public Optional<Source> validation() {
            return split == Split.TRAIN
                    ? Optional.of(new Config(path, Split.VAL))
                    : Optional.empty();
        }
    }

    /// Reads the annotations of one part.
    ///
    /// @throws InputException if a file of the layout is missing or has a line that cannot be read
    static TinyImageNet open(Path path, Split split) {
        FileTree tree = FileTree.open(path);
        try {
            return read(tree, split);
        } catch (IOException e) {
            tree.close();
            throw new InputException(path + " cannot be read: " + Reason.withPath(e), e);
        } catch (RuntimeException e) {
            tree.close();
            throw e;
        }
    }

    private static TinyImageNet read(FileTree tree, Split split) throws IOException {
        String root = rootOf(tree);
        List<String> numbers = lines(tree, root + "wnids.txt").stream().sorted().toList();
        var labels = new HashMap<String, Integer>();
        for (String number : numbers) {
            if (labels.put(number, labels.size()) != null) {
                throw new InputException(
                        "%s: %swnids.txt names %s twice; remove one of the lines"
                                .formatted(tree.root(), root, number));
            }
        }
        List<Entry> entries =
                switch (split) {
                    case TRAIN -> train(tree, root, numbers);
                    case VAL -> validation(tree, root, labels);
                };
        if (entries.isEmpty()) {
            throw ImageFiles.noneIn(tree);
        }
        Set<String> listed = listed(tree, entries);
        var leftOut = new LeftOut.Count();
        tree.paths().stream()
                .filter(path -> path.startsWith(root + split.directory() + "/"))
                .filter(path -> ImageFiles.isImage(path) && !listed.contains(path))
                .forEach(path -> leftOut.add("images that no annotation file lists", path));
        List<String> names = words(tree, root, numbers);
        return new TinyImageNet(
                tree, split, List.copyOf(entries), numbers, names, leftOut.allOf(tree));
    }

    /// The images, each of which is listed once: a second line would be of another image.
    private static Set<String> listed(FileTree tree, List<Entry> entries) {
        var listed = new HashSet<String>();
        for (Entry entry : entries) {
            if (!listed.add(entry.path)) {
                throw new InputException(
                        "%s: %s is annotated twice; remove one of the lines"
                                .formatted(tree.root(), entry.path));
            }
        }
        return listed;
    }

    private static String rootOf(FileTree tree) {
        return tree.paths().stream()
                .filter(path -> path.equals("wnids.txt") || path.endsWith("/wnids.txt"))
                .findFirst()
                .map(path -> path.substring(0, path.length() - "wnids.txt".length()))
                .orElseThrow(() ->
                        new InputException(
                                tree.root()
                                        + " is not laid out as Tiny-ImageNet: it has no wnids.txt;"
                                        + " for images in folders use the kind folder"));
    }

    private static List<Entry> train(FileTree tree, String root, List<String> numbers)
            throws IOException {
        var entries = new ArrayList<Entry>();
        for (int label = 0; label < numbers.size(); label++) {
            String directory = root + "train/" + numbers.get(label) + "/";
            String file = directory + numbers.get(label) + "_boxes.txt";
            int line = 0;
            for (String text : lines(tree, file)) {
                String[] fields = fields(tree, file, ++line, text, 5);
                String image = directory + "images/" + fields[0];
                entries.add(new Entry(image, label, box(tree, file, line, fields, 1)));
            }
        }
        return entries;
    }

    private static List<Entry> validation(FileTree tree, String root, Map<String, Integer> labels)
            throws IOException {
        var entries = new ArrayList<Entry>();
        String file = root + "val/val_annotations.txt";
        int line = 0;
        for (String text : lines(tree, file)) {
            String[] fields = fields(tree, file, ++line, text, 6);
            Integer label = labels.get(fields[1]);
            if (label == null) {
                throw unreadable(tree, file, line, text, "a class of wnids.txt second");
            }
            String image = root + "val/images/" + fields[0];
            entries.add(new Entry(image, label, box(tree, file, line, fields, 2)));
        }
        return entries;
    }

    private static List<String> words(FileTree tree, String root, List<String> numbers)
            throws IOException {
        var names = new HashMap<String, String>();
        String file = root + "words.txt";
        boolean isThere = tree.paths().contains(file);
        for (String line : isThere ? lines(tree, file) : List.<String>of()) {
            int tab = line.indexOf('\t');
            if (tab > 0) {
                names.put(line.substring(0, tab), line.substring(tab + 1).strip());
            }
        }
        return numbers.stream().map(number -> names.getOrDefault(number, number)).toList();
    }

    /// The annotated corners are pixels of the box, both of them.
    private static Box box(FileTree tree, String file, int line, String[] fields, int at) {
        try {
            int left = Integer.parseInt(fields[at]);
            int top = Integer.parseInt(fields[at + 1]);
            int right = Integer.parseInt(fields[at + 2]);
            int bottom = Integer.parseInt(fields[at + 3]);
            return new Box(left, top, right - left + 1, bottom - top + 1);
        } catch (IllegalArgumentException _) {
            String text = String.join("\t", fields);
            throw unreadable(tree, file, line, text, "left, top, right and bottom last");
        }
    }

    private static String[] fields(FileTree tree, String file, int line, String text, int count) {
        String[] fields = text.split("\t", -1);
        if (fields.length < count) {
            throw unreadable(tree, file, line, text, count + " fields between tabs");
        }
        return fields;
    }

    private static InputException unreadable(
            FileTree tree, String file, int line, String text, String wanted) {
        return new InputException(
                "%s: %s:%d is \"%s\"; it should have %s"
                        .formatted(tree.root(), file, line, text, wanted));
    }

    private static List<String> lines(FileTree tree, String path) throws IOException {
        return new String(tree.read(path), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    @Override
    public String name() {
        return tree.root() + ", " + split.directory();
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public Set<Field> fields() {
        return Set.of(Field.LABELS, Field.BOXES);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    /// Their WordNet numbers.
    @Override
    public List<String> classIds() {
        return classIds;
    }

    @Override
    public String nameOf(int index) {
        return entries.get(index).path();
    }

    @Override
    public Sample read(int index) throws IOException {
        Entry entry = entries.get(index);
        return new Sample(
                entry.path(),
                new Encoded(tree.read(entry.path())),
                List.of(entry.label()),
                List.of(),
                List.of(new LabelledBox(entry.box(), entry.label())),
                Optional.empty());
    }

    @Override
    public List<Integer> labels(int index) {
        return List.of(entries.get(index).label());
    }

    @Override
    public List<String> captions(int index) {
        return List.of();
    }

    /// With each picture's label and box.
    @Override
    public Traits traits() {
        return Traits.ofFiles(
                "tiny-imagenet",
                index -> tree.length(entries.get(index).path),
                Map.of("annotations", Traits.checksum(entries.stream())));
    }

    @Override
    public List<LeftOut> leftOut() {
        return leftOut;
    }

    @Override
    public void close() {
        tree.close();
    }
}
