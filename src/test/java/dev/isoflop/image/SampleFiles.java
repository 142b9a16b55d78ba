package dev.isoflop.image;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

import javax.imageio.ImageIO;

/// Image files made for tests.
public final class SampleFiles {

    private SampleFiles() {}

    /// Red grows to the right, green downwards, blue is constant.
    public static Raster gradient(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = 3 * (y * width + x);
                rgb[at] = (byte) (255 * x / Math.max(1, width - 1));
                rgb[at + 1] = (byte) (255 * y / Math.max(1, height - 1));
                rgb[at + 2] = 90;
            }
        }
        return new Raster(width, height, rgb);
    }

    public static byte[] jpeg(Raster image) {
        return written("jpg", buffered(image));
    }

    static BufferedImage buffered(Raster image) {
        var buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                int rgb = (image.at(x, y, 0) << 16) | (image.at(x, y, 1) << 8) | image.at(x, y, 2);
                buffered.setRGB(x, y, rgb);
            }
        }
        return buffered;
    }

    static byte[] written(String format, BufferedImage image) {
        var out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, format, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] webp(Raster image) {
        try (var _ = new PointerScope()) {
            byte[] bgr = new byte[image.rgb().length];
            for (int i = 0; i < bgr.length; i++) {
                bgr[i] = image.rgb()[i - i % 3 + 2 - i % 3];
            }
            var pixels = new BytePointer(bgr);
            var mat = new Mat(image.height(), image.width(), opencv_core.CV_8UC3, pixels);
            byte[] file = new byte[1 << 20];
            opencv_imgcodecs.imencode(".webp", mat, file);
            int size = (file[4] & 0xff) | ((file[5] & 0xff) << 8) | ((file[6] & 0xff) << 16);
            return Arrays.copyOf(file, size + 8);
        }
    }

    /// The JPEG with an EXIF header that asks for this orientation (1 to 8).
    static byte[] rotated(byte[] jpeg, int orientation) {
        var out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, 0, 34});
        out.writeBytes(new byte[] {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1});
        out.writeBytes(new byte[] {1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte) orientation, 0, 0});
        out.writeBytes(new byte[4]);
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }
}
