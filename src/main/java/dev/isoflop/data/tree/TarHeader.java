package dev.isoflop.data.tree;

import java.util.Arrays;
import java.util.OptionalLong;

/// A header of a `.tar`: 512 bytes, as POSIX's ustar and GNU's tar lay them out.
///
/// Looks at the bytes where they are, and is of use for as long as they stay there.
final class TarHeader {

    /// Of a header, and of what contents are padded to.
    static final int BYTES = 512;

    private static final int SUM = 148; // where the checksum stands
    private static final int SUM_LENGTH = 8;
    private static final int SIGN = 0x80; // of GNU's binary numbers

    private final byte[] bytes;
    private final int from;

    TarHeader(byte[] bytes, int from) {
        this.bytes = bytes;
        this.from = from;
    }

    boolean isBlank() {
        return Arrays.mismatch(bytes, from, from + BYTES, new byte[BYTES], 0, BYTES) < 0;
    }

    /// Whether the checksum is right, with bytes as they are or as old tars took them, with signs.
    boolean isSound() {
        long sum = SUM_LENGTH * ' '; // it counts as blank in itself
        long signed = sum;
        for (int i = 0; i < BYTES; i++) {
            if (i < SUM || i >= SUM + SUM_LENGTH) {
                sum += bytes[from + i] & 0xff;
                signed += bytes[from + i];
            }
        }
        OptionalLong stated = number(SUM, SUM_LENGTH);
        return stated.isPresent() && (stated.getAsLong() == sum || stated.getAsLong() == signed);
    }

    char type() {
        return (char) (bytes[from + 156] & 0xff);
    }

    String name() {
        String name = field(0, 100);
        boolean isPosix = field(257, 6).equals("ustar");
        String directory = isPosix ? field(345, 155) : "";
        return directory.isEmpty() ? name : directory + "/" + name;
    }

    /// What a link leads to.
    String target() {
        return field(157, 100);
    }

    /// The size in bytes; none where the field is no number, or a negative one.
    OptionalLong size() {
        return number(124, 12);
    }

    /// Whether a block with more of a sparse file's map follows.
    boolean hasMoreOfTheMap() {
        return bytes[from + 482] != 0;
    }

    /// The same of such a block.
    boolean hasYetMoreOfTheMap() {
        return bytes[from + 504] != 0;
    }

    private String field(int at, int length) {
        return FileNames.text(Arrays.copyOfRange(bytes, from + at, from + at + length));
    }

    /// Octal digits between blanks, or GNU's binary form for what is too large for them. An empty
    /// field is 0.
    private OptionalLong number(int at, int length) {
        int first = from + at;
        int end = first + length;
        if ((bytes[first] & SIGN) != 0) {
            return binary(first, end);
        }
        int i = first;
        while (i < end && bytes[i] == ' ') {
            i++;
        }
        long number = 0;
        while (i < end && bytes[i] >= '0' && bytes[i] <= '7') {
            number = 8 * number + bytes[i] - '0';
            i++;
        }
        while (i < end && bytes[i] == ' ') {
            i++;
        }
        return i == end || bytes[i] == 0 ? OptionalLong.of(number) : OptionalLong.empty();
    }

    private OptionalLong binary(int first, int end) {
        if ((bytes[first] & 0xff) != SIGN) {
            return OptionalLong.empty(); // negative, or beyond any file
        }
        long number = 0;
        for (int i = first + 1; i < end; i++) {
            if (number > (Long.MAX_VALUE >> Byte.SIZE)) {
                return OptionalLong.empty();
            }
            number = (number << Byte.SIZE) | (bytes[i] & 0xff);
        }
        return OptionalLong.of(number);
    }
}
