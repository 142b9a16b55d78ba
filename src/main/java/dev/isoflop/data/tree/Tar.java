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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The files of a `.tar`, read in place: its headers are read once, the rest by position.
///
/// What {@link TarIndex} says of entries that are no files, and of archives that are not whole.
final class Tar implements FileTree {

    private static final long MOST = Integer.MAX_VALUE - 8; // bytes of an array

    private final Path root;
    private final Map<String, TarIndex.Extent> extents; // in the order of paths
    private final List<LeftOut> leftOut;
    private final FileChannel channel;

    private Tar(Path root, TarIndex.Contents contents, FileChannel channel) {
        this.root = root;
        this.extents = contents.extents();
        this.leftOut = contents.leftOut();
        this.channel = channel;
    }

    /// Reads the headers.
    ///
    /// @throws InputException if it is no archive, or compressed, or damaged before any file
    public static Tar index(Path root) {
        try {
            FileChannel channel = FileChannel.open(root);
            try {
                ByteBuffer first = ByteBuffer.allocate(Compression.MAGIC);
                int read = channel.read(first, 0);
                Optional<Compression> compression =
                        Compression.of(Arrays.copyOf(first.array(), Math.max(0, read)));
                if (compression.isPresent()) {
                    throw compression.get().refusal(root);
                }
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
    public List<LeftOut> leftOut() {
        return leftOut;
    }

    @Override
    public byte[] read(String path) throws IOException {
        TarIndex.Extent extent = extents.get(path);
        if (extent == null) {
            throw new NoSuchFileException(root + ": " + path);
        }
        if (extent.bytes() > MOST) {
            throw new IOException(
                    "it has %,d bytes; files of less than 2 GiB are read"
                            .formatted(extent.bytes()));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) extent.bytes());
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
