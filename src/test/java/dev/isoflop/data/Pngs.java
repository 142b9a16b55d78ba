package dev.isoflop.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

import javax.imageio.ImageIO;

/// Index PNGs made for tests.
final class Pngs {

    private Pngs() {}

    /// Grey of 8 bits.
    static byte[] grey(int width, int height, int... values) {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setPixels(0, 0, width, height, values);
        return written(image);
    }

    /// Indices of a palette whose colours are far from the indices.
    ///
    /// @param bits of an index
    static byte[] palette(int bits, int width, int height, int... values) {
        int colours = 1 << bits;
        byte[] red = new byte[colours];
        byte[] green = new byte[colours];
        byte[] blue = new byte[colours];
        for (int i = 0; i < colours; i++) {
            red[i] = (byte) (255 - 7 * i);
            green[i] = (byte) (13 * i);
            blue[i] = 77;
        }
        var model = new IndexColorModel(bits, colours, red, green, blue);
        int type = bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY;
        var image = new BufferedImage(width, height, type, model);
        image.getRaster().setPixels(0, 0, width, height, values);
        return written(image);
    }

    static byte[] grey16(int width, int height) {
        return written(new BufferedImage(width, height, BufferedImage.TYPE_USHORT_GRAY));
    }

    static byte[] colour(int width, int height) {
        return written(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB));
    }

    private static byte[] written(BufferedImage image) {
        var out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
