package dev.isoflop.encoder;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/// A zip, found and read as torch's own reader does it.
///
/// Its end is looked for backwards from the file's end, and what stands behind it (zeros that a
/// store padded the file with, say) is nobody's concern; `java.util.zip` takes such a file for
/// damaged when it has the 64-bit records that torch always writes. Positions count from the file's
/// first byte, so that nothing may stand before the zip. Checksums are not looked at, since torch
/// lets them be left out.
final class Archive implements AutoCloseable {

    private static final int END_BYTES = 22;
    private static final int LOCATOR_BYTES = 20;
    private static final int END64_BYTES = 56;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int FARTHEST = END_BYTES + 0xffff; // from the file's end, as in torch
    private static final long LONGEST_DIRECTORY = 256L << 20;
    private static final long MOST_TO_ONE = 1032; // bytes that one byte of deflate can become
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;

    private static final int END = 0x06054b50;
    private static final int LOCATOR = 0x07064b50;
    private static final int END64 = 0x06064b50;
    private static final int ENTRY = 0x02014b50;
    private static final int LOCAL = 0x04034b50;

    /// A file within it.
    ///
    /// @param bytes of its content
    /// @param packed bytes that it takes in the zip
    /// @param at where its own header begins
    record Entry(String name, long bytes, long packed, int method, long at) {}

    private final FileChannel channel;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final long directoryStart;

