package dev.isoflop.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;

import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

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

    public static byte[] webp(Raster image) {
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

    /// A progressive JPEG: its first pass has the means of all blocks, later ones refine them.
    static byte[] progressive(Raster image) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        settings.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
        var out = new ByteArrayOutputStream();
        try (var stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(buffered(image), null, null), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /// A JPEG with a restart marker behind each of so many units of its data.
    static byte[] restarting(Raster image, int interval) {
        try (var _ = new PointerScope()) {
            var rgb = new BytePointer(image.rgb());
            var mat = new Mat(image.height(), image.width(), opencv_core.CV_8UC3, rgb);
            var file = new BytePointer();
            int[] settings = {opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL, interval};
            opencv_imgcodecs.imencode(".jpg", mat, file, new IntPointer(settings));
            byte[] bytes = new byte[(int) file.limit()];
            file.get(bytes);
            return bytes;
        }
    }

    /// The JPEG with a segment right behind its start.
    static byte[] withSegment(byte[] jpeg, int marker, byte[] content) {
        ByteBuffer with = ByteBuffer.allocate(jpeg.length + 4 + content.length);
        with.put(jpeg, 0, 2).put((byte) 0xff).put((byte) marker);
        with.putShort((short) (content.length + 2)).put(content);
        return with.put(jpeg, 2, jpeg.length - 2).array();
    }

    /// The PNG with a chunk right behind its header.
    static byte[] withChunk(byte[] png, String type, byte[] content) {
        int at = 33;
        ByteBuffer with = ByteBuffer.allocate(png.length + 12 + content.length);
        with.put(png, 0, at).putInt(content.length).put(type.getBytes(US_ASCII)).put(content);
        var crc = new CRC32();
        crc.update(with.array(), at + 4, 4 + content.length);
        return with.putInt((int) crc.getValue()).put(png, at, png.length - at).array();
    }

    /// The WebP, which must have but one chunk, in the form that has room for others.
    static byte[] withWebpChunk(byte[] webp, Raster image, String type, byte[] content) {
        int padded = content.length + content.length % 2;
        ByteBuffer with = ByteBuffer.allocate(webp.length + 18 + 8 + padded);
        with.order(ByteOrder.LITTLE_ENDIAN);
        with.put(webp, 0, 4).putInt(with.capacity() - 8).put("WEBPVP8X".getBytes(US_ASCII));
        with.putInt(10).putInt(type.equals("EXIF") ? 8 : 4);
        putThree(with, image.width() - 1);
        putThree(with, image.height() - 1);
        with.put(webp, 12, webp.length - 12);
        return with.put(type.getBytes(US_ASCII)).putInt(content.length).put(content).array();
    }

    private static void putThree(ByteBuffer to, int value) {
        to.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
    }

    /// EXIF that asks for this orientation, without the name that goes before it in a JPEG.
    static byte[] exif(int orientation) {
        ByteBuffer tiff = ByteBuffer.allocate(26);
        tiff.put("MM".getBytes(US_ASCII)).putShort((short) 42).putInt(8).putShort((short) 1);
        tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1);
        return tiff.putShort((short) orientation).putShort((short) 0).putInt(0).array();
    }

    /// The JPEG with an EXIF header that asks for this orientation (1 to 8).
    static byte[] rotated(byte[] jpeg, int orientation) {
        ByteBuffer content = ByteBuffer.allocate(32);
        content.put("Exif\0\0".getBytes(US_ASCII)).put(exif(orientation));
        return withSegment(jpeg, 0xe1, content.array());
    }
}
