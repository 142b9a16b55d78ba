package dev.isoflop.image;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/// What an image file says about itself before a pixel is decoded.
///
/// Reading it refuses what a decoder would quietly accept: a JPEG without its end, a PNG chunk with
/// a wrong checksum, an animation. What Pillow reads whole is not refused: bytes between a JPEG's
/// segments, checksums of a PNG's chunks that are no part of the picture. {@link JpegData} refuses,
/// after decoding, a JPEG that has its end but not all of its data.
///
/// @param width in pixels, before any turn the file asks for
/// @param height in pixels, before any turn the file asks for
public record Header(Format format, int width, int height) {

    /// The formats that are read.
    public enum Format {
        JPEG,
        PNG,
        WEBP
    }

    /// The usual limit of {@link #refuseAbove}: Pillow's, twice the pixels of a quarter gigabyte of
    /// RGB.
    public static final long MAX_PIXELS = 178_956_970;

    private static final String NO_END = "truncated: no end of image within its %,d bytes";
    private static final long PNG_SIGNATURE = 0x89504e470d0a1a0aL;

    /// Reads a file's header and checks that the file is whole.
    ///
    /// @param name named in the exception
    /// @throws BrokenImageException if it is empty, of another format, animated, damaged or
    ///   truncated
    public static Header read(String name, byte[] file) throws BrokenImageException {
        try {
            return read(file);
        } catch (Flaw flaw) {
            throw new BrokenImageException(name, flaw.reason);
        } catch (ArrayIndexOutOfBoundsException _) {
            throw new BrokenImageException(name, endsWithin(file).reason);
        }
    }

    /// Refuses an image of more pixels than this, before memory is given to it.
    public void refuseAbove(String name, long maxPixels) throws BrokenImageException {
        long pixels = (long) width * height;
        if (pixels > maxPixels) {
            throw new BrokenImageException(
                    name,
                    "its header promises %,d x %,d pixels, more than the %,d allowed (a decompression bomb?)"
                            .formatted(width, height, maxPixels));
        }
    }

    private static Header read(byte[] file) throws Flaw {
        if (file.length == 0) {
            throw new Flaw("the file is empty");
        }
        if (startsWith(file, 0xff, 0xd8, 0xff)) {
            return jpeg(file);
        }
        if (file.length >= 8 && int64(file, 0) == PNG_SIGNATURE) {
            return png(file);
        }
        if (isAscii(file, 0, "RIFF") && isAscii(file, 8, "WEBP")) {
            return webp(file);
        }
        throw new Flaw(
                "it is %s; JPEG, PNG and WebP are read"
                        .formatted(isAscii(file, 0, "GIF8") ? "a GIF" : "no known image format"));
    }

    private static Header jpeg(byte[] file) throws Flaw {
        var segments = new JpegSegments(file);
        int width = 0;
        int height = 0;
        do {
            if (!segments.next()) {
                throw endsWithin(file);
            }
            if (segments.isFrame()) {
                height = segments.uint16(segments.from() + 1);
                width = segments.uint16(segments.from() + 3);
            }
        } while (segments.marker() != JpegSegments.START_OF_SCAN
                && segments.marker() != JpegSegments.END_OF_IMAGE); // an end before any scan
        // Entropy-coded bytes never spell the end marker, so searching back from the end finds it;
        // thumbnails, with ends of their own, lie before the scan.
        for (int end = file.length - 2; end >= segments.to(); end--) {
            if (file[end] == (byte) 0xff && file[end + 1] == (byte) JpegSegments.END_OF_IMAGE) {
                return checked(Format.JPEG, width, height);
            }
        }
        throw new Flaw(NO_END.formatted(file.length));
    }

    private static Header png(byte[] file) throws Flaw {
        Header header = checked(Format.PNG, int32(file, 16), int32(file, 20));
        var crc = new CRC32();
        int at = 8;
        while (true) {
            if (at + 12 > file.length) {
                throw new Flaw(NO_END.formatted(file.length));
            }
            long length = int32(file, at) & 0xffffffffL;
            long end = at + 12 + length;
            if (end > file.length) {
                throw new Flaw(
                        "truncated: a chunk ends at byte %,d of %,d".formatted(end, file.length));
            }
            String type = new String(file, at + 4, 4, StandardCharsets.US_ASCII);
            if (type.equals("acTL")) {
                throw new Flaw("an animated PNG; still images are read");
            }
            crc.reset();
            crc.update(file, at + 4, (int) length + 4);
            boolean critical = Character.isUpperCase(type.charAt(0));
            if (critical && (int) crc.getValue() != int32(file, (int) end - 4)) {
                throw new Flaw("damaged: wrong checksum of chunk %s".formatted(type));
            }
            if (type.equals("IEND")) {
                return header;
            }
            at = (int) end;
        }
    }

    private static Header webp(byte[] file) throws Flaw {
        long promised = 8 + (Integer.reverseBytes(int32(file, 4)) & 0xffffffffL);
        if (promised > file.length) {
            throw new Flaw("truncated: %,d bytes of %,d".formatted(file.length, promised));
        }
        if (isAscii(file, 12, "VP8X")) {
            if ((uint8(file, 20) & 2) != 0) {
                throw new Flaw("an animated WebP; still images are read");
            }
            return checked(Format.WEBP, 1 + uint24Little(file, 24), 1 + uint24Little(file, 27));
        }
        if (isAscii(file, 12, "VP8L")) {
            int bits = Integer.reverseBytes(int32(file, 21));
            return checked(Format.WEBP, 1 + (bits & 0x3fff), 1 + (bits >>> 14 & 0x3fff));
        }
        int size = Integer.reverseBytes(int32(file, 26));
        return checked(Format.WEBP, size & 0x3fff, size >>> 16 & 0x3fff);
    }

    private static Flaw endsWithin(byte[] file) {
        return new Flaw("it ends within its header, after %,d bytes".formatted(file.length));
    }

    private static Header checked(Format format, int width, int height) throws Flaw {
        if (width < 1 || height < 1) {
            throw new Flaw("its header promises %d x %d pixels".formatted(width, height));
        }
        return new Header(format, width, height);
    }

    private static boolean startsWith(byte[] file, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (i >= file.length || uint8(file, i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAscii(byte[] file, int at, String text) {
        return file.length >= at + text.length()
                && new String(file, at, text.length(), StandardCharsets.US_ASCII).equals(text);
    }

    private static int uint8(byte[] file, int at) {
        return file[at] & 0xff;
    }

    private static int uint16(byte[] file, int at) {
        return (uint8(file, at) << 8) | uint8(file, at + 1);
    }

    private static int uint24Little(byte[] file, int at) {
        return uint8(file, at) | (uint8(file, at + 1) << 8) | (uint8(file, at + 2) << 16);
    }

    private static int int32(byte[] file, int at) {
        return (uint16(file, at) << 16) | uint16(file, at + 2);
    }

    private static long int64(byte[] file, int at) {
        return ((long) int32(file, at) << 32) | (int32(file, at + 4) & 0xffffffffL);
    }

    /// What is wrong, before the file's name is known.
    private static final class Flaw extends Exception {

        private static final long serialVersionUID = 1L;

        private final String reason;

        Flaw(String reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
