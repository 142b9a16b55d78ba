package dev.isoflop.image;

import dev.isoflop.image.PillowResize.Filter;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.random.RandomGenerator;

/// A picture's pixels in native memory, from which views are cut.
///
/// It opens a pointer scope of its own and closes it: pixels are made, used and closed on one
/// thread (a worker's, where no loop has a scope), and live no longer than one image.
///
/// Colour is 8-bit RGB whatever the file holds: grey is repeated, palettes are looked up, 16 bits
/// are cut to 8, CMYK is converted without a profile, transparency is dropped (as Pillow's
/// `convert("RGB")` drops it), and it is turned as its EXIF or XMP asks ({@link Orientation}).
public final class Pixels implements AutoCloseable {

    private static final int AS_STORED = // what turns it is read from all formats alike
            opencv_imgcodecs.IMREAD_COLOR_RGB | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
    private static final int LEFT_TO_RIGHT = 1; // OpenCV's numbers of flips
    private static final int UPSIDE_DOWN = 0;

    private final PointerScope scope;
    private final Mat rgb;

    private Pixels(PointerScope scope, Mat rgb) {
        this.scope = scope;
        this.rgb = rgb;
    }

    /// Decodes a file or copies a raster, up to {@link Header#MAX_PIXELS} pixels.
    ///
    /// @param name named in the exception
    /// @throws BrokenImageException if the file cannot be decoded whole
    public static Pixels of(String name, Picture picture) throws BrokenImageException {
        return of(name, picture, Header.MAX_PIXELS);
    }

