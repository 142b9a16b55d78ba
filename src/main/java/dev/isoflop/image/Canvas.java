package dev.isoflop.image;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Where views are resized and coloured: the working memory of one thread, used again from view to
/// view, so that nothing is allocated a pixel.
///
/// Not thread-safe; each of the loader's workers has its own.
public final class Canvas {

    private final PillowResize resize = new PillowResize();
    private final Levels levels = new Levels();
    private final TensorFlowResize floatResize = new TensorFlowResize();
    private final Values values = new Values();
    private boolean inValues; // where the picture is: in them, or in levels

    /// Empty; it grows with what is painted on it.
    public Canvas() {}

    /// The picture on it, after it was put there in levels and before steps are taken.
    Levels levels() {
        return levels;
    }

    /// The picture on it, after it was put there in values and before steps are taken.
    Values values() {
        return values;
    }

    /// Puts a picture on it as it is.
    ///
    /// @param rgb `height x width x 3` bytes
    void load(MemorySegment rgb, boolean mirrored, int width, int height) {
        levels.shape(width, height);
        levels.load(rgb, mirrored);
        inValues = false;
    }

    /// Puts a part of a picture on it, by Pillow's arithmetic.
    void resize(
            MemorySegment picture,
            long stride,
            Box box,
            PillowResize.Filter filter,
            boolean mirrored,
            int width,
            int height) {
        levels.shape(width, height);
        resize.resize(picture, stride, box, filter, mirrored, levels);
        inValues = false;
    }

    /// Puts a part of a picture on it, by TensorFlow's bicubic filter.
    void resize(
            MemorySegment picture, long stride, Box box, boolean mirrored, int width, int height) {
        values.shape(width, height);
        floatResize.resize(picture, stride, box, mirrored, values);
        inValues = true;
    }

    /// Takes steps and normalises what comes of them. A blur or a resizing that is not of the
    /// arithmetic rounds to levels, or goes over to values, before the next step.
    ///
    /// @param planes `3 x height x width` floats, written
    void paint(List<Step> steps, Colour.Arithmetic arithmetic, MemorySegment planes) {
        for (int i = 0; i < steps.size(); ) {
            boolean wanted = wantsValues(steps.get(i), arithmetic);
            int end = i + 1;
            while (end < steps.size() && wantsValues(steps.get(end), arithmetic) == wanted) {
                end++;
            }
            if (wanted && !inValues) {
                values.load(levels);
            } else if (!wanted && inValues) {
                values.store(levels);
            }
            inValues = wanted;
            if (wanted) {
                values.take(steps.subList(i, end));
            } else {
                steps.subList(i, end).forEach(levels::take);
            }
            i = end;
        }
        if (inValues) {
            values.normalise(planes);
        } else {
            levels.normalise(planes);
        }
    }

    private static boolean wantsValues(Step step, Colour.Arithmetic arithmetic) {
        return switch (step) {
            case Step.GaussianBlur _ -> true;
            case Step.BoxBlur _ -> false;
            case Step.Lighter _,
                    Step.Brightness _,
                    Step.Contrast _,
                    Step.Saturation _,
                    Step.Hue _,
                    Step.Grayscale _,
                    Step.Solarise _ ->
                    arithmetic == Colour.Arithmetic.FLOAT;
        };
    }
}
