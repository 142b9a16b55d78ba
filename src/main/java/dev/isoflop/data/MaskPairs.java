package dev.isoflop.data;

import dev.isoflop.data.tree.FileTree;
import dev.isoflop.data.tree.ImageFiles;
import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.data.tree.LeftOut;
import dev.isoflop.fault.InputException;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.IndexPng;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/// Images and index PNGs of the same names in two trees, or in two folders of one.
final class MaskPairs implements AutoCloseable {

    private final FileTree images;
    private final FileTree masks;
    private final List<Pair> pairs;
    private final int classes;
    private final Background background;

    private record Pair(String image, String mask) {}

    private MaskPairs(
            FileTree images, FileTree masks, List<Pair> pairs, int classes, Background background) {
        this.images = images;
        this.masks = masks;
        this.pairs = pairs;
        this.classes = classes;
        this.background = background;
    }

    /// Pairs images with masks.
    ///
    /// @param imagesBelow the folder of images, ending in `/`, or empty
    /// @param masksBelow the folder of masks, likewise
    /// @param classes that masks may name
    /// @throws InputException if there are no images, an image has no mask, or a mask no image
    static MaskPairs of(
            FileTree images,
            String imagesBelow,
            FileTree masks,
            String masksBelow,
            int classes,
            Background background) {
        List<String> found =
                images.paths().stream()
                        .filter(path -> path.startsWith(imagesBelow) && ImageFiles.isImage(path))
                        .toList();
        String imagesAt = images.root().resolve(imagesBelow).toString();
        String masksAt = masks.root().resolve(masksBelow).toString();
        if (found.isEmpty()) {
            throw new InputException(
                    imagesAt + " holds no images; name the folder of the .jpg or .png files");
        }
        Map<String, String> byStem = new HashMap<>();
        masks.paths().stream()
                .filter(path -> path.startsWith(masksBelow) && path.endsWith(".png"))
                .forEach(path -> byStem.put(stem(path, masksBelow), path));
        var bare = new ArrayList<String>();
        var unused = new TreeSet<>(byStem.values());
        var pairs = new ArrayList<Pair>();
        for (String image : found) {
            String mask = byStem.get(stem(image, imagesBelow));
            if (mask == null) {
                bare.add(image);
            } else {
                if (!unused.remove(mask)) {
                    throw new InputException(
                            "%s of %s belongs to %s and to another image of that name; rename one of them and give it a mask of its own"
                                    .formatted(mask, masksAt, image));
                }
                pairs.add(new Pair(image, mask));
            }
        }
        if (!bare.isEmpty()) {
            throw new InputException(
                    "%,d of the %,d images in %s have no mask in %s: %s; a mask is a PNG of its image's"
                                    .formatted(
                                            bare.size(),
                                            found.size(),
                                            imagesAt,
                                            masksAt,
                                            ImageNames.some(bare))
                            + " name; add it, or move the image away");
        }
        if (!unused.isEmpty()) {
            throw new InputException(
                    "%,d of the %,d masks in %s have no image in %s: %s; move them away"
                            .formatted(
                                    unused.size(),
                                    byStem.size(),
                                    masksAt,
                                    imagesAt,
                                    ImageNames.some(List.copyOf(unused))));
        }
        return new MaskPairs(images, masks, List.copyOf(pairs), classes, background);
    }

    private static String stem(String path, String below) {
        return path.substring(below.length(), path.lastIndexOf('.'));
    }

    int size() {
        return pairs.size();
    }

    String nameOf(int index) {
        return pairs.get(index).image;
    }

    /// The image, without its mask.
    Sample read(int index) throws IOException {
        String path = pairs.get(index).image;
        return new Sample(path, new Encoded(images.read(path)), List.of());
    }

    /// The image and its mask.
    ///
    /// @throws InputException if the mask is no index PNG, or has a value that is no class
    Sample readWithMask(int index) throws IOException, BrokenImageException {
        String path = pairs.get(index).mask;
        String name = masks.root().resolve(path).toString();
        return read(index).withMask(mask(name, masks.read(path)));
    }

    private Mask mask(String name, byte[] file) throws BrokenImageException {
        IndexPng.Numbers numbers = IndexPng.read(name, file);
        int first = background == Background.NONE ? 1 : 0; // of a mask for 0 in the file
        byte[] values = numbers.values();
        for (int i = 0; i < values.length; i++) {
            int number = values[i] & 0xff;
            if (number == Mask.IGNORED) {
                continue;
            }
            if (number + first > classes) {
                throw new InputException(
                        "%s has %d at column %d, row %d; with %d classes and data.background %s it may"
                                        .formatted(
                                                name,
                                                number,
                                                i % numbers.width(),
                                                i / numbers.width(),
                                                classes,
                                                background.name().toLowerCase(Locale.ROOT))
                                + " have 0 to %d, and 255 for what is ignored"
                                        .formatted(classes - first));
            }
            values[i] = (byte) (number + first);
        }
        return new Mask(numbers.width(), numbers.height(), values);
    }

    /// Names and lengths of images and masks.
    Traits traits(String kind) {
        return Traits.ofFiles(
                kind,
                index -> images.length(pairs.get(index).image),
                Map.of(
                        "masks",
                        Traits.checksum(
                                pairs.stream()
                                        .map(pair -> pair.mask + "\t" + masks.length(pair.mask)))));
    }

    /// What was left out of both trees, or of the one that holds both.
    List<LeftOut> leftOut() {
        var all = new ArrayList<LeftOut>(images.leftOut());
        if (!masks.root().equals(images.root())) {
            all.addAll(masks.leftOut());
        }
        return List.copyOf(all);
    }

    @Override
    public void close() {
        images.close();
        masks.close();
    }
}
