package dev.isoflop.data;

import dev.isoflop.data.tree.FileTree;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.WholeFile;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Images and masks of the same names, in two folders of any depth: `images/a/1.jpg` and
/// `masks/a/1.png`.
///
/// A mask is a PNG whose pixels are numbers, grey or of a palette: by {@link Background}, 0 is the
/// background and class c is c + 1, or class c is c. 255 is ignored.
public final class ImageMasks implements PairedMasks {

    private final Path path;
    private final MaskPairs pairs;
    private final List<String> classNames;
    private final Background background;

    /// What a recipe says of it.
    ///
    /// @param path of the images: a directory or a `.tar`
    /// @param masks a directory or a `.tar`
    /// @param classes how many there are, without the background; 0: as many as have names
    /// @param classNames a file with a name a line, in the order of the numbers
    public record Config(
            Path path, Path masks, int classes, Optional<Path> classNames, Background background)
            implements Source {

        public Config {
            Check.that(
                    classes > 0 || classNames.isPresent(),
                    "classes is %s; write how many classes the masks have, or class-names: a file"
                            + " with a name a line",
                    classes);
            Check.that(
                    classes <= Mask.MOST_CLASSES,
                    "classes is %s; masks of 8 bits have at most %s",
                    classes,
                    Mask.MOST_CLASSES);
        }

        static Config from(Table t) {
            return t.build(() ->
                    new Config(
                            t.path("path"),
                            t.path("masks"),
                            t.count("classes", 0),
                            t.optionalPath("class-names"),
                            t.choice("background", Background.IGNORED)));
        }

        @Override
        public ImageMasks open() {
            return ImageMasks.open(this);
        }

        @Override
        public String name() {
            return path.toString();
        }
    }

    private ImageMasks(Config config, MaskPairs pairs, List<String> classNames) {
        this.path = config.path;
        this.pairs = pairs;
        this.classNames = classNames;
        this.background = config.background;
    }

    private static ImageMasks open(Config config) {
        List<String> names =
                config.classNames
                        .map(file -> named(file, config.classes))
                        .orElseGet(() ->
                                IntStream.range(0, config.classes)
                                        .mapToObj(i -> "class " + i)
                                        .toList());
        FileTree images = FileTree.open(config.path);
        try {
            FileTree masks = FileTree.open(config.masks);
            try {
                return new ImageMasks(
                        config,
                        MaskPairs.of(images, "", masks, "", names.size(), config.background),
                        names);
            } catch (RuntimeException e) {
                masks.close();
                throw e;
            }
        } catch (RuntimeException e) {
            images.close();
            throw e;
        }
    }

    private static List<String> named(Path file, int classes) {
        List<String> names;
        try {
            names =
                    WholeFile.text(file, WholeFile.TEXT, "a list of names")
                            .lines()
                            .map(String::strip)
                            .filter(line -> !line.isEmpty())
                            .toList();
        } catch (IOException e) {
            throw new InputException(
                    file + " cannot be read; name a file with the name of a class a line", e);
        }
        if (names.isEmpty() || (classes > 0 && classes != names.size())) {
            throw new InputException(
                    "%s names %,d classes%s; write a name a line"
                            .formatted(
                                    file,
                                    names.size(),
                                    classes > 0 ? ", and data.classes is " + classes : ""));
        }
        if (names.size() > Mask.MOST_CLASSES) {
            throw new InputException(
                    "%s names %,d classes; masks of 8 bits have at most %d"
                            .formatted(file, names.size(), Mask.MOST_CLASSES));
        }
        return names;
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public Traits traits() {
        return pairs.traits("image-mask");
    }

    @Override
    public MaskPairs pairs() {
        return pairs;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Background background() {
        return background;
    }
}
