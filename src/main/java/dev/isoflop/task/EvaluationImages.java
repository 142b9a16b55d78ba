package dev.isoflop.task;

import dev.isoflop.data.Dataset;
import dev.isoflop.data.MaskLabels;
import dev.isoflop.data.loader.Chunk;
import dev.isoflop.data.loader.Item;
import dev.isoflop.data.loader.Loader;
import dev.isoflop.data.loader.WholeImages;
import dev.isoflop.image.Colour;
import dev.isoflop.image.ImageGrid;
import dev.isoflop.image.Raster;
import dev.isoflop.image.Resampling;
import dev.isoflop.image.View;
import dev.isoflop.image.Whole;
import dev.isoflop.image.Window;
import dev.isoflop.torch.Ops;
import dev.isoflop.train.LoaderBatches;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The images that a network is judged on, one after the other, as its protocol shows them.
///
/// @param data with masks
/// @param labels of the masks
/// @param protocol which part, at which size
/// @param patch side in pixels; sides are multiples of it
/// @param threads that prepare images ahead
/// @param brokenShare share of images that may be broken
public record EvaluationImages(
        Dataset data,
        MaskLabels labels,
        Protocol protocol,
        int patch,
        int threads,
        double brokenShare) {

    private static final Resampling FILTER = Resampling.PILLOW_BILINEAR; // as in training
    private static final int AHEAD = 4;

    /// An image with its labels.
    ///
    /// @param number with which it can be had again
    /// @param name of the image
    /// @param pixels `[1, 3, H, W]`, normalised, padded on the right and below
    /// @param shownWidth of them that are picture, in pixels
    /// @param shownHeight likewise
    /// @param width of the labels
    /// @param height of the labels
    /// @param truth `height x width` labels
    /// @param picture of the size of the labels
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Question(
            long number,
            String name,
            Tensor pixels,
            int shownWidth,
            int shownHeight,
            int width,
            int height,
            byte[] truth,
            Raster picture) {}

    /// Whoever answers questions; what it makes of a question's tensor is gone after it.
    public interface Candidate {

        /// Answers one.
        ///
        /// @return whether to go on
        boolean answer(Question question);
    }

    /// Asks about every image once.
    ///
    /// @param broken is told of each image that cannot be read
    /// @return whether the candidate went on to the end
    public boolean ask(Candidate candidate, Consumer<String> broken) {
        return switch (protocol) {
            case Protocol.Centre centre -> askCentres(centre, 0, data.size(), candidate, broken);
            case Protocol.Whole _, Protocol.Sliding _ ->
                    askWholes(threads, 0, data.size(), candidate, broken);
        };
    }

    /// Asks about one image again.
    public void again(long number, Candidate candidate) {
        switch (protocol) {
            case Protocol.Centre centre -> {
                var _ = askCentres(centre, number, number + 1, candidate, _ -> {});
            }
            case Protocol.Whole _, Protocol.Sliding _ -> {
                int index = Math.toIntExact(number);
                var _ = askWholes(1, index, index + 1, candidate, _ -> {});
            }
        }
    }

    private boolean askCentres(
            Protocol.Centre centre,
            long from,
            long to,
            Candidate candidate,
            Consumer<String> broken) {
        int side = centre.side();
        View view = new View(side, new Window.Central(side, centre.base()), FILTER, 0, Colour.NONE);
        Loader.Settings settings = new Loader.Settings(1, 1, 0, threads, AHEAD, brokenShare);
        Set<String> seen = new HashSet<>();
        try (Loader loader = Loader.withMasks(data, List.of(view), labels, settings, from, to)) {
            boolean goOn = true;
            for (long number = from; number < to && goOn; number++) {
                try (PointerScope _ = new PointerScope();
                        Chunk chunk = loader.take()) {
                    Item item = chunk.items().getFirst();
                    if (seen.add(item.name())) { // else it stands for a broken one
                        Tensor pixels = LoaderBatches.pixels(chunk, 0, side); // [1, 3, S, S]
                        byte[] truth = chunk.labels(0).toArray(ValueLayout.JAVA_BYTE);
                        Raster picture = ImageGrid.rasters(pixels).getFirst();
                        goOn =
                                candidate.answer(
                                        new Question(
                                                number,
                                                item.name(),
                                                pixels,
                                                side,
                                                side,
                                                side,
                                                side,
                                                truth,
                                                picture));
                    }
                }
            }
            loader.broken().all().forEach(b -> broken.accept(b.name() + ": " + b.reason()));
            return goOn;
        }
    }

    private boolean askWholes(
            int workers, int from, int to, Candidate candidate, Consumer<String> broken) {
        WholeImages.Settings settings =
                new WholeImages.Settings(protocol.base(), patch, FILTER, workers);
        try (WholeImages images = new WholeImages(data, labels, settings, from, to)) {
            boolean goOn = true;
            Optional<WholeImages.Image> next = images.next();
            while (goOn && next.isPresent()) {
                try (PointerScope _ = new PointerScope()) {
                    goOn = candidate.answer(question(next.get()));
                }
                next = goOn ? images.next() : Optional.empty();
            }
            images.broken().forEach(b -> broken.accept(b.name() + ": " + b.reason()));
            return goOn;
        }
    }

    private static Question question(WholeImages.Image image) {
        Whole whole = image.whole();
        return new Question(
                image.index(),
                image.name(),
                Ops.tensor(whole.pixels(), 1, 3, whole.height(), whole.width()),
                whole.frame().width(),
                whole.frame().height(),
                image.width(),
                image.height(),
                image.labels(),
                image.picture());
    }
}
