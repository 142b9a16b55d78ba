package dev.isoflop.data.tree;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// The files below a directory; links are followed.
///
/// What cannot be listed, a folder of another user or a link that leads back into a folder above
/// it, is left out and counted.
///
/// @param odd files whose names are no text of the locale, by the names that they have here
record Directory(Path root, List<String> paths, Map<String, Path> odd, List<LeftOut> leftOut)
        implements FileTree {

    private static final String NO_TEXT = "\uFFFD"; // for bytes that the locale cannot read

    public static Directory list(Path root) {
        var listing = new Listing(root);
        try {
            Path _ =
                    Files.walkFileTree(
                            root,
                            EnumSet.of(FileVisitOption.FOLLOW_LINKS),
                            Integer.MAX_VALUE,
                            listing);
        } catch (IOException e) {
            throw new InputException(root + " cannot be listed: " + Reason.of(e), e);
        }
        return new Directory(
                root,
                listing.paths.stream().sorted().toList(),
                Map.copyOf(listing.odd),
                listing.leftOut());
    }

    /// What is met on the way through a directory.
    static final class Listing implements FileVisitor<Path> {

        private final Path root;
        private final List<String> paths = new ArrayList<>();
        private final Map<String, Path> odd = new HashMap<>();
        private final LeftOut.Count leftOut = new LeftOut.Count();

        Listing(Path root) {
            this.root = root;
        }

        List<LeftOut> leftOut() {
            return leftOut.all();
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes of) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes of) {
            String path = slashed(root.relativize(file));
            if (path.contains(NO_TEXT)) {
                path = bytesOf(file);
                odd.put(path, file);
            }
            if (FileTree.isHidden(path)) {
                ImageFiles.countHidden(path, leftOut);
            } else if (of.isRegularFile()) {
                paths.add(path);
            } else {
                leftOut.add(of.isSymbolicLink() ? "links to nothing" : "devices and pipes", path);
            }
            return FileVisitResult.CONTINUE;
        }

        /// @throws IOException if it is the directory itself
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(root)) {
                throw e;
            }
            String path = slashed(root.relativize(file));
            switch (e) {
                case FileSystemLoopException _ ->
                        leftOut.add("links that lead back to a folder above them", path);
                case AccessDeniedException _ ->
                        leftOut.add("folders that may not be read", path + "/");
                default -> leftOut.add("not to be read: " + Reason.of(e), path);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
                throws IOException {
            if (e != null) {
                throw e;
            }
            return FileVisitResult.CONTINUE;
        }

        private static String slashed(Path path) {
            Stream<String> parts =
                    StreamSupport.stream(path.spliterator(), false).map(Path::toString);
            return String.join("/", parts.toList());
        }

        /// The name of a file by its bytes, which an address keeps.
        private String bytesOf(Path file) {
            String above = root.toAbsolutePath().toUri().getRawPath();
            String below = file.toAbsolutePath().toUri().getRawPath();
            String escaped =
                    below.substring(above.endsWith("/") ? above.length() : above.length() + 1);
            String bytes =
                    URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
            return FileNames.text(bytes.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    @Override
    public byte[] read(String path) throws IOException {
        Path file = odd.get(path);
        return Files.readAllBytes(file != null ? file : root.resolve(path));
    }

    @Override
    public long length(String path) {
        try {
            return Files.size(root.resolve(path));
        } catch (IOException _) {
            return -1; // it went since the directory was listed, or may not be looked at
        }
    }

    @Override
    public void close() {}
}
