package dev.isoflop.data.tree;

import dev.isoflop.fault.InputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Files below a root: a directory, or an archive read in place.
///
/// Paths are relative to the root, with `/` between their parts, sorted by their characters, so
/// that neither the file system nor the archive decides the order. Hidden files are left out.
public sealed interface FileTree extends AutoCloseable permits Directory, Tar {

    /// Opens a directory or a `.tar`.
    ///
    /// @throws InputException if it is neither, the archive is compressed, or no file of it can be
    ///   read
    static FileTree open(Path root) {
        if (Files.isDirectory(root)) {
            return Directory.list(root);
        }
        if (!Files.exists(root)) {
            throw new InputException(
                    root + " does not exist; name a folder of images or a .tar of one");
        }
        if (Compression.isArchiveName(String.valueOf(root.getFileName()))) {
            return Tar.index(root);
        }
        throw new InputException(root + " is a file; name a folder of images or a .tar of one");
    }

    /// Whether any part of a path begins with a dot, as the side files of macOS do.
    static boolean isHidden(String path) {
        return path.startsWith(".") || path.contains("/.");
    }

    /// The directory or archive.
    Path root();

    /// Every file, sorted.
    List<String> paths();

    /// What was found and left out, by reason; hidden files only where they look like images.
    List<LeftOut> leftOut();

    /// A whole file. Safe for concurrent use.
    byte[] read(String path) throws IOException;

    /// The length of a file in bytes; -1 if it is not there.
    long length(String path);

    @Override
    void close();
}
