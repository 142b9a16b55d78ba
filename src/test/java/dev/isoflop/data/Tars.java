package dev.isoflop.data;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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

    /// An archive made entry by entry, as tools would or would not write it.
    static final class Raw {

        private static final int BLOCK = 512;

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /// A file with some text.
        Raw file(String name, String text) {
            byte[] content = text.getBytes(StandardCharsets.UTF_8);
            return header('0', name, "", octal(content.length)).content(content);
        }

        /// A link; of type 1 or 2.
        Raw link(char type, String name, String target) {
            return header(type, name, target, octal(0));
        }

        /// A record for the next entry, such as `path`, in a pax header.
        Raw pax(String key, String value) {
            String record = " " + key + "=" + value + "\n";
            int length = record.getBytes(StandardCharsets.UTF_8).length;
            int digits = String.valueOf(length + 2).length();
            byte[] content = (length + digits + record).getBytes(StandardCharsets.UTF_8);
            return header('x', "pax", "", octal(content.length)).content(content);
        }

        /// A header with a right checksum.
        ///
        /// @param size its field, as it stands there
        Raw header(char type, String name, String target, byte[] size) {
            byte[] header = new byte[BLOCK];
            put(header, 0, name.getBytes(StandardCharsets.UTF_8));
            put(header, 100, "0000644\0".getBytes(StandardCharsets.US_ASCII));
            put(header, 124, size);
            put(header, 148, "        ".getBytes(StandardCharsets.US_ASCII));
            header[156] = (byte) type;
            put(header, 157, target.getBytes(StandardCharsets.UTF_8));
            put(header, 257, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
            int sum = 0;
            for (byte value : header) {
                sum += value & 0xff;
            }
            put(
                    header,
                    148,
                    String.format(Locale.ROOT, "%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(header);
            return this;
        }

        /// Bytes, padded to whole blocks.
        Raw content(byte[] content) {
            bytes.writeBytes(content);
            bytes.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
            return this;
        }

        /// The mark of the end, or half of it.
        Raw zeros(int blocks) {
            bytes.writeBytes(new byte[BLOCK * blocks]);
            return this;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        Path into(Path file) {
            write(file, bytes());
            return file;
        }

        static byte[] octal(long size) {
            return String.format(Locale.ROOT, "%011o\0", size).getBytes(StandardCharsets.US_ASCII);
        }

        private static void put(byte[] into, int at, byte[] some) {
            System.arraycopy(some, 0, into, at, some.length);
        }
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
