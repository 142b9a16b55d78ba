package dev.isoflop.data;

import dev.isoflop.fault.InputException;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The files of a `.tar`, read in place: its headers are read once, the rest by position.
///
/// Links and whatever else is no file are left out; of two entries of one path the later counts, as
/// in unpacking.
final class Tar implements FileTree {

    private static final int RECORD = 512; // bytes; contents are padded to it

    private final Path root;
    private final Map<String, Extent> extents; // in the order of paths
    private final FileChannel channel;

    private Tar(Path root, Map<String, Extent> extents, FileChannel channel) {
        this.root = root;
        this.extents = extents;
        this.channel = channel;
    }

    /// Where a file's bytes lie in the archive.
    private record Extent(long offset, long bytes) {}

    static Tar index(Path root) {
        try {
            Map<String, Extent> extents = extents(root, root.toFile().length());
            return new Tar(root, extents, FileChannel.open(root));
        } catch (IOException e) {
            throw new InputException(root + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, Extent> extents(Path root, long size) throws IOException {
        var extents = new TreeMap<String, Extent>();
        String last = "its beginning";
        long end = 0; // of the last entry, padding included
        try (var tar = new TarArchiveInputStream(new FileInputStream(root.toFile()))) {
            for (TarArchiveEntry entry = next(tar, root, last, end);
                    entry != null;
                    entry = next(tar, root, last, end)) {
                last = entry.getName();
                var extent = new Extent(entry.getDataOffset(), entry.getSize());
                if (extent.offset + extent.bytes > size) {
                    throw new InputException(
                            "%s ends early, at byte %,d, within %s; copy or download it again"
                                    .formatted(root, size, last));
                }
                end = extent.offset + Math.ceilDiv(extent.bytes, RECORD) * RECORD;
                String path = last.startsWith("./") ? last.substring(2) : last;
                if (entry.isFile() && !entry.isSparse() && !FileTree.isHidden(path)) {
                    extents.put(path, extent);
                }
            }
        }
        if (end + RECORD > size) {
            throw new InputException(
                    "%s ends early, at byte %,d, after %s and without the mark of its end; copy or download it again"
                            .formatted(root, size, last));
        }
        return extents;
    }

    private static @Nullable TarArchiveEntry next(
            TarArchiveInputStream tar, Path root, String last, long end) {
        String reason;
        try {
            TarArchiveEntry entry = tar.getNextEntry();
            if (entry == null || entry.isCheckSumOK()) {
                return entry;
            }
            reason = "a header's checksum is wrong";
        } catch (IOException | IllegalArgumentException e) {
            reason = e.getMessage();
        }
        throw new InputException(
                "%s is damaged after %s, at byte %,d: %s; copy or download it again"
                        .formatted(root, last, end, reason));
    }

    @Override
    public Path root() {
        return root;
    }

    @Override
    public List<String> paths() {
        return List.copyOf(extents.keySet());
    }

    @Override
    public byte[] read(String path) throws IOException {
        Extent extent = extents.get(path);
        if (extent == null) {
            throw new NoSuchFileException(root + ": " + path);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(extent.bytes));
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, extent.offset + bytes.position()) < 0) {
                throw new EOFException(root + " ends within " + path);
            }
        }
        return bytes.array();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
