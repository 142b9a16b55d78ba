package dev.isoflop.data;

import dev.isoflop.data.coco.CocoFile;
import dev.isoflop.data.tree.FileTree;
import dev.isoflop.data.tree.ImageNames;
import dev.isoflop.fault.InputException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The images that COCO's files list, each with all that either says of it.
///
/// A number identifies an image within its file alone. What joins two files, and two listings of
/// one file, is the image that they name: files may number images differently, and one that is
/// listed under several numbers has the annotations of all of them. Listings that say different
/// sizes of one image are refused.
final class CocoImages {

    private static final CocoFile.Image UNSAID =
            new CocoFile.Image("", CocoFile.Image.UNKNOWN, CocoFile.Image.UNKNOWN);

    private final FileTree tree;
    private final ImageNames names;
    private final Map<String, Listed> byPath = new TreeMap<>();

    /// An image that is listed and there.
    ///
    /// @param path within the tree
    /// @param image with its size, if any listing says it
    /// @param inCaptions its numbers in the captions' file
    /// @param inInstances its numbers in the instances' file
    record Listed(
            String path, CocoFile.Image image, List<Long> inCaptions, List<Long> inInstances) {

        /// What the captions' file says of it.
        List<String> captions(CocoFile file) {
            return inCaptions.stream().flatMap(id -> file.captionsOf(id).stream()).toList();
        }
    }

    private CocoImages(FileTree tree, ImageNames names) {
        this.tree = tree;
        this.names = names;
    }

    /// The images of the files, in the order of their paths.
    ///
    /// @throws InputException if an image that is listed is missing, or listings contradict each
    ///   other
    static List<Listed> of(
            FileTree tree,
            ImageNames names,
            Optional<CocoFile> captions,
            Optional<CocoFile> instances) {
        var images = new CocoImages(tree, names);
        captions.ifPresent(file ->
                images.find(file)
                        .forEach((id, path) -> images.listed(path, file, id).inCaptions.add(id)));
        instances.ifPresent(file ->
                images.find(file)
                        .forEach((id, path) -> images.listed(path, file, id).inInstances.add(id)));
        return List.copyOf(images.byPath.values());
    }

    private Listed listed(String path, CocoFile file, long id) {
        CocoFile.Image image = file.images().getOrDefault(id, UNSAID);
        Listed known =
                byPath.getOrDefault(
                        path, new Listed(path, UNSAID, new ArrayList<>(1), new ArrayList<>(1)));
        Listed joined =
                new Listed(
                        path,
                        joined(path, known.image, image, file),
                        known.inCaptions,
                        known.inInstances);
        byPath.put(path, joined);
        return joined;
    }

    private static CocoFile.Image joined(
            String path, CocoFile.Image known, CocoFile.Image said, CocoFile file) {
        if (!said.hasSize()) {
            return known;
        }
        if (known.hasSize() && (known.width() != said.width() || known.height() != said.height())) {
            throw new InputException(
                    "%s is listed twice: as %d x %d, and in %s as %d x %d (width x height); correct the listing that is not the image's"
                            .formatted(
                                    path,
                                    known.width(),
                                    known.height(),
                                    file.file(),
                                    said.width(),
                                    said.height()));
        }
        return said;
    }

    /// The paths of the images that a file lists, by their numbers.
    private Map<Long, String> find(CocoFile file) {
        var missing = new ArrayList<String>();
        var paths = new LinkedHashMap<Long, String>();
        file.images()
                .forEach((id, image) ->
                        names.find(image.name())
                                .ifPresentOrElse(
                                        path -> paths.put(id, path),
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
        return paths;
    }
}
