package dev.isoflop.data.tree;

import dev.isoflop.fault.InputException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// Reads the headers of a `.tar` from end to end: where each file's bytes lie, and what was left
/// out.
///
/// The format of POSIX (ustar and pax) with GNU's long names, as tar, bsdtar and Python write it.
/// Own code, because a plan has to know the number of images at once, and a library's stream does
/// far more than that needs.
///
/// Of two entries of one path the later counts, as in unpacking. Links to files of the archive are
/// those files. What stands behind the mark of the end is read on, for archives are joined by `cat`
/// and `tar -A`; that the mark is missing behind a whole entry is no loss. Where the archive is
/// damaged or cut, what came before is there, and the rest is left out as one.
final class TarIndex {

    private static final int WINDOW = 1 << 16; // bytes read at once; small files need no more
    private static final int MOST_METADATA = 1 << 20; // bytes: a name is 4,096 at most
    private static final int SHOWN = 40; // characters of what is no archive

    private static final String AGAIN = "; copy or download it again";

    private final Path root;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW);
    private long windowAt;

    private final TreeMap<String, Extent> extents = new TreeMap<>(); // by path
    private final Map<String, Link> links = new LinkedHashMap<>(); // by path, to be followed
    private final LeftOut.Count leftOut = new LeftOut.Count();

    private @Nullable String last; // the last entry's name
    private long at; // of the next header
    private boolean ended; // the mark of the end was met, or half of it
    private Pending next = new Pending();

    private TarIndex(Path root, FileChannel channel) throws IOException {
        this.root = root;
        this.channel = channel;
        this.size = channel.size();
        window.limit(0);
    }

    /// Where a file's bytes lie in the archive.
    public record Extent(long offset, long bytes) {}

    /// What an archive holds.
    ///
    /// @param extents its files, in the order of their paths
    /// @param leftOut what it holds and is left out, or has lost
    record Contents(Map<String, Extent> extents, List<LeftOut> leftOut) {}

    /// A link's target as a path of the archive; null where it leads out of it.
    private record Link(@Nullable String target) {}

    /// What GNU's and pax' extra entries say of the next one.
    private static final class Pending {
        private @Nullable String name;
        private @Nullable String target;
        private long size = -1;
        private boolean sparse;
        private boolean any;
    }

    /// The files of an archive.
    ///
    /// @throws InputException if it is none, or damaged before any file
    static Contents of(Path root, FileChannel channel) throws IOException {
        return new TarIndex(root, channel).contents();
    }

    private Contents contents() throws IOException {
        boolean goOn = true;
        while (goOn) {
            long left = size - at;
            if (left < TarHeader.BYTES) {
                if (next.any || (left > 0 && !restIsBlank())) {
                    lost(null);
                }
                goOn = false;
            } else {
                TarHeader header = header(at);
                if (header.isBlank()) {
                    ended = true;
                    at += TarHeader.BYTES;
                } else if (header.isSound()) {
                    goOn = read(header);
                } else {
                    goOn = damaged(null, "a header's checksum is wrong");
                }
            }
        }
        if (last == null) {
            throw nothing();
        }
        follow();
        return new Contents(extents, leftOut.all());
    }

    /// Reads an entry; false if nothing can be read behind it.
    private boolean read(TarHeader header) throws IOException {
        char type = header.type();
        long content = at + TarHeader.BYTES;
        if ("LKxXg".indexOf(type) >= 0) {
            return readMetadata(header, type, content);
        }
        String name = next.name != null ? next.name : header.name();
        String target = next.target != null ? next.target : header.target();
        OptionalLong stated = next.size >= 0 ? OptionalLong.of(next.size) : header.size();
        boolean sparse = next.sparse || type == 'S';
        if (type == 'S' && header.hasMoreOfTheMap()) {
            content = afterTheMap(content);
        }
        boolean link = type == '1' && !hasOwnBytes(stated, content);
        next = new Pending();
        if (link || (type >= '2' && type <= '6')) {
            stated = OptionalLong.of(0); // whatever it says: nothing of them is packed
        }
        if (stated.isEmpty()) {
            return damaged(name, "its size is no number, or negative");
        }
        long bytes = stated.getAsLong();
        if (bytes > size - content) {
            lost(name);
            return false;
        }
        at = Math.min(size, content + Math.ceilDiv(bytes, TarHeader.BYTES) * TarHeader.BYTES);
        last = name;
        ended = false;
        if (link || type == '2') {
            addLink(name, target, type == '2');
        } else {
            addFile(type, sparse, name, new Extent(content, bytes));
        }
        return true;
    }

    private void addFile(char type, boolean sparse, String name, Extent content) {
        if (type == '5' || type == 'D' || type == 'V' || name.endsWith("/")) {
            return; // folders, and the archive's label
        }
        String path = path(name);
        if (path == null) {
            return;
        }
        if (sparse) {
            leftOut.add("sparse; pack them without --sparse", path);
        } else if (type == '3' || type == '4' || type == '6') {
            leftOut.add("devices and pipes", path);
        } else if (type == 'M') {
            leftOut.add("begun in another volume of the archive; join the volumes first", path);
        } else if (type >= 'A' && type <= 'Z') {
            leftOut.add("entries of a kind that is not known", path);
        } else {
            replace(path);
            extents.put(path, content);
        }
    }

    private void addLink(String name, String target, boolean symbolic) {
        String path = path(name);
        if (path == null) {
            return;
        }
        String folder = symbolic ? path.substring(0, path.lastIndexOf('/') + 1) : "";
        String inside = target.startsWith("/") ? null : normal(folder + target);
        Extent known = symbolic || inside == null ? null : extents.get(inside);
        replace(path);
        if (known != null) {
            extents.put(path, known);
        } else {
            links.put(path, new Link(inside));
        }
    }

    private void replace(String path) {
        boolean file = extents.remove(path) != null;
        boolean link = links.remove(path) != null;
        if (file || link) {
            leftOut.add("replaced by a later entry of the same name", path);
        }
    }

    /// The path of an entry that is to be read; null, and counted, if it is none.
    private @Nullable String path(String name) {
        String path = normal(name);
        if (name.startsWith("/")) {
            leftOut.add("of absolute names; pack them from their folder", name);
        } else if (path == null || List.of(name.split("/", -1)).contains("..")) {
            leftOut.add("of names that climb with ..; pack them from their folder", name);
        } else if (path.isEmpty()) {
            leftOut.add("without a name", behind(last));
        } else if (FileTree.isHidden(path)) {
            ImageFiles.countHidden(path, leftOut);
        } else {
            return path;
        }
        return null;
    }

    /// A path without `.` and `..`; null if it leads out of the archive.
    private static @Nullable String normal(String name) {
        var parts = new ArrayList<String>();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                if (parts.isEmpty()) {
                    return null;
                }
                parts.removeLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return String.join("/", parts);
    }

    /// Gives every link the bytes of what it leads to.
    private void follow() {
        var found = new TreeMap<String, Extent>();
        links.forEach((path, link) -> {
            String target = link.target;
            Set<String> passed = new HashSet<>(Set.of(path));
            while (target != null && links.containsKey(target) && passed.add(target)) {
                target = links.getOrDefault(target, link).target;
            }
            Extent content = target == null ? null : extents.get(target);
            if (content != null) {
                found.put(path, content);
            } else {
                leftOut.add(why(target), path);
            }
        });
        extents.putAll(found);
    }

    private String why(@Nullable String target) {
        if (target == null) {
            return "links out of the archive; tar --dereference packs what they lead to";
        }
        if (links.containsKey(target)) {
            return "links that lead back to themselves";
        }
        String inside = extents.ceilingKey(target + "/");
        return inside != null && inside.startsWith(target + "/")
                ? "links to folders; tar --dereference packs what they lead to"
                : "links to what is not in the archive";
    }

    /// Whether a hard link has bytes of its own, as pax allows: an old tar states the size and
    /// packs none, so that a header, the end or nothing follows.
    private boolean hasOwnBytes(OptionalLong stated, long content) throws IOException {
        if (stated.orElse(0) == 0 || size - content < TarHeader.BYTES) {
            return false;
        }
        TarHeader behind = header(content);
        return !behind.isBlank() && !behind.isSound();
    }

    /// Where the bytes of a sparse file begin, behind the blocks of its map.
    private long afterTheMap(long content) throws IOException {
        long block = content;
        while (size - block >= TarHeader.BYTES && header(block).hasYetMoreOfTheMap()) {
            block += TarHeader.BYTES;
        }
        return Math.min(size, block + TarHeader.BYTES);
    }

    /// Reads what an extra entry says of the next one; false if nothing can be read behind it.
    private boolean readMetadata(TarHeader header, char type, long content) throws IOException {
        OptionalLong stated = header.size();
        if (stated.isEmpty() || stated.getAsLong() > MOST_METADATA) {
            return damaged(null, "an extended header's size makes no sense");
        }
        long bytes = stated.getAsLong();
        if (bytes > size - content) {
            lost(null);
            return false;
        }
        at = Math.min(size, content + Math.ceilDiv(bytes, TarHeader.BYTES) * TarHeader.BYTES);
        ended = false;
        next.any |= type != 'g'; // which is of all entries, and says nothing of their names
        ByteBuffer text = ByteBuffer.allocate((int) bytes);
        readFully(text, content);
        switch (type) {
            case 'L' -> next.name = FileNames.text(text.array());
            case 'K' -> next.target = FileNames.text(text.array());
            case 'g' -> {}
            default -> {
                if (!readPax(text.array())) {
                    return damaged(next.name, "an extended header makes no sense");
                }
            }
        }
        return true;
    }

    /// Records such as "25 path=a/b.jpg" and an end of line, each with its length in bytes; false
    /// if they are not.
    private boolean readPax(byte[] bytes) {
        int from = 0;
        while (from < bytes.length && bytes[from] != 0) {
            int length = 0;
            int i = from;
            while (i < bytes.length
                    && bytes[i] >= '0'
                    && bytes[i] <= '9'
                    && length < bytes.length) {
                length = 10 * length + bytes[i++] - '0';
            }
            int equals = i;
            while (equals < bytes.length && bytes[equals] != '=') {
                equals++;
            }
            int end = from + length;
            if (i == from || end > bytes.length || equals >= end || bytes[i] != ' ') {
                return false;
            }
            String key = new String(bytes, i + 1, equals - i - 1, StandardCharsets.UTF_8);
            byte[] value = Arrays.copyOfRange(bytes, equals + 1, end - 1);
            if (!said(key, FileNames.text(value))) {
                return false;
            }
            from = end;
        }
        return true;
    }

    private boolean said(String key, String value) {
        if (key.startsWith("GNU.sparse.")) {
            next.sparse = true;
        }
        switch (key) {
            case "path" -> next.name = next.name != null && next.sparse ? next.name : value;
            case "GNU.sparse.name" -> next.name = value;
            case "linkpath" -> next.target = value;
            case "size" -> {
                if (!value.matches("[0-9]{1,18}")) {
                    return false;
                }
                next.size = Long.parseLong(value);
            }
            default -> {}
        }
        return true;
    }

    /// The block at a place, which lies within the archive.
    private TarHeader header(long place) throws IOException {
        if (place < windowAt || place + TarHeader.BYTES > windowAt + window.limit()) {
            windowAt = place;
            window.clear();
            readFully(window, place);
            window.flip();
        }
        return new TarHeader(window.array(), (int) (place - windowAt));
    }

    private boolean restIsBlank() throws IOException {
        ByteBuffer rest = ByteBuffer.allocate((int) (size - at));
        readFully(rest, at);
        for (byte value : rest.array()) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    private void readFully(ByteBuffer into, long from) throws IOException {
        int start = into.position();
        while (into.hasRemaining() && channel.read(into, from + into.position() - start) >= 0) {
            // what is missing at the end was ruled out by the size, or is beyond the last header
        }
    }

    private boolean anyFile() {
        return !extents.isEmpty() || !links.isEmpty();
    }

    /// Counts what the archive's early end took.
    ///
    /// @param name of the entry that it cut, if that is known
    /// @throws InputException if there was no file before
    private void lost(@Nullable String name) throws IOException {
        if (!anyFile()) {
            throw refusal(
                    "ends early, at byte %,d, %s"
                            .formatted(size, name == null ? after(last) : "within " + name));
        }
        leftOut.add(
                "lost, for %s ends early, at byte %,d%s".formatted(root, size, AGAIN),
                name == null ? behind(last) : name);
    }

    /// Counts what damage at the next header took; false, for nothing can be read behind it.
    ///
    /// @param name of the entry, if that is known
    /// @throws InputException if there was no file before
    private boolean damaged(@Nullable String name, String reason) throws IOException {
        if (!anyFile()) {
            throw refusal(
                    "is damaged %s, at byte %,d: %s"
                            .formatted(name == null ? after(last) : "in " + name, at, reason));
        }
        leftOut.add(
                ended
                        ? "no archive, though behind the end of one, at byte %,d of %s"
                                .formatted(at, root)
                        : "lost, for %s is damaged at byte %,d: %s%s"
                                .formatted(root, at, reason, AGAIN),
                name == null ? behind(last) : name);
        return false;
    }

    private static String after(@Nullable String last) {
        return "after " + (last == null ? "its beginning" : last);
    }

    private static String behind(@Nullable String last) {
        return "what follows " + (last == null ? "the beginning" : last);
    }

    /// What to say of an archive of which no file could be read.
    private InputException refusal(String found) throws IOException {
        ByteBuffer first = ByteBuffer.allocate((int) Math.min(SHOWN, size));
        readFully(first, 0);
        String text = new String(first.array(), StandardCharsets.UTF_8).strip();
        return new InputException(
                text.startsWith("<")
                        ? "%s is no archive but a page, as a download that failed leaves: it begins with \"%s\"; download it again"
                                .formatted(root, text.replaceAll("\\s+", " "))
                        : "%s %s%s".formatted(root, found, AGAIN));
    }

    /// What to say of an archive without an entry.
    private InputException nothing() {
        return new InputException(
                size == 0
                        ? root + " is empty: a file of 0 bytes" + AGAIN
                        : root
                                + " holds nothing but zeros: an archive without entries, or a"
                                + " download that was never filled; pack it or download it again");
    }
}
