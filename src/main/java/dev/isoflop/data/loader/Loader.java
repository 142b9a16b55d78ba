package dev.isoflop.data.loader;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.image.Canvas;
import dev.isoflop.image.View;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Prepares a run's images ahead of it, on threads of its own, and hands them out in order.
///
/// Which image a global number shows, and every pixel of each of its views, depend on the seed, the
/// number and the view alone: neither on the threads, nor on the size of the chunks, nor on where
/// the run was resumed.
///
/// Where masks are asked for, each view of a mask is cut as that of its picture: the same part,
/// scale and mirroring, by the nearest pixel ({@link MaskLabels}). The pixels are the same as
/// without.
///
/// A broken image, or one whose mask is broken, is replaced by the next of its dataset that can be
/// read, in the dataset's own order (the first follows the last), with the random numbers of the
/// image it stands for. It is named and counted once, when the chunk it belongs to is taken,
/// however often its turn comes.
///
/// One thread takes the chunks and closes them.
public final class Loader implements AutoCloseable {

    /// Distinct images tried before the share of broken ones is judged (all, if there are fewer).
    static final int READ_BEFORE_JUDGED = 100;

    /// Broken files, one after the other in the dataset, that end a run whatever their share.
    static final int BROKEN_IN_A_ROW = 100;

    private final Dataset dataset;
    private final List<View> views;
    private final @Nullable MaskLabels masks; // where they are asked for
    private final Settings settings;
    private final Shuffle shuffle;
    private final long firstImage;
    private final long endImage;
    private final BrokenCount broken; // the taking thread's, as is the next
    private long nanosWaited;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition claimable = lock.newCondition();
    private final Condition filled = lock.newCondition();
    private final ArrayDeque<Filling> fillings = new ArrayDeque<>(); // guarded; in order
    private final ArrayDeque<Buffers> unused = new ArrayDeque<>(); // guarded
    private long nextImage; // guarded; the first that belongs to no filling yet
    private boolean closed; // guarded

    private final Arena arena = Arena.ofShared();
    private final List<Thread> workers = new ArrayList<>();

