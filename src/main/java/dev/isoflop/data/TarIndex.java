package dev.isoflop.data;

import dev.isoflop.fault.InputException;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// Reads the headers of a `.tar` from end to end: where each file's bytes lie, and whether the
/// archive is whole.
final class TarIndex {

    private static final int RECORD = 512; // bytes; contents are padded to it

    private final Path root;
    private final FileChannel channel; // where `tar` has come to
    private final TarArchiveInputStream tar;
    private final long size;
    private String last = "its beginning"; // the last entry's name
    private long end; // of the last entry, padding included

    private TarIndex(Path root, FileChannel channel, TarArchiveInputStream tar) throws IOException {
        this.root = root;
        this.channel = channel;
        this.tar = tar;
        this.size = channel.size();
    }

    /// Where a file's bytes lie in the archive.
    record Extent(long offset, long bytes) {}

    /// The files of an archive, in the order of their paths.
    ///
    /// @throws InputException if it is damaged or ends early, saying after which entry
    static Map<String, Extent> of(Path root) throws IOException {
        try (var file = new FileInputStream(root.toFile());
                var tar = new TarArchiveInputStream(file)) {
            return new TarIndex(root, file.getChannel(), tar).extents();
        }
    }

    private Map<String, Extent> extents() throws IOException {
        var extents = new TreeMap<String, Extent>();
        for (TarArchiveEntry entry = next(); entry != null; entry = next()) {
            last = entry.getName();
            var extent = new Extent(channel.position(), entry.getSize());
            end = extent.offset + Math.ceilDiv(extent.bytes, RECORD) * RECORD;
            if (end > size) {
                throw endsEarly("within " + last);
            }
            String path = last.startsWith("./") ? last.substring(2) : last;
            if (entry.isFile() && !entry.isSparse() && !FileTree.isHidden(path)) {
                extents.put(path, extent);
            }
        }
        if (end + RECORD > size) {
            throw endsEarly("after " + last + " and without the mark of its end");
        }
        return extents;
    }

    private @Nullable TarArchiveEntry next() throws IOException {
        String reason;
        try {
            TarArchiveEntry entry = tar.getNextEntry();
            if (entry == null || entry.isCheckSumOK()) {
                return entry;
            }
            reason = "a header's checksum is wrong";
        } catch (IOException | IllegalArgumentException e) {
            if (channel.position() >= size) {
                throw endsEarly("after " + last);
            }
            reason = String.valueOf(e.getMessage());
        }
        throw new InputException(
                "%s is damaged after %s, at byte %,d: %s; copy or download it again"
                        .formatted(root, last, end, reason));
    }

    private InputException endsEarly(String where) {
        return new InputException(
                "%s ends early, at byte %,d, %s; copy or download it again"
                        .formatted(root, size, where));
    }
}
