package dev.isoflop.data.tree;

import dev.isoflop.fault.InputException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// Reads the headers of a `.tar` from end to end: where each file's bytes lie, and whether the
/// archive is whole.
///
/// The format of POSIX (ustar and pax) with GNU's long names, as tar, bsdtar and Python write it.
/// Own code, because a plan has to know the number of images at once, and a library's stream does
/// far more than that needs.
final class TarIndex {

    private static final int RECORD = 512; // bytes; headers have it, contents are padded to it
    private static final int WINDOW = 1 << 16; // bytes read at once; small files need no more

    private final Path root;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW);
    private long windowAt;

    private String last = "its beginning"; // the last entry's name
    private long at; // of the next header
    private @Nullable String longName; // of the next entry, from GNU or pax
    private long longSize = -1; // of the next entry, from pax

    private TarIndex(Path root, FileChannel channel) throws IOException {
        this.root = root;
        this.channel = channel;
        this.size = channel.size();
        window.limit(0);
    }

    /// Where a file's bytes lie in the archive.
    public record Extent(long offset, long bytes) {}

    /// The files of an archive, in the order of their paths.
    ///
    /// @throws InputException if it is damaged or ends early, saying after which entry
    public static Map<String, Extent> of(Path root, FileChannel channel) throws IOException {
        return new TarIndex(root, channel).extents();
    }

    private Map<String, Extent> extents() throws IOException {
        var extents = new TreeMap<String, Extent>();
        while (readHeader()) {
            String name = longName != null ? longName : shortName();
            char type = (char) window.get(window.position() + 156);
            long bytes = longSize >= 0 ? longSize : number(124, 12);
            var content = new Extent(at + RECORD, bytes);
            at = content.offset + Math.ceilDiv(bytes, RECORD) * RECORD;
            if (at > size || bytes < 0) {
                throw endsEarly("within " + name);
            }
            switch (type) {
                case 'L' -> longName = text(content).replace("\0", "");
                case 'x' -> readPax(text(content));
                case 'K', 'g' -> {} // of a link's target, or of all entries
                case 'S' -> throw damaged("a sparse file; pack it without --sparse");
                default -> {
                    boolean isFile = (type == '0' || type == '\0' || type == '7');
                    String path = name.startsWith("./") ? name.substring(2) : name;
                    if (isFile && !FileTree.isHidden(path) && !path.endsWith("/")) {
                        extents.put(path, content);
                    }
                    last = name;
                    longName = null;
                    longSize = -1;
                }
            }
        }
        return extents;
    }

    /// Brings the next header to the window's position; false at the mark of the end.
    private boolean readHeader() throws IOException {
        if (at + RECORD > size) {
            throw endsEarly("after " + last + ", without the mark of its end");
        }
        if (at < windowAt || at + RECORD > windowAt + window.limit()) {
            windowAt = at;
            window.clear();
            readFully(window, at);
            window.flip();
        }
        window.position((int) (at - windowAt));
        long sum = 8 * ' '; // the checksum counts as blank in itself
        boolean isBlank = true;
        for (int i = 0; i < RECORD; i++) {
            int value = window.get(window.position() + i) & 0xff;
            isBlank &= value == 0;
            sum += i >= 148 && i < 156 ? 0 : value;
        }
        if (isBlank) {
            return false;
        }
        if (sum != number(148, 8)) {
            throw damaged("a header's checksum is wrong");
        }
        return true;
    }

    private String shortName() {
        String name = field(0, 100);
        boolean isPosix = field(257, 6).equals("ustar");
        String directory = isPosix ? field(345, 155) : "";
        return directory.isEmpty() ? name : directory + "/" + name;
    }

    /// Bytes up to a zero, as text.
    private String field(int from, int length) {
        int first = window.position() + from;
        int end = 0;
        while (end < length && window.get(first + end) != 0) {
            end++;
        }
        return new String(window.array(), first, end, StandardCharsets.UTF_8);
    }

    /// Octal digits, or GNU's binary form for what is too large for them.
    private long number(int from, int length) {
        if (window.get(window.position() + from) < 0) {
            return window.getLong(window.position() + from + length - Long.BYTES);
        }
        long number = 0;
        for (char digit : field(from, length).toCharArray()) {
            if (digit >= '0' && digit <= '7') {
                number = 8 * number + digit - '0';
            }
        }
        return number;
    }

    /// Lines such as "25 path=a/b.jpg", each with its length in bytes.
    private void readPax(String text) {
        for (String line : text.lines().toList()) {
            String record = line.substring(line.indexOf(' ') + 1);
            if (record.startsWith("path=")) {
                longName = record.substring("path=".length());
            } else if (record.startsWith("size=")) {
                longSize = Long.parseLong(record.substring("size=".length()));
            }
        }
    }

    private String text(Extent content) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(content.bytes));
        readFully(bytes, content.offset);
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }

    private void readFully(ByteBuffer into, long from) throws IOException {
        int start = into.position();
        while (into.hasRemaining() && channel.read(into, from + into.position() - start) >= 0) {
            // what is missing at the end was ruled out by the size, or is beyond the last header
        }
    }

    private InputException damaged(String reason) {
        return new InputException(
                "%s is damaged after %s, at byte %,d: %s; copy or download it again"
                        .formatted(root, last, at, reason));
    }

    private InputException endsEarly(String where) {
        return new InputException(
                "%s ends early, at byte %,d, %s; copy or download it again"
                        .formatted(root, size, where));
    }
}
