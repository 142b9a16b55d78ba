package dev.isoflop.data;

import dev.isoflop.data.tree.FileTree;
import dev.isoflop.data.tree.ImageFiles;
import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.image.Encoded;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Images in folders, of any depth: ImageNet's `class/image` and whatever resembles it.
///
/// An image's class is the first directory below the root that separates images. Directories that
/// all images share (`train/`, say) separate nothing and are passed over; what lies deeper than the
/// class (`class/images/x.jpg`) does not matter. An image beside the class directories has no
/// label, and where no directory separates images, none has. Classes are numbered in the order of
/// their names.
public final class ImageFolder implements Dataset {

    private final FileTree tree;
    private final List<String> images;
    private final List<String> classNames;
    private final boolean allLabelled;
    private final int shared; // length of the path that all images share

    private ImageFolder(FileTree tree, List<String> images) {
        this.tree = tree;
        this.images = images;
        this.shared = sharedDirectory(images).length();
        var classes = new TreeSet<String>();
        for (String image : images) {
            classes.add(directory(image));
        }
        this.allLabelled = !classes.remove("");
        this.classNames = List.copyOf(classes);
    }

    /// What a recipe says of it.
    ///
    /// @param path a directory, or a `.tar` that is read in place
    public record Config(Path path) implements Source {

        static Config from(Table t) {
            return new Config(t.path("path"));
        }

        @Override
        public ImageFolder open() {
            return ImageFolder.open(path);
        }

        @Override
        public String name() {
            return path.toString();
        }

        /// What the folders right below it are called, or below the one folder that it holds; none
        /// where they cannot be listed at once.
        List<String> classFolders() {
            List<String> names = foldersOf(path);
            return names.size() == 1 ? foldersOf(path.resolve(names.getFirst())) : names;
        }

        private static List<String> foldersOf(Path folder) {
            if (!Files.isDirectory(folder)) {
                return List.of();
            }
            try (Stream<Path> inside = Files.list(folder)) {
                return inside.filter(Files::isDirectory)
                        .map(it -> String.valueOf(it.getFileName()))
                        .toList();
            } catch (IOException | UncheckedIOException _) {
                return List.of();
            }
        }
    }

    /// Finds the images of a directory or a `.tar`.
    ///
    /// @throws dev.isoflop.fault.InputException if there are none, saying what was found instead
    static ImageFolder open(Path path) {
        FileTree tree = FileTree.open(path);
        List<String> images = tree.paths().stream().filter(ImageFiles::isImage).toList();
        if (images.isEmpty()) {
            tree.close();
            throw ImageFiles.noneIn(tree);
        }
        return new ImageFolder(tree, images);
    }

    @Override
    public String name() {
        return tree.root().toString();
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Set<Field> fields() {
        return classNames.isEmpty() ? Set.of() : Set.of(Field.LABELS);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public String nameOf(int index) {
        return images.get(index);
    }

    @Override
    public Sample read(int index) throws IOException {
        String path = images.get(index);
        return new Sample(path, new Encoded(tree.read(path)), labels(index));
    }

    @Override
    public List<Integer> labels(int index) {
        int label = Collections.binarySearch(classNames, directory(images.get(index)));
        return label < 0 ? List.of() : List.of(label);
    }

    /// A label, where it lies beside the directories of classes.
    @Override
    public Optional<String> lacks(Field field, int index) {
        return field == Field.LABELS && !allLabelled && labels(index).isEmpty()
                ? Optional.of("it lies beside the folders of classes")
                : Optional.empty();
    }

    @Override
    public List<LeftOut> leftOut() {
        var leftOut = new LeftOut.Count();
        tree.paths().stream()
                .filter(path -> !ImageFiles.isImage(path))
                .forEach(path -> leftOut.add("files that are no .jpg, .png or .webp", path));
        return leftOut.allOf(tree);
    }

    @Override
    public List<String> captions(int index) {
        return List.of();
    }

    /// Names and lengths: a picture's class is part of its name.
    @Override
    public Traits traits() {
        return Traits.ofFiles("folder", index -> tree.length(images.get(index)), Map.of());
    }

    @Override
    public void close() {
        tree.close();
    }

    /// The first directory below the shared one; empty if the image lies in the shared one.
    private String directory(String image) {
        int end = image.indexOf('/', shared);
        return end < 0 ? "" : image.substring(shared, end);
    }

    /// The longest directory, with its `/`, that begins every path. Paths are sorted, so the first
    /// and the last tell.
    private static String sharedDirectory(List<String> sorted) {
        String first = sorted.getFirst();
        String last = sorted.getLast();
        int same = 0;
        while (same < first.length()
                && same < last.length()
                && first.charAt(same) == last.charAt(same)) {
            same++;
        }
        return first.substring(0, first.substring(0, same).lastIndexOf('/') + 1);
    }
}
