package dev.isoflop.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How many of a JPEG's blocks of pixels its compressed data hold.
///
/// Where the data of a scan break off, at a marker that comes too early, libjpeg warns of a
/// "premature end of data segment" and makes uniform grey of the blocks that have no value yet;
/// OpenCV and Pillow hand that out as the picture. Here the codes are read as libjpeg reads them,
/// but for the pixels, and blocks are counted whose values all come from the file.
///
/// What counts is what gives a block its mean: all codes of a sequential JPEG, the first pass of a
/// progressive one. A progressive JPEG whose later passes are missing shows its whole picture, only
/// coarser. Arithmetic codes are not read; such files are taken to be whole.
///
/// Reference: ITU-T T.81, annexes B and F, and how libjpeg goes on after an error.
final class JpegData {

    private static final int BLOCK = 8; // pixels a side
    private static final int MARGIN = 2; // pixels
    private static final int CHANNELS = 3;
    private static final int COEFFICIENTS = 64;
    private static final int LONGEST_CODE = 16; // bits
    private static final int TABLES = 4;
    private static final int BASELINE = 0xc0;
    private static final int EXTENDED = 0xc1;
    private static final int PROGRESSIVE = 0xc2;
    private static final int MOST_SAMPLING = 4;

    private final JpegSegments segments;
    private final JpegBits bits;
    private final short[][] meanCodes = new short[TABLES][1 << LONGEST_CODE];
    private final short[][] otherCodes = new short[TABLES][1 << LONGEST_CODE];
    private final List<Component> components = new ArrayList<>();
    private final List<Component> seen = new ArrayList<>();
    private long unitsOfFrame; // of a scan of several components
    private int restartInterval; // in units; 0 for none
    private boolean isProgressive;
    private long blocks;
    private long held;

    /// A plane of the picture.
    ///
    /// @param inUnit blocks of it in a unit of a scan of several components
    /// @param blocks of it in a scan of its own
    private record Component(int id, int inUnit, long blocks) {}

    /// A component in a scan.
    ///
    /// @param blocks in a unit
    /// @param mean codes of the first value of a block
    /// @param others codes of the other values
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Part(Component component, int blocks, short[] mean, short[] others) {}

    /// What is counted.
    ///
    /// @param blocks of all components
    /// @param held by the file
    record Count(long blocks, long held) {

        boolean isWhole() {
            return held == blocks;
        }
    }

    private JpegData(byte[] file) {
        segments = new JpegSegments(file);
        bits = new JpegBits(file);
    }

    /// Counts the blocks of a file that a decoder made a picture of.
    static Count count(byte[] file) {
        var data = new JpegData(file);
        try {
            return data.read() ? new Count(data.blocks, data.held) : new Count(0, 0);
        } catch (ArrayIndexOutOfBoundsException _) { // a segment that is shorter than it says
            return new Count(0, 0);
        }
    }

