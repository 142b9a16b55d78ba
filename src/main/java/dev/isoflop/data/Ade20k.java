package dev.isoflop.data;

import dev.isoflop.data.tree.FileTree;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Utf8;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// ADE20K's 150 classes of scene parsing, as SceneParse150 publishes them.
///
/// Bolei Zhou et al., *Scene Parsing through ADE20K Dataset*, CVPR 2017. `images/training/*.jpg`
/// with `annotations/training/*.png`, and `validation` likewise; 0 in an annotation is none of the
/// classes, class c is c + 1. The names of classes are the first words of `objectInfo150.txt` where
/// the file is there; else of a list of ours, which is the published one.
public final class Ade20k implements PairedMasks {

    private static final int CLASSES = 150;
    private static final String INFO = "objectInfo150.txt";
    private static final String NAMES = "ade20k-classes.txt";

    private final FileTree tree;
    private final MaskPairs pairs;
    private final List<String> classNames;
    private final Background background;

    /// Its parts with annotations.
    public enum Split {
        TRAIN("training"),
        VAL("validation");

        private final String folder;

        Split(String folder) {
            this.folder = folder;
        }
    }

    /// What a recipe says of it.
    ///
    /// @param path the directory that holds `images` and `annotations`, one above it, or a `.tar`
    ///   of either
    /// @param background what becomes of 0; ignored by the usual rule
    public record Config(Path path, Split split, Background background) implements Source {

        public Config {
            Coco.checkBackground(background);
        }

        static Config from(Table t) {
            return t.build(() ->
                    new Config(
                            t.path("path"),
                            t.choice("split", Split.TRAIN),
                            t.choice("background", Background.IGNORED)));
        }

        @Override
        public Ade20k open() {
            return Ade20k.open(this);
        }

        @Override
        public String name() {
            return path.toString();
        }
    }

    private Ade20k(FileTree tree, MaskPairs pairs, List<String> classNames, Background background) {
        this.tree = tree;
        this.pairs = pairs;
        this.classNames = classNames;
        this.background = background;
    }

    private static Ade20k open(Config config) {
        FileTree tree = FileTree.open(config.path);
        try {
            String root = rootOf(tree);
            String images = root + "images/" + config.split.folder + "/";
            String masks = root + "annotations/" + config.split.folder + "/";
            return new Ade20k(
                    tree,
                    MaskPairs.of(tree, images, tree, masks, CLASSES, config.background),
                    classNames(tree, root),
                    config.background);
        } catch (IOException e) {
            tree.close();
            throw new InputException(config.path + " cannot be read: " + Reason.withPath(e), e);
        } catch (RuntimeException e) {
            tree.close();
            throw e;
        }
    }

    /// What precedes `annotations/` in the paths.
    private static String rootOf(FileTree tree) {
        for (Split split : Split.values()) {
            String folder = "annotations/" + split.folder + "/";
            for (String path : tree.paths()) {
                int at = path.indexOf(folder);
                if (at == 0 || (at > 0 && path.charAt(at - 1) == '/')) {
                    return path.substring(0, at);
                }
            }
        }
        throw new InputException(
                tree.root()
                        + " is not laid out as SceneParse150: it has neither annotations/training"
                        + " nor annotations/validation; for other images with masks use the kind"
                        + " image-mask");
    }

    private static List<String> classNames(FileTree tree, String root) throws IOException {
        String path = root + INFO;
        if (!tree.paths().contains(path)) {
            return published();
        }
        String where = tree.root().resolve(path).toString();
        var names = new ArrayList<String>();
        Utf8.text(where, tree.read(path))
                .lines()
                .skip(1) // the header
                .filter(line -> !line.isBlank())
                .forEach(line -> names.add(firstWord(line.substring(line.lastIndexOf('\t') + 1))));
        if (names.size() != CLASSES) {
            throw new InputException(
                    "%s lists %,d classes; it should have a header and %d lines"
                            .formatted(where, names.size(), CLASSES));
        }
        return List.copyOf(names);
    }

    private static List<String> published() {
        try (InputStream in = Ade20k.class.getResourceAsStream(NAMES)) {
            byte[] bytes = Objects.requireNonNull(in, NAMES).readAllBytes();
            return new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String firstWord(String names) {
        return names.split(",", 2)[0].strip();
    }

    @Override
    public String name() {
        return tree.root().toString();
    }

    @Override
    public Traits traits() {
        return pairs.traits("ade20k");
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