    /// How images are grouped and prepared.
    ///
    /// @param batch images of one step; no chunk reaches beyond its step's last
    /// @param chunk images handed out at once, at most; the last chunk of a batch may have fewer
    /// @param seed decides the order and the views
    /// @param workers threads that prepare images
    /// @param ahead chunks, prepared or under way, beyond those already taken
    /// @param maxBrokenShare the share of broken images, of those tried so far, that is borne
    public record Settings(
            int batch, int chunk, long seed, int workers, int ahead, double maxBrokenShare) {

        public Settings {
            requirePositive("batch", batch);
            requirePositive("chunk", chunk);
            requirePositive("workers", workers);
            requirePositive("ahead", ahead);
            if (!(maxBrokenShare >= 0 && maxBrokenShare <= 1)) {
                throw new IllegalArgumentException(
                        "maxBrokenShare is %s; write a share from 0 to 1, such as 0.01"
                                .formatted(maxBrokenShare));
            }
        }

        private static void requirePositive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(
                        name + " is " + value + "; it must be 1 or more");
            }
        }
    }

    /// Starts to prepare images.
    ///
    /// @param dataset read until the loader is closed; not closed by it
    /// @param views cut from every image; at least one
    /// @param firstImage the global number of the first image; a multiple of the batch
    /// @param endImage the global number after the last
    public Loader(
            Dataset dataset, List<View> views, Settings settings, long firstImage, long endImage) {
        this(dataset, views, null, settings, firstImage, endImage);
    }

    /// Starts to prepare images and their labels.
    ///
    /// @param dataset read until the loader is closed; not closed by it
    /// @param views cut from every image and its mask; at least one
    /// @param masks of the dataset
    /// @param firstImage the global number of the first image; a multiple of the batch
    /// @param endImage the global number after the last
    public static Loader withMasks(
            Dataset dataset,
            List<View> views,
            MaskLabels masks,
            Settings settings,
            long firstImage,
            long endImage) {
        return new Loader(dataset, views, masks, settings, firstImage, endImage);
    }

    private Loader(
            Dataset dataset,
            List<View> views,
            @Nullable MaskLabels masks,
            Settings settings,
            long firstImage,
            long endImage) {
        if (views.isEmpty()) {
            throw new IllegalArgumentException("a loader without views has nothing to prepare");
        }
        if (firstImage < 0 || firstImage > endImage || firstImage % settings.batch != 0) {
            throw new IllegalArgumentException(
                    "images %,d to %,d do not begin with a batch of %,d"
                            .formatted(firstImage, endImage, settings.batch));
        }
        this.dataset = dataset;
        this.views = List.copyOf(views);
        this.masks = masks;
        this.settings = settings;
        this.shuffle = new Shuffle(settings.seed, dataset.size());
        this.broken = new BrokenCount(dataset.size(), settings.maxBrokenShare);
        this.firstImage = firstImage;
        this.nextImage = firstImage;
        this.endImage = endImage;
        for (int i = 0; i < settings.workers; i++) {
            workers.add(Thread.ofPlatform().daemon().name("loader-" + i).unstarted(this::work));
        }
        workers.forEach(Thread::start);
    }

    /// The next chunk, waiting until it is ready.
    ///
    /// @throws dev.isoflop.fault.InputException if a mask does not fit its image or its classes
    /// @throws dev.isoflop.fault.RunException if more files are broken than the settings bear
    /// @throws NoSuchElementException after the last chunk
    /// @throws IllegalStateException if preparing an image failed for another reason, the cause
    public Chunk take() {
        Filling next = awaitNext();
        List<Prepared> images = next.images();
        images.forEach(broken::count);
        broken.judge();
        List<Item> items =
                images.stream().map(image -> Objects.requireNonNull(image.item())).toList();
        return new Chunk(this, next.buffers, items);
    }

    /// Whether chunks have labels of pixels.
    public boolean masked() {
        return masks != null;
    }

    /// Counts on from the broken images that an earlier part of the run left in a file, and writes
    /// down there each new one as its chunk is taken. Called before the first chunk is taken.
    ///
    /// @param file in the run's folder; made if it is not there, as in an older run, whose images
    ///   before this loader's first are then not counted
    public void keepBroken(Path file) {
        broken.keep(new BrokenLog(file), shuffle, firstImage);
    }

    /// The images tried in the chunks taken so far, and the broken ones among them.
    public BrokenImages broken() {
        return broken.sofar();
    }

    /// How long {@link #take} has waited in all.
    public double secondsWaited() {
        return nanosWaited / 1e9;
    }

    /// Stops the threads, which finish the image at hand, and frees the memory of all chunks.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            claimable.signalAll();
            filled.signalAll();
        } finally {
            lock.unlock();
        }
        for (Thread worker : workers) {
            joinUninterruptibly(worker);
        }
        arena.close();
    }

    private static void joinUninterruptibly(Thread worker) {
        boolean interrupted = false;
        while (worker.isAlive()) {
            try {
                worker.join();
            } catch (InterruptedException _) {
                interrupted = true; // the memory must not be freed before the thread is gone
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Filling awaitNext() {
        long asked = System.nanoTime();
        lock.lock();
        try {
            while (!closed && (fillings.isEmpty() || !fillings.element().isFilled())) {
                if (fillings.isEmpty() && nextImage >= endImage) {
                    throw new NoSuchElementException(
                            "all images before number %,d were taken".formatted(endImage));
                }
                filled.awaitUninterruptibly();
            }
            if (closed) {
                throw new IllegalStateException("the loader is closed");
            }
            claimable.signalAll();
            return fillings.remove();
        } finally {
            lock.unlock();
            nanosWaited += System.nanoTime() - asked;
        }
    }

    void takeBack(Buffers buffers) {
        lock.lock();
        try {
            unused.add(buffers);
        } finally {
            lock.unlock();
        }
    }

    /// One image to prepare.
    private record Claim(Filling filling, int slot) {}

    private void work() {
        var canvas = new Canvas();
        for (Claim next = claim(); next != null; next = claim()) {
            Claim claim = next;
            try {
                Prepared image = prepare(claim.filling, claim.slot, canvas);
                report(() -> claim.filling.finish(claim.slot, image));
            } catch (Throwable t) { // reported to whoever takes the chunk
                report(() -> claim.filling.fail(claim.slot, t));
            }
        }
    }

    private Prepared prepare(Filling filling, int slot, Canvas canvas) {
        return Prepared.of(
                dataset,
                shuffle,
                views,
                masks,
                filling.first + slot,
                canvas,
                view -> filling.buffers.image(view, slot),
                view -> filling.buffers.imageLabels(view, slot));
    }

    private @Nullable Claim claim() {
        lock.lock();
        try {
            while (!closed) {
                Filling last = fillings.peekLast();
                if (last != null && !last.isClaimed()) {
                    return new Claim(last, last.claim());
                }
                if (nextImage >= endImage) {
                    return null;
                }
                if (fillings.size() < settings.ahead) {
                    begin();
                } else {
                    claimable.awaitUninterruptibly();
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /// Begins the next chunk: up to the end of its batch, or of the run.
    private void begin() {
        long endOfBatch = (nextImage / settings.batch + 1) * settings.batch;
        long end = Math.min(nextImage + settings.chunk, Math.min(endOfBatch, endImage));
        Buffers buffers =
                unused.isEmpty()
                        ? new Buffers(arena, views, masks != null, settings.chunk)
                        : unused.remove();
        fillings.add(new Filling(nextImage, (int) (end - nextImage), buffers));
        nextImage = end;
        claimable.signalAll();
    }

    private void report(Runnable change) {
        lock.lock();
        try {
            change.run();
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
