package dev.isoflop.data.tree;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// The files below a directory; links are followed.
record Directory(Path root, List<String> paths) implements FileTree {

    public static Directory list(Path root) {
        try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            List<String> paths =
                    files.filter(Files::isRegularFile)
                            .map(file -> slashed(root.relativize(file)))
                            .filter(path -> !FileTree.isHidden(path))
                            .sorted()
                            .toList();
            return new Directory(root, paths);
        } catch (IOException | UncheckedIOException e) {
            throw new InputException(root + " cannot be listed: " + Reason.of(e), e);
        }
    }

    private static String slashed(Path path) {
        Stream<String> parts = StreamSupport.stream(path.spliterator(), false).map(Path::toString);
        return String.join("/", parts.toList());
    }

    @Override
    public byte[] read(String path) throws IOException {
        return Files.readAllBytes(root.resolve(path));
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
