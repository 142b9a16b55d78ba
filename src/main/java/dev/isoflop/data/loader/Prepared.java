package dev.isoflop.data.loader;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Draws;
import dev.isoflop.data.Mask;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.Sample;
import dev.isoflop.files.Reason;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.Canvas;
import dev.isoflop.image.Pixels;
import dev.isoflop.image.Shown;
import dev.isoflop.image.View;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/// One image, prepared; with what was found on the way to it.
///
/// @param item the image; null if too many files in a row were broken
/// @param good the index of the image that was shown, or -1
/// @param broken files that were tried first, by index
record Prepared(@Nullable Item item, int good, Map<Integer, Broken> broken) {

    /// One image of a chunk and the views that were cut from it.
    ///
    /// Reads the image of this number, or the next that can be read, and cuts its views.
    ///
    /// @param masks what masks become, where they are asked for
    /// @param canvas the calling thread's
    /// @param planes where each view's floats go
    /// @param labels where each view's labels go, where masks are asked for
    public static Prepared of(
            Dataset dataset,
            Shuffle shuffle,
            List<View> views,
            @Nullable MaskLabels masks,
            long number,
            Canvas canvas,
            IntFunction<MemorySegment> planes,
            IntFunction<MemorySegment> labels) {
        var broken = new LinkedHashMap<Integer, Broken>();
        int index = shuffle.index(number);
        int attempts = Math.min(Loader.BROKEN_IN_A_ROW, dataset.size());
        for (int attempt = 0; attempt < attempts; attempt++) {
            try {
                if (masks == null) {
                    Sample sample = dataset.read(index);
                    cut(sample, views, shuffle.seed(), number, canvas, planes, (_, _) -> {});
                    return new Prepared(Item.of(number, sample), index, broken);
                }
                Sample sample = dataset.readWithMask(index);
                Mask mask = sample.mask().orElseThrow();
                cut(
                        sample,
                        views,
                        shuffle.seed(),
                        number,
                        canvas,
                        planes,
                        (view, shown) ->
                                masks.cut(mask, shown, views.get(view).size(), labels.apply(view)));
                return new Prepared(Item.of(number, sample), index, broken);
            } catch (BrokenImageException e) {
                broken.put(index, new Broken(e.name(), e.reason()));
            } catch (IOException e) {
                String reason = "it cannot be read: " + Reason.of(e);
                broken.put(index, new Broken(dataset.nameOf(index), reason));
            }
            index = (index + 1) % dataset.size();
        }
        return new Prepared(null, -1, broken);
    }

    /// What else is cut as a view was.
    private interface AlsoCut {
        void cut(int view, Shown shown);
    }

    private static void cut(
            Sample sample,
            List<View> views,
            long seed,
            long number,
            Canvas canvas,
            IntFunction<MemorySegment> planes,
            AlsoCut alsoCut)
            throws BrokenImageException {
        try (Pixels pixels = Pixels.of(sample.name(), sample.picture())) {
            Optional<Mask> mask = sample.mask();
            if (mask.isPresent()) {
                MaskLabels.checkSize(sample.name(), mask.get(), pixels.width(), pixels.height());
            }
            for (int view = 0; view < views.size(); view++) {
                RandomGenerator random = Draws.of(seed, number, view);
                alsoCut.cut(view, pixels.cut(views.get(view), random, canvas, planes.apply(view)));
            }
        }
    }
}
