package dev.isoflop.image;

/// The bits of a JPEG's scan, up to a marker.
///
/// Beyond the last bit there are zeros, as libjpeg has them, and the scan is exhausted until its
/// next restart.
final class JpegBits {

    /// In a table of codes: nothing.
    static final short NO_CODE = 0;

    private static final int LOOKED_AT = 16; // bits; no code is longer
    private static final int FULL = Long.SIZE - Byte.SIZE; // bits; another byte has room
    private static final int END_OF_IMAGE = JpegSegments.END_OF_IMAGE;
    private static final int FIRST_FRAME = 0xc0; // of the markers that are not reserved
    private static final int RESTARTS = 8; // numbers of theirs

    private final byte[] file;
    private int at; // of what is not in the buffer
    private long buffer;
    private int count; // of bits in it, the last ones
    private boolean atMarker;
    private boolean isExhausted;
    private int nextRestart;

    JpegBits(byte[] file) {
        this.file = file;
    }

    /// An entry of a table of codes, for all 16 bits that begin with a code.
    static short code(int length, int symbol) {
        return (short) (length << Byte.SIZE | symbol);
    }

    /// Begins with a scan's first byte.
    void begin(int place) {
        at = place;
        nextRestart = 0;
        refresh();
    }

    private void refresh() {
        buffer = 0;
        count = 0;
        atMarker = false;
        isExhausted = false;
    }

    /// A place in the file at or before the marker that ends the scan, and behind all that was
    /// read.
    int place() {
        return at;
    }

    /// Whether bits were read that the file does not have.
    boolean isExhausted() {
        return isExhausted;
    }

    /// What the next code means, which is passed over; 0 if there is no such code.
    ///
    /// @param codes by the next 16 bits
    int symbol(short[] codes) {
        if (count < LOOKED_AT) {
            fill();
        }
        long aligned =
                count < LOOKED_AT ? buffer << (LOOKED_AT - count) : buffer >>> (count - LOOKED_AT);
        short code = codes[(int) aligned & 0xffff];
        if (code == NO_CODE) {
            skip(LOOKED_AT + 1); // as libjpeg, which looks for a longer one
            return 0;
        }
        skip(code >> Byte.SIZE);
        return code & 0xff;
    }

    /// Passes over bits.
    void skip(int n) {
        if (count < n) {
            fill();
        }
        isExhausted |= count < n;
        count = Math.max(0, count - n);
    }

    private void fill() {
        while (count < FULL && !atMarker) {
            if (at >= file.length) {
                atMarker = true;
                return;
            }
            int value = file[at] & 0xff;
            int next = at + 1;
            if (value == 0xff) {
                while (next < file.length && file[next] == (byte) 0xff) {
                    next++;
                }
                if (next >= file.length || file[next] != 0) {
                    atMarker = true;
                    return;
                }
                next++; // the 0 that says that 0xff is data
            }
            at = next;
            buffer = buffer << Byte.SIZE | value;
            count += Byte.SIZE;
        }
    }

    /// Goes on behind the restart marker that is due. Where another marker stands, it is passed
    /// over or waited for as libjpeg does: one of the next two numbers means that data are missing,
    /// one of the last two that there are data too many.
    ///
    /// @return false if the scan ends here: no later restart can be found either
    boolean restart() {
        refresh();
        int due = nextRestart;
        nextRestart = (due + 1) % RESTARTS;
        while (true) {
            int place = at;
            while (place + 1 < file.length && !isMarker(place)) {
                place++;
            }
            int marker = place + 1 < file.length ? file[place + 1] & 0xff : END_OF_IMAGE;
            int ahead = Math.floorMod(marker - due, RESTARTS);
            boolean isRestart = JpegSegments.isRestart(marker);
            if (marker >= FIRST_FRAME && (!isRestart || ahead == 1 || ahead == 2)) {
                at = Math.min(place, file.length);
                atMarker = true;
                return isRestart;
            }
            at = place + 2;
            boolean isStale = !isRestart || ahead == RESTARTS - 1 || ahead == RESTARTS - 2;
            if (!isStale) {
                return true;
            }
        }
    }

    private boolean isMarker(int place) {
        int code = file[place + 1] & 0xff;
        return file[place] == (byte) 0xff && code != 0 && code != 0xff;
    }
}
