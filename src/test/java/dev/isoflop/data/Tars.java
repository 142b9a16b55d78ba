package dev.isoflop.data;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Folders and archives made for tests.
public final class Tars {

    private Tars() {}

    static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, String text) {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Packs a directory as `tar cf` would, into a file beside it.
    public static Path pack(Path directory) throws IOException {
        return pack(directory, TarArchiveOutputStream.LONGFILE_GNU);
    }

    /// Packs a directory with names too long for a plain header in GNU's or in POSIX's way.
    static Path pack(Path directory, int longFileMode) throws IOException {
        Path tar = directory.resolveSibling(directory.getFileName() + ".tar");
        try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar));
                Stream<Path> files = Files.walk(directory)) {
            out.setLongFileMode(longFileMode);
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = directory.resolveSibling("").relativize(file).toString();
                out.putArchiveEntry(new TarArchiveEntry(file, name));
                if (Files.isRegularFile(file)) {
                    Files.copy(file, out);
                }
                out.closeArchiveEntry();
            }
        }
        return tar;
    }
}
