package dev.isoflop.image;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// How a file asks to be turned before it is shown: EXIF's numbers, 1 (as it is) to 8.
///
/// The places that Pillow's `exif_transpose` looks at, in its order, whatever the format: EXIF (of
/// a JPEG's APP1, a PNG's `eXIf`, a WebP's `EXIF`), in a PNG without it the "Raw profile type exif"
/// that ImageMagick writes, and where these name no orientation XMP's `tiff:Orientation`.
///
/// Metadata that cannot be read are passed over: they are no part of the picture.
final class Orientation {

    private static final int AS_IT_IS = 1;
    private static final int TAG = 0x0112;
    private static final int MOST_TEXT = 1 << 20; // bytes of a PNG's compressed text; Pillow's
    private static final String EXIF = "Exif\0\0";
    private static final String XMP_OF_JPEG = "http://ns.adobe.com/xap/1.0/\0";
    private static final String XMP_OF_PNG = "XML:com.adobe.xmp";
    private static final String RAW_PROFILE = "Raw profile type exif";
    private static final int LINES_BEFORE_HEX = 3; // of a raw profile: empty, its name, its length
    private static final Pattern IN_XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

    private @Nullable String exif; // bytes as ISO 8859-1, as all below
    private @Nullable String rawProfile;
    private @Nullable String xmp;

    private Orientation() {}

    /// What a file asks for whose header was read.
    static int of(Header.Format format, byte[] file) {
        var found = new Orientation();
        switch (format) {
            case JPEG -> found.lookIntoJpeg(file);
            case PNG -> found.lookIntoPng(file);
            case WEBP -> found.lookIntoWebp(file);
        }
        int asked = found.asked();
        return asked >= AS_IT_IS && asked <= 8 ? asked : AS_IT_IS;
    }

    private int asked() {
        String tiff = exif != null ? exif : rawProfile != null ? unpacked(rawProfile) : "";
        int inExif = inExif(tiff.startsWith(EXIF) ? tiff.substring(EXIF.length()) : tiff);
        if (inExif >= 0 || xmp == null) {
            return inExif;
        }
        Matcher match = IN_XMP.matcher(xmp);
        return match.find() ? Integer.parseInt(match.group(1)) : -1;
    }

    private void lookIntoJpeg(byte[] file) {
        var segments = new JpegSegments(file);
        while (segments.next() && segments.marker() != JpegSegments.START_OF_SCAN) {
            if (segments.marker() == JpegSegments.APP1) {
                String content = text(file, segments.from(), segments.to());
                if (content.startsWith(EXIF)) {
                    exif = exif == null ? content : exif + content.substring(EXIF.length());
                } else if (content.startsWith(XMP_OF_JPEG)) {
                    xmp = content;
                }
            }
        }
    }

    private void lookIntoPng(byte[] file) {
        ByteBuffer chunks = ByteBuffer.wrap(file);
        int at = 8;
        while (at + 12 <= file.length) {
            int length = chunks.getInt(at);
            if (length < 0 || length > file.length - at - 12) {
                return;
            }
            int from = at + 8;
            int to = from + length;
            switch (text(file, at + 4, from)) {
                case "eXIf" -> exif = text(file, from, to);
                case "tEXt" -> keep(text(file, from, to), 0, false);
                case "zTXt" -> keep(text(file, from, to), 1, true);
                case "iTXt" -> keepInternational(text(file, from, to));
                default -> {}
            }
            at = to + 4; // a checksum
        }
    }

    /// An iTXt chunk: a keyword, whether it is compressed and how, a language, the keyword in it.
    private void keepInternational(String content) {
        int keyword = content.indexOf(0);
        int language = content.indexOf(0, keyword + 3);
        int translated = content.indexOf(0, language + 1);
        if (keyword >= 0 && language >= 0 && translated >= 0) {
            boolean isCompressed = content.charAt(keyword + 1) == 1;
            String head = content.substring(0, keyword + 1);
            keep(head + content.substring(translated + 1), 0, isCompressed);
        }
    }

    /// Keeps a text if its keyword is one of ours.
    ///
    /// @param skipped characters behind the keyword's end
    private void keep(String content, int skipped, boolean isCompressed) {
        int keyword = content.indexOf(0);
        if (keyword < 0 || keyword + 1 + skipped > content.length()) {
            return;
        }
        String name = content.substring(0, keyword);
        if (name.equals(XMP_OF_PNG) || name.equals(RAW_PROFILE)) {
            String packed = content.substring(keyword + 1 + skipped);
            String text = isCompressed ? inflated(packed) : packed;
            if (name.equals(XMP_OF_PNG)) {
                xmp = text;
            } else {
                rawProfile = text;
            }
        }
    }

    private void lookIntoWebp(byte[] file) {
        ByteBuffer chunks = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = 12;
        while (at + 8 <= file.length) {
            int length = chunks.getInt(at + 4);
            if (length < 0 || length > file.length - at - 8) {
                return;
            }
            switch (text(file, at, at + 4)) {
                case "EXIF" -> exif = text(file, at + 8, at + 8 + length);
                case "XMP " -> xmp = text(file, at + 8, at + 8 + length);
                default -> {}
            }
            at += 8 + length + length % 2; // chunks begin at even places
        }
    }

    /// The tag in the first directory of a TIFF header; -1 if there is none.
    private static int inExif(String tiff) {
        ByteBuffer bytes = ByteBuffer.wrap(tiff.getBytes(StandardCharsets.ISO_8859_1));
        if (tiff.startsWith("II")) {
            bytes.order(ByteOrder.LITTLE_ENDIAN);
        } else if (!tiff.startsWith("MM")) {
            return -1;
        }
        try {
            int directory = bytes.getInt(4);
            int entries = Short.toUnsignedInt(bytes.getShort(directory));
            for (int i = 0; i < entries; i++) {
                int entry = directory + 2 + 12 * i;
                if (bytes.getShort(entry) == TAG) {
                    return switch (bytes.getShort(entry + 2)) {
                        case 1 -> Byte.toUnsignedInt(bytes.get(entry + 8));
                        case 3 -> Short.toUnsignedInt(bytes.getShort(entry + 8));
                        case 4 -> Math.max(0, bytes.getInt(entry + 8));
                        default -> 0;
                    };
                }
            }
        } catch (IndexOutOfBoundsException | BufferUnderflowException _) {
            return -1; // cut short
        }
        return -1;
    }

    /// The bytes that a raw profile spells in hexadecimal digits.
    private static String unpacked(String profile) {
        String[] parts = profile.split("\n", LINES_BEFORE_HEX + 1);
        String digits = parts[parts.length - 1].replaceAll("\\s", "");
        try {
            return new String(HexFormat.of().parseHex(digits), StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    private static String inflated(String packed) {
        var out = new ByteArrayOutputStream();
        try (var inflater = new Inflater()) {
            inflater.setInput(packed.getBytes(StandardCharsets.ISO_8859_1));
            byte[] buffer = new byte[1 << 14];
            int n = inflater.inflate(buffer);
            while (n > 0 && out.size() < MOST_TEXT) {
                out.write(buffer, 0, n);
                n = inflater.inflate(buffer);
            }
        } catch (DataFormatException _) {
            return "";
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] file, int from, int to) {
        return new String(file, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
