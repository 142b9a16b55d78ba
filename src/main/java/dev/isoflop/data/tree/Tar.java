package dev.isoflop.data.tree;

import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The files of a `.tar`, read in place: its headers are read once, the rest by position.
///
/// Links and whatever else is no file are left out; of two entries of one path the later counts, as
/// in unpacking.
final class Tar implements FileTree {

    private final Path root;
    private final Map<String, TarIndex.Extent> extents; // in the order of paths
    private final FileChannel channel;

    private Tar(Path root, Map<String, TarIndex.Extent> extents, FileChannel channel) {
        this.root = root;
        this.extents = extents;
        this.channel = channel;
    }

    public static Tar index(Path root) {
        try {
            FileChannel channel = FileChannel.open(root);
            try {
                return new Tar(root, TarIndex.of(root, channel), channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new InputException(root + " cannot be read: " + Reason.of(e), e);
        }
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
        TarIndex.Extent extent = extents.get(path);
        if (extent == null) {
            throw new NoSuchFileException(root + ": " + path);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(extent.bytes()));
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, extent.offset() + bytes.position()) < 0) {
                throw new EOFException(root + " ends within " + path);
            }
        }
        return bytes.array();
    }

    @Override
    public long length(String path) {
        TarIndex.Extent extent = extents.get(path);
        return extent == null ? -1 : extent.bytes();
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
