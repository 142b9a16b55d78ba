package dev.isoflop.image;

import dev.isoflop.fault.InputException;

import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;

import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/// Reads PNG files whose pixels are numbers, not colours: masks.
///
/// Grey values and indices of a palette are handed out as they stand in the file, whatever the
/// palette's colours; 1, 2, 4 or 8 bits. OpenCV would look palettes up and stretch grey of few
/// bits, hence javax.imageio.
public final class IndexPng {

    private static final int DEPTH_AT = 24; // of the IHDR chunk
    private static final int COLOUR_AT = 25;
    private static final int MOST_BITS = 8;

    private IndexPng() {}

    /// The numbers of a picture.
    public static final class Numbers {

        private final int width;
        private final int height;
        private final byte[] values;

        private Numbers(int width, int height, byte[] values) {
            this.width = width;
            this.height = height;
            this.values = values;
        }

        /// In pixels.
        public int width() {
            return width;
        }

        /// In pixels.
        public int height() {
            return height;
        }

        /// `height x width`, row by row; not a copy.
        public byte[] values() {
            return values;
        }
    }

    /// Reads a file.
    ///
    /// @param name named in the exception
    /// @throws BrokenImageException if it is damaged or truncated
    /// @throws InputException if it is a whole picture of another kind
    public static Numbers read(String name, byte[] file) throws BrokenImageException {
        Header header = Header.read(name, file);
        header.refuseAbove(name, Header.MAX_PIXELS);
        if (header.format() != Header.Format.PNG) {
            throw new InputException(
                    "%s is a %s; a mask is a PNG, whose pixels stay as they were written"
                            .formatted(name, header.format()));
        }
        int bits = file[DEPTH_AT];
        String kind =
                switch (file[COLOUR_AT]) {
                    case 0, 3 -> "";
                    case 4 -> "grey with transparency";
                    default -> "in colour";
                };
        if (!kind.isEmpty()) {
            throw new InputException(
                    "%s is %s; a mask has one number a pixel: 8-bit grey, or a palette"
                            .formatted(name, kind));
        }
        if (bits > MOST_BITS) {
            throw new InputException(
                    "%s has %d bits a pixel; a mask has 8 at most: 254 classes, and 255 for what is"
                                    .formatted(name, bits)
                            + " ignored");
        }
        Raster raster = decode(name, file);
        int w = raster.getWidth();
        int h = raster.getHeight();
        byte[] values = new byte[w * h];
        if (raster.getNumBands() == 1) {
            raster.getDataElements(0, 0, w, h, values);
        } else { // grey with a transparent value
            int[] samples = raster.getSamples(0, 0, w, h, 0, (int[]) null);
            for (int i = 0; i < values.length; i++) {
                values[i] = (byte) samples[i];
            }
        }
        return new Numbers(w, h, values);
    }

    private static Raster decode(String name, byte[] file) throws BrokenImageException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader.setInput(in, true, true);
            return reader.read(0).getRaster();
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new BrokenImageException(name, "damaged: its PNG data cannot be decoded");
        } finally {
            reader.dispose();
        }
    }
}
