package dev.isoflop.image;

/// The segments of a JPEG file, one after another, as libjpeg and Pillow find them: bytes between
/// two of them that are no marker are passed over.
///
/// A cursor, on the first segment after the first {@link #next}.
final class JpegSegments {

    static final int START_OF_SCAN = 0xda;
    static final int END_OF_IMAGE = 0xd9;
    static final int HUFFMAN_TABLES = 0xc4;
    static final int RESTART_INTERVAL = 0xdd;
    static final int APP1 = 0xe1;

    private static final int ARITHMETIC_CONDITIONING = 0xcc;
    private static final int RESERVED = 0xc8;
    private static final int TEMPORARY = 0x01;
    private static final int FIRST_RESTART = 0xd0;
    private static final int LAST_RESTART = 0xd7;

    private final byte[] file;
    private int at = 2; // after the start of the image
    private int marker;
    private int from;

    JpegSegments(byte[] file) {
        this.file = file;
    }

    /// Whether a marker begins or continues a run of compressed data.
    static boolean isRestart(int marker) {
        return marker >= FIRST_RESTART && marker <= LAST_RESTART;
    }

    /// Goes to the next segment.
    ///
    /// @return false if the file ends before it does
    boolean next() {
        do {
            marker = nextMarker();
        } while (isRestart(marker) || marker == TEMPORARY);
        from = at;
        if (marker < 0 || marker == END_OF_IMAGE) {
            return marker >= 0;
        }
        if (at + 2 > file.length) {
            return false;
        }
        from = at + 2;
        at += Math.max(2, uint16(at));
        return at <= file.length;
    }

    /// The next byte behind 0xff that is neither 0 nor 0xff; -1 if there is none.
    private int nextMarker() {
        while (at + 1 < file.length) {
            int code = file[at + 1] & 0xff;
            if (file[at] == (byte) 0xff && code != 0 && code != 0xff) {
                at += 2;
                return code;
            }
            at++;
        }
        return -1;
    }

    /// The second byte of the present segment's marker.
    int marker() {
        return marker;
    }

    /// Whether the present segment says the picture's size and components.
    boolean isFrame() {
        return marker >= 0xc0
                && marker <= 0xcf
                && marker != HUFFMAN_TABLES
                && marker != RESERVED
                && marker != ARITHMETIC_CONDITIONING;
    }

    /// Where the present segment's content begins, behind marker and length.
    int from() {
        return from;
    }

    /// Where the present segment ends and what comes after it begins.
    int to() {
        return at;
    }

    /// Goes on from a place behind the present segment.
    void skipTo(int place) {
        at = place;
    }

    int uint8(int place) {
        return file[place] & 0xff;
    }

    int uint16(int place) {
        return uint8(place) << 8 | uint8(place + 1);
    }
}
