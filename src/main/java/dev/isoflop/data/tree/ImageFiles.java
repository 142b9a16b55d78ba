package dev.isoflop.data.tree;

import dev.isoflop.fault.InputException;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Which files are images: by their extension, whatever its case.
public final class ImageFiles {

    private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "jpe", "png", "webp");
    private static final int KINDS_LISTED = 5;

    private ImageFiles() {}

    public static boolean isImage(String path) {
        return EXTENSIONS.contains(extension(path));
    }

    /// The last part of a path.
    public static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /// Counts a file that is hidden, if it looks like an image: macOS's side files do, and are
    /// none.
    static void countHidden(String path, LeftOut.Count leftOut) {
        String name = fileName(path);
        if (isImage(name) && !name.startsWith("._")) {
            leftOut.add("hidden, for a name that begins with a dot", path);
        }
    }

    /// What to say of a tree in which no image was found.
    public static InputException noneIn(FileTree tree) {
        String found =
                tree.paths().isEmpty()
                        ? "is empty"
                        : "holds no images, but " + summary(tree.paths());
        String leftOut =
                String.join(
                        "",
                        tree.leftOut().stream().map(left -> ", left out " + left.text()).toList());
        return new InputException(
                tree.root()
                        + " "
                        + found
                        + leftOut
                        + "; name a folder or a .tar with .jpg, .jpeg, .png or .webp files, at any"
                        + " depth");
    }

    /// Such as "12 .txt and 3 .gif".
    private static String summary(List<String> paths) {
        Map<String, Long> counts =
                paths.stream()
                        .collect(
                                Collectors.groupingBy(
                                        ImageFiles::extension,
                                        TreeMap::new,
                                        Collectors.counting()));
        List<String> kinds =
                counts.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                        .limit(KINDS_LISTED)
                        .map(kind ->
                                kind.getKey().isEmpty()
                                        ? kind.getValue() + " without an extension"
                                        : kind.getValue() + " ." + kind.getKey())
                        .toList();
        String listed = String.join(", ", kinds);
        return counts.size() > KINDS_LISTED ? listed + " and others" : listed;
    }

    private static String extension(String path) {
        String name = fileName(path);
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }
}
