package dev.isoflop.data.loader;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.Mask;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.Sample;
import dev.isoflop.fault.Check;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Reason;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.Canvas;
import dev.isoflop.image.Pixels;
import dev.isoflop.image.Raster;
import dev.isoflop.image.Resampling;
import dev.isoflop.image.Whole;
import dev.isoflop.image.Window;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Every picture of a dataset once, whole, with its labels, in the dataset's order: what evaluation
/// on masks reads.
///
/// Pictures differ in size, so they come one at a time; some are prepared ahead, on threads of its
/// own. Labels are those of the picture as it is, not as it was resized: a prediction is resized to
/// them. A broken picture is left out and named in {@link #broken}.
///
/// One thread takes the pictures.
public final class WholeImages implements AutoCloseable {

    private final Dataset dataset;
    private final MaskLabels masks;
    private final Settings settings;
    private final ExecutorService workers;
    private final ThreadLocal<Canvas> canvas = ThreadLocal.withInitial(Canvas::new);
    private final Deque<Future<Prepared>> ahead = new ArrayDeque<>();
    private final List<Broken> broken = new ArrayList<>();
    private final int end;
    private int begun; // pictures handed to the workers, and those before the first

    /// How pictures are prepared.
    ///
    /// @param base shorter side at which they are shown, as {@link Window#base}; 0 as they are
    /// @param multiple what sides are padded to a multiple of: the network's patch
    /// @param workers threads that prepare pictures
    public record Settings(int base, int multiple, Resampling resampling, int workers) {

        public Settings {
            Check.that(base >= 0, "base is %s; it must not be negative", base);
            Check.that(multiple >= 1, "multiple is %s; it must be at least 1", multiple);
            Check.that(workers >= 1, "workers is %s; it must be at least 1", workers);
        }
    }

    /// A picture and its labels.
    public static final class Image {

        private final int index;
        private final Whole whole;
        private final String name;
        private final Raster picture;
        private final byte[] labels;

        private Image(int index, String name, Whole whole, Raster picture, byte[] labels) {
            this.index = index;
            this.name = name;
            this.whole = whole;
            this.picture = picture;
            this.labels = labels;
        }

        /// In the dataset.
        public int index() {
            return index;
        }

        /// As the dataset names it.
        public String name() {
            return name;
        }

        /// The picture as the network sees it.
        public Whole whole() {
            return whole;
        }

        /// Of the picture as it is, in pixels.
        public int width() {
            return picture.width();
        }

        /// Of the picture as it is, in pixels.
        public int height() {
            return picture.height();
        }

        /// The picture as it is.
        public Raster picture() {
            return picture;
        }

        /// `height x width` of the picture as it is, as {@link MaskLabels} numbers them; not a
        /// copy.
        public byte[] labels() {
            return labels;
        }
    }

    /// What became of one picture.
    private record Prepared(@Nullable Image image, @Nullable Broken broken) {}

    /// Begins to prepare pictures.
    ///
    /// @param dataset read until it is closed; not closed by it
    /// @param masks of the dataset
    public WholeImages(Dataset dataset, MaskLabels masks, Settings settings) {
        this(dataset, masks, settings, 0, dataset.size());
    }

    /// Begins to prepare some of the pictures.
    ///
    /// @param from index of the first
    /// @param to index after the last
    public WholeImages(Dataset dataset, MaskLabels masks, Settings settings, int from, int to) {
        begun = from;
        end = to;
        this.dataset = dataset;
        this.masks = masks;
        this.settings = settings;
        workers =
                Executors.newFixedThreadPool(
                        settings.workers, Thread.ofPlatform().daemon().name("whole-", 0).factory());
    }

    /// The next picture that can be read; empty after the last.
    ///
    /// @throws InputException if a mask does not fit its picture or its classes
    /// @throws IllegalStateException if preparing a picture failed for another reason, the cause
    public Optional<Image> next() {
        while (true) {
            while (begun < end && ahead.size() < 2 * settings.workers) {
                int index = begun++;
                ahead.add(workers.submit(() -> prepare(index)));
            }
            if (ahead.isEmpty()) {
                return Optional.empty();
            }
            Prepared next = result(ahead.remove());
            if (next.broken != null) {
                broken.add(next.broken);
            } else {
                return Optional.ofNullable(next.image);
            }
        }
    }

    /// The broken pictures met so far.
    public List<Broken> broken() {
        return List.copyOf(broken);
    }

    private static Prepared result(Future<Prepared> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InputException wrong) {
                throw wrong;
            }
            throw new IllegalStateException("an image could not be prepared: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for an image", e);
        }
    }

    private Prepared prepare(int index) {
        try {
            Sample sample = dataset.readWithMask(index);
            Mask mask = sample.mask().orElseThrow();
            try (Pixels pixels = Pixels.of(sample.name(), sample.picture())) {
                MaskLabels.checkSize(sample.name(), mask, pixels.width(), pixels.height());
                Whole whole =
                        pixels.whole(
                                settings.base,
                                settings.multiple,
                                settings.resampling,
                                canvas.get());
                byte[] labels = masks.of(mask);
                Image image = new Image(index, sample.name(), whole, pixels.raster(), labels);
                return new Prepared(image, null);
            }
        } catch (BrokenImageException e) {
            return new Prepared(null, new Broken(e.name(), e.reason()));
        } catch (IOException e) {
            return new Prepared(
                    null, new Broken(dataset.nameOf(index), "it cannot be read: " + Reason.of(e)));
        }
    }

    /// Stops the threads.
    @Override
    public void close() {
        workers.shutdown();
        ahead.forEach(future -> future.cancel(false));
        workers.close(); // waits for the pictures at hand
    }
}
