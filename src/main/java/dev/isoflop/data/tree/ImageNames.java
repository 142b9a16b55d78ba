package dev.isoflop.data.tree;

import dev.isoflop.fault.Excerpt;
import dev.isoflop.fault.InputException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The images of a tree by the names that annotations give them: a path from the root, or the end
/// of one, if only one image has it.
public final class ImageNames {

    private static final int LISTED = 3;
    private static final int LONGEST = 300; // letters shown of a name

    private final FileTree tree;
    private final List<String> paths;
    private final Map<String, List<String>> byFileName = new HashMap<>();

    /// @throws InputException if there are no images
    public ImageNames(FileTree tree) {
        this.tree = tree;
        this.paths = tree.paths().stream().filter(ImageFiles::isImage).toList();
        if (paths.isEmpty()) {
            throw ImageFiles.noneIn(tree);
        }
        for (String path : paths) {
            byFileName
                    .computeIfAbsent(ImageFiles.fileName(path), _ -> new ArrayList<>(1))
                    .add(path);
        }
    }

    /// Every image, sorted.
    public List<String> paths() {
        return paths;
    }

    /// The path of the image with this name.
    ///
    /// @throws InputException if several images could be meant
    public Optional<String> find(String name) {
        List<String> found =
                byFileName.getOrDefault(ImageFiles.fileName(name), List.of()).stream()
                        .filter(path -> path.equals(name) || path.endsWith("/" + name))
                        .toList();
        if (found.size() > 1 && !found.contains(name)) {
            throw new InputException(
                    "%s holds %s twice: %s and %s; name the folder of one of them"
                            .formatted(tree.root(), name, found.get(0), found.get(1)));
        }
        return found.contains(name) ? Optional.of(name) : found.stream().findFirst();
    }

    /// Such as "80 images, such as a.jpg".
    public String summary() {
        return "%,d images, such as %s".formatted(paths.size(), paths.getFirst());
    }

    /// The first few of some names, in words; a list may hold any text for a name.
    public static String some(List<String> names) {
        String listed =
                names.stream()
                        .limit(LISTED)
                        .map(name -> Excerpt.of(name, LONGEST))
                        .collect(Collectors.joining(", "));
        return names.size() > LISTED ? listed + " and others" : listed;
    }
}
