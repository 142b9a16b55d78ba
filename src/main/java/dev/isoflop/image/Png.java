package dev.isoflop.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Writes PNG files: 8-bit RGB, for report pages. Pure Java.
public final class Png {

    private static final byte[] SIGNATURE = {
        (byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
    };
    private static final int FILTERS = 3; // none, left neighbour, upper neighbour

    private Png() {}

    /// The image as a PNG file.
    public static byte[] encode(Raster image) {
        var file = new ByteArrayOutputStream();
        file.writeBytes(SIGNATURE);
        ByteBuffer header = ByteBuffer.allocate(13);
        header.putInt(image.width()).putInt(image.height());
        header.put((byte) 8).put((byte) 2); // bits a channel, RGB
        chunk(file, "IHDR", header.array());
        chunk(file, "IDAT", deflated(filtered(image)));
        chunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    /// Each row behind the number of its filter: the one that leaves the smallest differences.
    private static byte[] filtered(Raster image) {
        int length = 3 * image.width();
        byte[] rgb = image.rgb();
        byte[] rows = new byte[image.height() * (length + 1)];
        for (int y = 0; y < image.height(); y++) {
            int to = y * (length + 1);
            int best = 0;
            long least = Long.MAX_VALUE;
            for (int filter = 0; filter < FILTERS; filter++) {
                long sum = 0;
                for (int i = 0; i < length; i++) {
                    sum += Math.abs(difference(rgb, length, y, i, filter));
                }
                if (sum < least) {
                    least = sum;
                    best = filter;
                }
            }
            rows[to] = (byte) best;
            for (int i = 0; i < length; i++) {
                rows[to + 1 + i] = difference(rgb, length, y, i, best);
            }
        }
        return rows;
    }

    private static byte difference(byte[] rgb, int length, int y, int i, int filter) {
        int at = y * length + i;
        int predicted =
                switch (filter) {
                    case 1 -> i >= 3 ? rgb[at - 3] : 0;
                    case 2 -> y > 0 ? rgb[at - length] : 0;
                    default -> 0;
                };
        return (byte) (rgb[at] - predicted);
    }

    private static byte[] deflated(byte[] rows) {
        var out = new ByteArrayOutputStream();
        try (var deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
            deflater.setInput(rows);
            deflater.finish();
            byte[] buffer = new byte[1 << 16];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
        }
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream file, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        var crc = new CRC32();
        crc.update(name);
        crc.update(data);
        file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        file.writeBytes(name);
        file.writeBytes(data);
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
