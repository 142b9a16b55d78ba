package dev.isoflop.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A file that saves computing what is in it again: whole or not there, and no loss if it goes.
///
/// Unlike a run's own files it is not forced to the disk, and several processes may put the same at
/// once: the last one stays.
final class KeptFile {

    private KeptFile() {}

    /// Writes all of a file.
    @FunctionalInterface
    interface Content {

        /// Writes it by another name than it will have.
        void writeTo(Path partial) throws IOException;
    }

    /// Puts a file of these bytes into a folder, which is made where it is missing.
    static void put(Path file, byte[] bytes) throws IOException {
        put(
                file,
                partial -> {
                    Path _ = Files.write(partial, bytes);
                });
    }

    /// Puts a file into a folder, which is made where it is missing.
    static void put(Path file, Content content) throws IOException {
        String name = ".%s.%d.partial".formatted(file.getFileName(), ProcessHandle.current().pid());
        Path partial = file.resolveSibling(name);
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        try {
            content.writeTo(partial);
            Files.move(
                    partial,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }
}
