package dev.isoflop.data;

import dev.isoflop.data.coco.CaptionFile;
import dev.isoflop.data.tree.FileTree;
import dev.isoflop.data.tree.ImageFiles;
import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.files.Utf8;
import dev.isoflop.files.WholeFile;
import dev.isoflop.image.Encoded;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// Images with captions: a folder or `.tar` with a caption file, or with a `.txt` beside each
/// image.
///
/// The caption file is the `metadata.jsonl` of Hugging Face's image folders, or a table of the same
/// columns; an image on several lines has several captions. Images with a `.txt` of the same name
/// are what WebDataset packs. Every image has a caption and every caption its image, or nothing is
/// read: a file that does not fit is more likely another's than half right.
public final class CaptionedFolder implements Dataset {

    private static final Set<String> METADATA =
            Set.of("metadata.jsonl", "metadata.csv", "metadata.tsv");

    private final FileTree tree;
    private final List<String> images;
    private final Map<String, List<String>> captions; // by image
    private final List<LeftOut> leftOut;

    private CaptionedFolder(
            FileTree tree, SortedMap<String, List<String>> captions, List<LeftOut> leftOut) {
        this.tree = tree;
        this.leftOut = leftOut;
        this.images = List.copyOf(captions.keySet());
        this.captions = captions;
    }

    /// What a recipe says of it.
    ///
    /// @param path a directory, or a `.tar` that is read in place
    /// @param captions the caption file, if it does not lie among the images
    public record Config(Path path, Optional<Path> captions) implements Source {

        static Config from(Table t) {
            return new Config(t.path("path"), t.optionalPath("captions"));
        }

        @Override
        public CaptionedFolder open() {
            return CaptionedFolder.open(path, captions);
        }

        @Override
        public String name() {
            return path.toString();
        }
    }

    /// Reads the captions and finds the images.
    ///
    /// @throws InputException if there are none, or they do not match
    static CaptionedFolder open(Path path, Optional<Path> captions) {
        FileTree tree = FileTree.open(path);
        try {
            var names = new ImageNames(tree);
            Optional<String> inside = captions.isPresent() ? Optional.empty() : metadata(tree);
            if (captions.isPresent()) {
                Path file = captions.get();
                if (!Files.isRegularFile(file)) {
                    throw new InputException(
                            file + " is no file; name a .jsonl, .csv or .tsv of captions");
                }
                String text = WholeFile.text(file, WholeFile.TEXT, "a caption");
                return matched(tree, names, file.toString(), "", text);
            }
            if (inside.isPresent()) {
                String file = inside.get();
                String where = tree.root().resolve(file).toString();
                String folder = file.substring(0, file.lastIndexOf('/') + 1);
                return matched(tree, names, where, folder, Utf8.text(where, tree.read(file)));
            }
            return paired(tree, names);
        } catch (IOException e) {
            tree.close();
            throw new InputException(path + " cannot be read: " + Reason.withPath(e), e);
        } catch (RuntimeException e) {
            tree.close();
            throw e;
        }
    }

    private static Optional<String> metadata(FileTree tree) {
        List<String> found =
                tree.paths().stream()
                        .filter(path -> METADATA.contains(ImageFiles.fileName(path)))
                        .toList();
        if (found.size() > 1) {
            throw new InputException(
                    "%s holds %d caption files: %s; name the folder of one of them"
                            .formatted(tree.root(), found.size(), ImageNames.some(found)));
        }
        return found.stream().findFirst();
    }