    /// Reads the directory.
    ///
    /// @throws ZipException where it is no zip, or one that is cut off or damaged
    Archive(Path file) throws IOException {
        channel = FileChannel.open(file);
        try {
            long end = end();
            ByteBuffer record = bytes(end, END_BYTES);
            long size = unsigned(record, 12);
            long start = unsigned(record, 16);
            if (end >= LOCATOR_BYTES
                    && bytes(end - LOCATOR_BYTES, LOCATOR_BYTES).getInt(0) == LOCATOR) {
                ByteBuffer locator = bytes(end - LOCATOR_BYTES, LOCATOR_BYTES);
                ByteBuffer wide = bytes(locator.getLong(8), END64_BYTES);
                require(wide.getInt(0) == END64, "its 64-bit directory is not where it should be");
                size = wide.getLong(40);
                start = wide.getLong(48);
            }
            require(
                    start >= 0 && size >= 0 && size <= LONGEST_DIRECTORY && start <= end - size,
                    "its directory is not where it should be");
            directoryStart = start;
            readDirectory(bytes(start, (int) size));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Where the last end record of the file begins.
    private long end() throws IOException {
        long size = channel.size();
        int tail = (int) Math.min(size, FARTHEST);
        ByteBuffer bytes = bytes(size - tail, tail);
        for (int at = tail - END_BYTES; at >= 0; at--) {
            if (bytes.getInt(at) == END) {
                return size - tail + at;
            }
        }
        throw new ZipException("a zip's end is missing");
    }

    private void readDirectory(ByteBuffer directory) throws ZipException {
        int at = 0;
        while (at < directory.limit()) {
            require(
                    directory.limit() - at >= ENTRY_BYTES && directory.getInt(at) == ENTRY,
                    "its directory is damaged");
            int name = directory.getShort(at + 28) & 0xffff;
            int extra = directory.getShort(at + 30) & 0xffff;
            int comment = directory.getShort(at + 32) & 0xffff;
            int next = at + ENTRY_BYTES + name + extra + comment;
            require(next <= directory.limit(), "its directory is damaged");
            Entry entry = entry(directory, at, name, extra);
            require(
                    entries.put(entry.name, entry) == null,
                    "it holds two files named " + entry.name);
            at = next;
        }
    }

    private static Entry entry(ByteBuffer directory, int at, int nameBytes, int extraBytes)
            throws ZipException {
        byte[] name = new byte[nameBytes];
        directory.get(at + ENTRY_BYTES, name);
        long packed = unsigned(directory, at + 20);
        long bytes = unsigned(directory, at + 24);
        long local = unsigned(directory, at + 42);
        int wide = wide(directory, at + ENTRY_BYTES + nameBytes, extraBytes);
        // the 64-bit numbers, in this order, of those that 32 bits cannot hold
        if (wide >= 0 && bytes == 0xffffffffL) {
            bytes = directory.getLong(wide);
            wide += Long.BYTES;
        }
        if (wide >= 0 && packed == 0xffffffffL) {
            packed = directory.getLong(wide);
            wide += Long.BYTES;
        }
        if (wide >= 0 && local == 0xffffffffL) {
            local = directory.getLong(wide);
        }
        int method = directory.getShort(at + 10);
        String text = new String(name, StandardCharsets.UTF_8);
        require((directory.getShort(at + 8) & 1) == 0, text + " in it is encrypted");
        require(
                method == STORED || method == DEFLATED,
                text + " in it is packed by method " + method + ", which torch does not use");
        boolean fits =
                method == STORED
                        ? packed == bytes
                        : bytes >= 0 && bytes / MOST_TO_ONE <= Math.max(0, packed);
        require(fits, text + " in it cannot have " + bytes + " bytes in " + packed);
        return new Entry(text, bytes, packed, method, local);
    }

    /// Where the 64-bit numbers of an entry begin, with room for three; -1 if there are none.
    private static int wide(ByteBuffer directory, int from, int bytes) {
        int at = from;
        while (at + 4 <= from + bytes) {
            int length = directory.getShort(at + 2) & 0xffff;
            if (directory.getShort(at) == 1) {
                boolean fits = at + 4 + length <= from + bytes && length % Long.BYTES == 0;
                return fits && at + 4 + 3 * Long.BYTES <= directory.limit() ? at + 4 : -1;
            }
            at += 4 + length;
        }
        return -1;
    }

    /// What is in it, by name, in the directory's order.
    Map<String, Entry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    /// Something in it, by name.
    @Nullable Entry entry(String name) {
        return entries.get(name);
    }

    /// Copies part of an entry's content.
    ///
    /// @param from the first byte, counted from 0
    /// @param target as many bytes as are wanted, none beyond the entry's end
    /// @throws ZipException where the entry is not where the directory has it, or is damaged
    void copy(Entry entry, long from, MemorySegment target) throws IOException {
        ByteBuffer local = bytes(entry.at, LOCAL_BYTES);
        require(local.getInt(0) == LOCAL, entry.name + " is not where its directory has it");
        int name = local.getShort(26) & 0xffff;
        int extra = local.getShort(28) & 0xffff;
        byte[] text = bytes(entry.at + LOCAL_BYTES, name).array();
        require(
                new String(text, StandardCharsets.UTF_8).equals(entry.name),
                entry.name + " is not where its directory has it");
        long start = entry.at + LOCAL_BYTES + name + extra;
        require(
                start <= directoryStart - entry.packed,
                entry.name + " in it goes beyond its directory");
        if (entry.method == STORED) {
            copyStored(start + from, target);
        } else {
            inflate(entry, start, from, target);
        }
    }

    private void copyStored(long start, MemorySegment target) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, target.byteSize())];
        for (long at = 0; at < target.byteSize(); ) {
            int count = (int) Math.min(chunk.length, target.byteSize() - at);
            int read = channel.read(ByteBuffer.wrap(chunk, 0, count), start + at);
            require(read >= 0, "it became shorter while it was read");
            MemorySegment.copy(chunk, 0, target, ValueLayout.JAVA_BYTE, at, read);
            at += read;
        }
    }

    private void inflate(Entry entry, long start, long from, MemorySegment target)
            throws IOException {
        Inflater inflater = new Inflater(true);
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            long fed = 0;
            long at = -from; // what stands before it is thrown away
            while (at < target.byteSize()) {
                int count = inflater.inflate(chunk);
                long first = Math.max(0, at);
                long last = Math.min(target.byteSize(), at + count);
                if (first < last) {
                    int offset = (int) (first - at);
                    MemorySegment.copy(
                            chunk,
                            offset,
                            target,
                            ValueLayout.JAVA_BYTE,
                            first,
                            (int) (last - first));
                }
                at += count;
                if (count == 0) {
                    boolean more = inflater.needsInput() && fed < entry.packed;
                    require(more, entry.name + " in it ends too early");
                    int next = (int) Math.min(CHUNK_BYTES, entry.packed - fed);
                    inflater.setInput(bytes(start + fed, next));
                    fed += next;
                }
            }
        } catch (DataFormatException e) {
            throw new ZipException(entry.name + " in it is damaged: " + e.getMessage());
        } finally {
            inflater.end();
        }
    }

    private ByteBuffer bytes(long from, int count) throws IOException {
        require(from >= 0 && from <= channel.size() - count, "it ends too early");
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw new ZipException("it became shorter while it was read");
            }
        }
        return buffer.flip();
    }

    private static long unsigned(ByteBuffer buffer, int at) {
        return Integer.toUnsignedLong(buffer.getInt(at));
    }

    private static void require(boolean holds, String complaint) throws ZipException {
        if (!holds) {
            throw new ZipException(complaint);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