    /// Decodes a file or copies a raster.
    ///
    /// @param name named in the exception
    /// @param maxPixels a file whose header promises more is refused before it is decoded
    /// @throws BrokenImageException if the file cannot be decoded whole
    public static Pixels of(String name, Picture picture, long maxPixels)
            throws BrokenImageException {
        OpenCv.load();
        var scope = new PointerScope();
        try {
            Mat rgb =
                    switch (picture) {
                        case Encoded encoded -> decode(name, encoded.bytes(), maxPixels);
                        case Raster raster ->
                                new Mat(
                                        raster.height(),
                                        raster.width(),
                                        opencv_core.CV_8UC3,
                                        new BytePointer(raster.rgb()));
                    };
            return new Pixels(scope, rgb);
        } catch (BrokenImageException | RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    private static Mat decode(String name, byte[] file, long maxPixels)
            throws BrokenImageException {
        Header header = Header.read(name, file);
        header.refuseAbove(name, maxPixels);
        var bytes = new Mat(1, file.length, opencv_core.CV_8UC1, new BytePointer(file));
        Mat rgb = opencv_imgcodecs.imdecode(bytes, AS_STORED);
        if (rgb.empty()) {
            throw new BrokenImageException(
                    name, "damaged: its %s data cannot be decoded".formatted(header.format()));
        }
        if (header.format() == Header.Format.JPEG
                && JpegData.looksFilled(bytesOf(rgb), rgb.step(), rgb.cols(), rgb.rows())) {
            JpegData.Count count = JpegData.count(file);
            if (!count.isWhole()) {
                throw new BrokenImageException(
                        name,
                        "damaged: it holds %,d of its %,d blocks; a decoder makes grey of the others"
                                .formatted(count.held(), count.blocks()));
            }
        }
        return turned(rgb, Orientation.of(header.format(), file));
    }

    /// Turned and mirrored as EXIF's number of an orientation says.
    private static Mat turned(Mat stored, int orientation) {
        if (orientation == 1) {
            return stored;
        }
        var shown = new Mat();
        switch (orientation) {
            case 2 -> opencv_core.flip(stored, shown, LEFT_TO_RIGHT);
            case 3 -> opencv_core.rotate(stored, shown, opencv_core.ROTATE_180);
            case 4 -> opencv_core.flip(stored, shown, UPSIDE_DOWN);
            case 5 -> opencv_core.transpose(stored, shown);
            case 6 -> opencv_core.rotate(stored, shown, opencv_core.ROTATE_90_CLOCKWISE);
            case 7 -> {
                var transposed = new Mat();
                opencv_core.transpose(stored, transposed);
                opencv_core.rotate(transposed, shown, opencv_core.ROTATE_180);
            }
            default -> opencv_core.rotate(stored, shown, opencv_core.ROTATE_90_COUNTERCLOCKWISE);
        }
        return shown;
    }

    /// In pixels, as turned.
    public int width() {
        return rgb.cols();
    }

    /// In pixels, as turned.
    public int height() {
        return rgb.rows();
    }

    /// Cuts one view: crop, resize, mirror, colours, normalise, pad with the mean.
    ///
    /// @param random decides the crop, then the mirroring, then the colours
    /// @param canvas the calling thread's
    /// @param planes `3 x size x size` floats, written
    /// @return what it shows
    public Shown cut(View view, RandomGenerator random, Canvas canvas, MemorySegment planes) {
        int size = view.size();
        Frame frame = view.crop().frame(width(), height(), size, random);
        boolean mirrored = random.nextDouble() < view.flip();
        List<Step> steps = view.colour().draw(random, size);
        Shown shown = new Shown(frame, mirrored);
        if (frame.fills(size)) {
            paint(shown, view.resampling(), steps, view.colour().arithmetic(), canvas, planes);
        } else {
            MemorySegment part = MemorySegment.ofArray(new float[floats(frame)]);
            paint(shown, view.resampling(), steps, view.colour().arithmetic(), canvas, part);
            Padding.pad(part, frame.width(), frame.height(), planes, size, size);
        }
        return shown;
    }

    /// The whole picture, resized, normalised, and padded with the mean on the right and below.
    ///
    /// @param base as {@link Window#base}
    /// @param multiple what the sides are padded to a multiple of: a network's patch
    /// @param canvas the calling thread's
    public Whole whole(int base, int multiple, Resampling resampling, Canvas canvas) {
        Frame frame = Window.whole(width(), height(), base);
        MemorySegment part = MemorySegment.ofArray(new float[floats(frame)]);
        Shown shown = new Shown(frame, false);
        paint(shown, resampling, List.of(), Colour.Arithmetic.EIGHT_BIT, canvas, part);
        int w = Math.ceilDiv(frame.width(), multiple) * multiple;
        int h = Math.ceilDiv(frame.height(), multiple) * multiple;
        float[] padded = new float[Math.multiplyExact(3 * w, h)];
        Padding.pad(part, frame.width(), frame.height(), MemorySegment.ofArray(padded), w, h);
        return new Whole(padded, w, h, frame);
    }

    private static int floats(Frame frame) {
        return Math.multiplyExact(3 * frame.width(), frame.height());
    }

    /// Paints what is shown, without padding.
    ///
    /// @param planes `3 x height x width` floats of the frame, written
    private void paint(
            Shown shown,
            Resampling resampling,
            List<Step> steps,
            Colour.Arithmetic arithmetic,
            Canvas canvas,
            MemorySegment planes) {
        Box box = shown.frame().box();
        boolean mirrored = shown.mirrored();
        int w = shown.frame().width();
        int h = shown.frame().height();
        try (var _ = new PointerScope()) { // frees what this view took; the next may be large too
            switch (resampling) {
                case LIBTORCH_BICUBIC -> {
                    MemorySegment bytes = resized(box, w, h);
                    if (steps.isEmpty() && w == h) {
                        Normalisation.write(bytes, w, mirrored, planes);
                        return;
                    }
                    canvas.load(bytes, mirrored, w, h);
                }
                case PILLOW_BICUBIC -> resize(box, Filter.BICUBIC, mirrored, w, h, canvas);
                case PILLOW_BILINEAR -> resize(box, Filter.BILINEAR, mirrored, w, h, canvas);
                case TF_BICUBIC -> canvas.resize(bytesOf(rgb), rgb.step(), box, mirrored, w, h);
            }
        }
        canvas.paint(steps, arithmetic, planes);
    }

    /// Resizes a part of the picture as Pillow does; the canvas's levels then hold it.
    void resize(Box box, Filter filter, boolean mirrored, int width, int height, Canvas canvas) {
        canvas.resize(bytesOf(rgb), rgb.step(), box, filter, mirrored, width, height);
    }

    /// A part of the picture, resized to a square.
    public Raster square(Box box, int side) {
        try (var _ = new PointerScope()) {
            byte[] bytes = resized(box, side, side).toArray(ValueLayout.JAVA_BYTE);
            return new Raster(side, side, bytes);
        }
    }

    /// The whole picture as it is.
    public Raster raster() {
        byte[] bytes = bytesOf(rgb).toArray(ValueLayout.JAVA_BYTE);
        return new Raster(width(), height(), bytes);
    }

    private MemorySegment resized(Box box, int toWidth, int toHeight) {
        var part = new Mat(rgb, new Rect(box.x(), box.y(), box.width(), box.height()));
        Mat contiguous = part.clone();
        if (box.width() == toWidth && box.height() == toHeight) {
            return bytesOf(contiguous);
        }
        return Resize.to(contiguous.data(), box.width(), box.height(), toWidth, toHeight);
    }

    /// All rows, whose distance is the matrix's step.
    private static MemorySegment bytesOf(Mat rgb) {
        return Resize.segment(rgb.data(), rgb.step() * (rgb.rows() - 1) + 3L * rgb.cols());
    }

    @Override
    public void close() {
        scope.close();
    }
}