    /// Whether a decoded picture has a block of the grey that stands for missing data: 128, or what
    /// becomes of it in CMYK. So has many a picture in truth; but without one nothing is missing.
    ///
    /// @param rgb `height x stride` bytes, three a pixel, not turned
    static boolean looksFilled(MemorySegment rgb, long stride, int width, int height) {
        for (int top = 0; top < height; top += BLOCK) {
            for (int left = 0; left < width; left += BLOCK) {
                int x = Math.min(left + MARGIN, width - 1);
                int y = Math.min(top + MARGIN, height - 1);
                byte level = rgb.get(ValueLayout.JAVA_BYTE, y * stride + (long) CHANNELS * x);
                if (isFilling(level)) {
                    int right = Math.min(left + BLOCK - MARGIN, width);
                    int bottom = Math.min(top + BLOCK - MARGIN, height);
                    if (isOfOneLevel(rgb, stride, x, y, right, bottom, level)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean isFilling(byte level) {
        return level == (byte) 128 || level == 64 || level == 65;
    }

    /// Asked of the middle of a block, for colour of the next ones may spread to its rim.
    private static boolean isOfOneLevel(
            MemorySegment rgb, long stride, int x, int y, int right, int bottom, byte level) {
        for (int row = y; row < bottom; row++) {
            for (long at = (long) CHANNELS * x; at < (long) CHANNELS * right; at++) {
                if (rgb.get(ValueLayout.JAVA_BYTE, row * stride + at) != level) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Reads to the end of the image; false if its codes are of a kind that is not read.
    private boolean read() {
        while (segments.next() && segments.marker() != JpegSegments.END_OF_IMAGE) {
            if (segments.isFrame()) {
                if (!readFrame()) {
                    return false;
                }
            } else {
                switch (segments.marker()) {
                    case JpegSegments.HUFFMAN_TABLES -> readTables();
                    case JpegSegments.RESTART_INTERVAL ->
                            restartInterval = segments.uint16(segments.from());
                    case JpegSegments.START_OF_SCAN -> {
                        if (!readScan()) {
                            return false;
                        }
                    }
                    default -> {}
                }
            }
        }
        components.removeAll(seen);
        components.forEach(unseen -> blocks += unseen.blocks);
        return true;
    }

    private boolean readFrame() {
        int marker = segments.marker();
        isProgressive = marker == PROGRESSIVE;
        if (marker != BASELINE && marker != EXTENDED && !isProgressive) {
            return false;
        }
        int at = segments.from() + 1; // after the precision
        int height = segments.uint16(at);
        int width = segments.uint16(at + 2);
        int count = segments.uint8(at + 4);
        int[] ids = new int[count];
        int[] across = new int[count];
        int[] down = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = segments.uint8(at + 5 + 3 * i);
            across[i] = segments.uint8(at + 6 + 3 * i) >> 4;
            down[i] = segments.uint8(at + 6 + 3 * i) & 0xf;
            if (!isSampling(across[i]) || !isSampling(down[i])) {
                return false;
            }
        }
        int mostAcross = Arrays.stream(across).max().orElse(1);
        int mostDown = Arrays.stream(down).max().orElse(1);
        unitsOfFrame =
                (long) Math.ceilDiv(width, BLOCK * mostAcross)
                        * Math.ceilDiv(height, BLOCK * mostDown);
        for (int i = 0; i < count; i++) {
            int w = Math.ceilDiv(width * across[i], mostAcross);
            int h = Math.ceilDiv(height * down[i], mostDown);
            long own = (long) Math.ceilDiv(w, BLOCK) * Math.ceilDiv(h, BLOCK);
            components.add(new Component(ids[i], across[i] * down[i], own));
        }
        return true;
    }

    private static boolean isSampling(int factor) {
        return factor >= 1 && factor <= MOST_SAMPLING;
    }

    /// The codes of any number of tables: how many there are of each length, then what they mean.
    private void readTables() {
        int at = segments.from();
        while (at < segments.to()) {
            int kind = segments.uint8(at);
            short[] codes = (kind >> 4 == 0 ? meanCodes : otherCodes)[kind & 0xf];
            Arrays.fill(codes, JpegBits.NO_CODE);
            int symbol = at + 1 + LONGEST_CODE;
            int next = 0; // of the 16 bits that begin with the next code
            for (int length = 1; length <= LONGEST_CODE; length++) {
                int share = 1 << (LONGEST_CODE - length);
                for (int i = segments.uint8(at + length); i > 0; i--) {
                    short code = JpegBits.code(length, segments.uint8(symbol++));
                    Arrays.fill(codes, next, next + share, code);
                    next += share;
                }
            }
            at = symbol;
        }
    }

    private boolean readScan() {
        int at = segments.from();
        int count = segments.uint8(at);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int id = segments.uint8(at + 1 + 2 * i);
            int tables = segments.uint8(at + 2 + 2 * i);
            short[] mean = meanCodes[tables >> 4];
            short[] others = otherCodes[tables & 0xf];
            components.stream()
                    .filter(component -> component.id == id)
                    .findFirst()
                    .ifPresent(of ->
                            parts.add(new Part(of, count == 1 ? 1 : of.inUnit, mean, others)));
        }
        if (parts.isEmpty() || parts.size() != count) {
            return false;
        }
        int firstValue = segments.uint8(at + 1 + 2 * count);
        int refined = segments.uint8(at + 3 + 2 * count) >> 4; // bits that an earlier pass gave
        if (isProgressive && (firstValue > 0 || refined > 0)) {
            return true; // the cursor passes over its data
        }
        long units = count == 1 ? parts.getFirst().component.blocks : unitsOfFrame;
        int blocksOfUnit = parts.stream().mapToInt(Part::blocks).sum();
        blocks += units * blocksOfUnit;
        held += wholeUnits(parts, units) * blocksOfUnit;
        parts.forEach(part -> seen.add(part.component));
        segments.skipTo(bits.place());
        return true;
    }

    private long wholeUnits(List<Part> parts, long units) {
        bits.begin(segments.to());
        long whole = 0;
        long interval = restartInterval == 0 ? units : restartInterval;
        for (long first = 0; first < units; first += interval) {
            if (first > 0 && !bits.restart()) {
                break;
            }
            long last = Math.min(first + interval, units);
            for (long unit = first; unit < last; unit++) {
                parts.forEach(this::readBlocks);
                if (bits.isExhausted()) {
                    break;
                }
                whole++;
            }
        }
        return whole;
    }

    private void readBlocks(Part part) {
        for (int i = 0; i < part.blocks; i++) {
            bits.skip(bits.symbol(part.mean));
            for (int k = 1; k < COEFFICIENTS && !isProgressive; k++) {
                int symbol = bits.symbol(part.others);
                int zeros = symbol >> 4;
                int size = symbol & 0xf;
                if (size == 0 && zeros < 0xf) {
                    break; // the other values are 0
                }
                k += zeros;
                bits.skip(size);
            }
        }
    }
}