    /// @param folder that the names in the file begin from
    private static CaptionedFolder matched(
            FileTree tree, ImageNames names, String where, String folder, String text) {
        var captions = new TreeMap<String, List<String>>();
        var lines = new HashMap<List<String>, Long>(); // by image and caption
        var missing = new ArrayList<String>();
        List<CaptionFile.Row> rows = CaptionFile.rows(where, text);
        for (CaptionFile.Row row : rows) {
            Optional<String> path = names.find(folder + row.image().replaceFirst("^\\./", ""));
            if (path.isEmpty()) {
                missing.add("%s (line %d)".formatted(row.image(), row.line()));
                continue;
            }
            Long before = lines.put(List.of(path.get(), row.text()), row.line());
            if (before != null) {
                throw new InputException(
                        "%s:%d  repeats the caption of %s on line %d; remove one of them"
                                .formatted(where, row.line(), row.image(), before));
            }
            captions.computeIfAbsent(path.get(), _ -> new ArrayList<>(1)).add(row.text());
        }
        if (captions.isEmpty()) {
            throw new InputException(
                    "%s belongs to other images: none that it names is in %s (%s), the first is %s"
                            .formatted(where, tree.root(), names.summary(), missing.getFirst()));
        }
        if (!missing.isEmpty()) {
            throw new InputException(
                    "%d of the %d lines of %s name images that are not in %s: %s; add these images"
                                    .formatted(
                                            missing.size(),
                                            rows.size(),
                                            where,
                                            tree.root(),
                                            ImageNames.some(missing))
                            + " or remove the lines");
        }
        checkAll(tree, names, captions, "in " + where);
        return new CaptionedFolder(tree, captions, tree.leftOut());
    }

    private static CaptionedFolder paired(FileTree tree, ImageNames names) throws IOException {
        var texts = new HashMap<String, String>(); // by path without its ending
        for (String path : tree.paths()) {
            if (path.endsWith(".txt")) {
                texts.put(stem(path), path);
            }
        }
        var captions = new TreeMap<String, List<String>>();
        var described = new HashMap<String, String>(); // images by the files of their captions
        for (String image : names.paths()) {
            String file = texts.get(stem(image));
            if (file != null) {
                String other = described.put(file, image);
                if (other != null) {
                    throw new InputException(
                            "%s and %s of %s have one caption between them, %s; rename one of them, and describe it"
                                    .formatted(other, image, tree.root(), file));
                }
                String where = tree.root().resolve(file).toString();
                String text = Utf8.text(where, tree.read(file)).strip();
                if (text.isEmpty()) {
                    throw new InputException(where + " is empty; write a caption");
                }
                captions.put(image, List.of(text));
            }
        }
        if (captions.isEmpty()) {
            throw new InputException(
                    "%s holds no captions: neither metadata.jsonl, metadata.csv or metadata.tsv, nor"
                                    .formatted(tree.root())
                            + " a .txt beside each image; add one, or name the caption file");
        }
        checkAll(tree, names, captions, "beside them");
        var leftOut = new LeftOut.Count();
        new TreeSet<>(texts.values())
                .stream()
                        .filter(file -> !described.containsKey(file))
                        .forEach(file -> leftOut.add(".txt files without an image", file));
        return new CaptionedFolder(tree, captions, leftOut.allOf(tree));
    }

    private static String stem(String path) {
        return path.substring(0, path.lastIndexOf('.'));
    }

    private static void checkAll(
            FileTree tree, ImageNames names, Map<String, ?> captions, String where) {
        List<String> silent =
                names.paths().stream().filter(image -> !captions.containsKey(image)).toList();
        if (!silent.isEmpty()) {
            throw new InputException(
                    "%,d of the %,d images of %s have no caption %s: %s; describe them or move them"
                                    .formatted(
                                            silent.size(),
                                            names.paths().size(),
                                            tree.root(),
                                            where,
                                            ImageNames.some(silent))
                            + " away");
        }
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
        return Set.of(Field.CAPTIONS);
    }

    @Override
    public List<String> classNames() {
        return List.of();
    }

    @Override
    public String nameOf(int index) {
        return images.get(index);
    }

    @Override
    public Sample read(int index) throws IOException {
        String path = images.get(index);
        return new Sample(
                path,
                new Encoded(tree.read(path)),
                List.of(),
                captions(index),
                List.of(),
                Optional.empty());
    }

    @Override
    public List<Integer> labels(int index) {
        return List.of();
    }

    @Override
    public List<String> captions(int index) {
        return captions.getOrDefault(images.get(index), List.of());
    }

    private static String line(List<String> captions) {
        return captions.size() + "\t" + String.join("\t", captions);
    }

    /// With each picture's captions.
    @Override
    public Traits traits() {
        return Traits.ofFiles(
                "image-text",
                index -> tree.length(images.get(index)),
                Map.of(
                        "captions",
                        Traits.checksum(
                                images.stream().map(captions::get).map(CaptionedFolder::line))));
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
